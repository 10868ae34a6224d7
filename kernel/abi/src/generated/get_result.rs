//! `GetResult`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{StructReader, WireError, reader, writer};

reader! {
    /// The struct `GetResult`.
    GetResultReader
}

impl<'a> GetResultReader<'a> {
    /// The case of the union that is set. Errors: `Unknown`, and those of its value.
    #[inline]
    pub fn which(self) -> Result<GetResultWhich<'a>, WireError> {
        GetResultWhich::from_struct(self.0)
    }
}

/// The union of `GetResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetResultWhich<'a> {
    /// The case `data`.
    Data(&'a [u8]),
    /// The case `notFound`.
    NotFound,
    /// The case `corrupt`.
    Corrupt,
}

impl<'a> GetResultWhich<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => reader.data(0).map(Self::Data),
            1 => Ok(Self::NotFound),
            2 => Ok(Self::Corrupt),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`GetResultReader`].
    GetResultWriter(1, 1)
}

impl GetResultWriter<'_> {
    /// Chooses the case `data`.
    #[inline]
    pub fn set_data(&mut self, value: &[u8]) -> Result<(), WireError> {
        self.0.set_u16(0, 0);
        self.0.set_data(0, value)
    }

    /// Chooses the case `data`.
    #[inline]
    pub fn init_data(&mut self, len: usize) -> Result<&mut [u8], WireError> {
        self.0.set_u16(0, 0);
        self.0.init_data(0, len)
    }

    /// Chooses the case `notFound`.
    #[inline]
    pub fn set_not_found(&mut self) {
        self.0.set_u16(0, 1);
    }

    /// Chooses the case `corrupt`.
    #[inline]
    pub fn set_corrupt(&mut self) {
        self.0.set_u16(0, 2);
    }
}
