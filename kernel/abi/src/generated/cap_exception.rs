//! `CapException`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, reader, writer};

reader! {
    /// The struct `CapException`.
    CapExceptionReader
}

impl<'a> CapExceptionReader<'a> {
    /// The field `type`.
    #[inline]
    pub fn r#type(self) -> Result<CapExceptionType, WireError> {
        CapExceptionType::from_wire(self.0.u16(0))
    }

    /// one sentence; no addresses, no secrets
    #[inline]
    pub fn reason(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }
}

writer! {
    /// Writes [`CapExceptionReader`].
    CapExceptionWriter(1, 1)
}

impl CapExceptionWriter<'_> {
    /// The field `type`.
    #[inline]
    pub fn set_type(&mut self, value: CapExceptionType) {
        self.0.set_u16(0, value.to_wire());
    }

    /// one sentence; no addresses, no secrets
    #[inline]
    pub fn set_reason(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }
}

/// The enum `CapExceptionType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CapExceptionType {
    /// The value `failed`.
    Failed = 0,
    /// The value `overloaded`.
    Overloaded = 1,
    /// The value `disconnected`.
    Disconnected = 2,
    /// The value `unimplemented`.
    Unimplemented = 3,
    /// The value `invalidArgument`.
    InvalidArgument = 4,
}

impl CapExceptionType {
    /// The value with this number. Errors: `Unknown`.
    #[inline]
    pub fn from_wire(number: u16) -> Result<Self, WireError> {
        match number {
            0 => Ok(Self::Failed),
            1 => Ok(Self::Overloaded),
            2 => Ok(Self::Disconnected),
            3 => Ok(Self::Unimplemented),
            4 => Ok(Self::InvalidArgument),
            other => Err(WireError::Unknown(other)),
        }
    }

    /// The number of this value.
    #[inline]
    pub fn to_wire(self) -> u16 {
        self as u16
    }
}
