//! `Init`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::generated::{KernelGrantListWriter, KernelGrantReader, KernelGrantWriter};
use crate::wire::{StructList, WireError, reader, writer};

reader! {
    /// The struct `Init`.
    InitReader
}

impl<'a> InitReader<'a> {
    /// index into binaries
    #[inline]
    pub fn binary(self) -> u16 {
        self.0.u16(0)
    }

    /// The field `grants`.
    #[inline]
    pub fn grants(self) -> Result<StructList<'a, KernelGrantReader<'a>>, WireError> {
        self.0.structs(0)
    }
}

writer! {
    /// Writes [`InitReader`].
    InitWriter(1, 1)
}

impl InitWriter<'_> {
    /// index into binaries
    #[inline]
    pub fn set_binary(&mut self, value: u16) {
        self.0.set_u16(0, value);
    }

    /// The field `grants`.
    #[inline]
    pub fn init_grants(&mut self, count: usize) -> Result<KernelGrantListWriter<'_>, WireError> {
        self.0.init_structs(0, KernelGrantWriter::SIZE, count)
    }
}
