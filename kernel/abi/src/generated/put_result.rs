//! `PutResult`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{StructReader, WireError, reader, writer};

reader! {
    /// The struct `PutResult`.
    PutResultReader
}

impl<'a> PutResultReader<'a> {
    /// The case of the union that is set. Errors: `Unknown`, and those of its value.
    #[inline]
    pub fn which(self) -> Result<PutResultWhich<'a>, WireError> {
        PutResultWhich::from_struct(self.0)
    }
}

/// The union of `PutResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutResultWhich<'a> {
    /// The case `digest`.
    Digest(&'a [u8]),
    /// The case `full`.
    Full,
    /// The case `tooLarge`.
    TooLarge,
}

impl<'a> PutResultWhich<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => reader.data(0).map(Self::Digest),
            1 => Ok(Self::Full),
            2 => Ok(Self::TooLarge),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`PutResultReader`].
    PutResultWriter(1, 1)
}

impl PutResultWriter<'_> {
    /// Chooses the case `digest`.
    #[inline]
    pub fn set_digest(&mut self, value: &[u8]) -> Result<(), WireError> {
        self.0.set_u16(0, 0);
        self.0.set_data(0, value)
    }

    /// Chooses the case `digest`.
    #[inline]
    pub fn init_digest(&mut self, len: usize) -> Result<&mut [u8], WireError> {
        self.0.set_u16(0, 0);
        self.0.init_data(0, len)
    }

    /// Chooses the case `full`.
    #[inline]
    pub fn set_full(&mut self) {
        self.0.set_u16(0, 1);
    }

    /// Chooses the case `tooLarge`.
    #[inline]
    pub fn set_too_large(&mut self) {
        self.0.set_u16(0, 2);
    }
}
