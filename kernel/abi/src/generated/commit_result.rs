//! `CommitResult`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{StructReader, WireError, reader, writer};

reader! {
    /// The struct `CommitResult`.
    CommitResultReader
}

impl<'a> CommitResultReader<'a> {
    /// The case of the union that is set. Errors: `Unknown`, and those of its value.
    #[inline]
    pub fn which(self) -> Result<CommitResultWhich<'a>, WireError> {
        CommitResultWhich::from_struct(self.0)
    }
}

/// The union of `CommitResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitResultWhich<'a> {
    /// The case `generation`.
    Generation(u64),
    /// The case `failed`.
    Failed(&'a str),
}

impl<'a> CommitResultWhich<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(4) {
            0 => Ok(Self::Generation(reader.u64(0))),
            1 => reader.text(0).map(Self::Failed),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`CommitResultReader`].
    CommitResultWriter(2, 1)
}

impl CommitResultWriter<'_> {
    /// Chooses the case `generation`.
    #[inline]
    pub fn set_generation(&mut self, value: u64) {
        self.0.set_u16(4, 0);
        self.0.set_u64(0, value);
    }

    /// Chooses the case `failed`.
    #[inline]
    pub fn set_failed(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_u16(4, 1);
        self.0.set_text(0, value)
    }
}
