//! `BlockInfo`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, reader, writer};

reader! {
    /// The struct `BlockInfo`.
    BlockInfoReader
}

impl<'a> BlockInfoReader<'a> {
    /// The field `blockSize`.
    #[inline]
    pub fn block_size(self) -> u32 {
        self.0.u32(0)
    }

    /// The field `blockCount`.
    #[inline]
    pub fn block_count(self) -> u64 {
        self.0.u64(1)
    }

    /// The field `readOnly`.
    #[inline]
    pub fn read_only(self) -> bool {
        self.0.bool(32)
    }

    /// The field `serial`.
    #[inline]
    pub fn serial(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }
}

writer! {
    /// Writes [`BlockInfoReader`].
    BlockInfoWriter(2, 1)
}

impl BlockInfoWriter<'_> {
    /// The field `blockSize`.
    #[inline]
    pub fn set_block_size(&mut self, value: u32) {
        self.0.set_u32(0, value);
    }

    /// The field `blockCount`.
    #[inline]
    pub fn set_block_count(&mut self, value: u64) {
        self.0.set_u64(1, value);
    }

    /// The field `readOnly`.
    #[inline]
    pub fn set_read_only(&mut self, value: bool) {
        self.0.set_bool(32, value);
    }

    /// The field `serial`.
    #[inline]
    pub fn set_serial(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }
}
