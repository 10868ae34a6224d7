//! `MemoryAccess`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::WireError;

/// The enum `MemoryAccess`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum MemoryAccess {
    /// The value `read`.
    Read = 0,
    /// and read
    Write = 1,
    /// and read
    Execute = 2,
}

impl MemoryAccess {
    /// The value with this number. Errors: `Unknown`.
    #[inline]
    pub fn from_wire(number: u16) -> Result<Self, WireError> {
        match number {
            0 => Ok(Self::Read),
            1 => Ok(Self::Write),
            2 => Ok(Self::Execute),
            other => Err(WireError::Unknown(other)),
        }
    }

    /// The number of this value.
    #[inline]
    pub fn to_wire(self) -> u16 {
        self as u16
    }
}
