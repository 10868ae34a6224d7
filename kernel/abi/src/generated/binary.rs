//! `Binary`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, list_writer, reader, writer};

reader! {
    /// The struct `Binary`.
    BinaryReader
}

impl<'a> BinaryReader<'a> {
    /// unique; \[a-z0-9-\]{1,32}
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// from the start of the boot module; a multiple of 4096
    #[inline]
    pub fn offset(self) -> u64 {
        self.0.u64(0)
    }

    /// bytes of the ELF
    #[inline]
    pub fn length(self) -> u64 {
        self.0.u64(1)
    }

    /// 32 bytes, checked once at boot
    #[inline]
    pub fn sha256(self) -> Result<&'a [u8], WireError> {
        self.0.data(1)
    }
}

writer! {
    /// Writes [`BinaryReader`].
    BinaryWriter(2, 2)
}

impl BinaryWriter<'_> {
    /// unique; \[a-z0-9-\]{1,32}
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// from the start of the boot module; a multiple of 4096
    #[inline]
    pub fn set_offset(&mut self, value: u64) {
        self.0.set_u64(0, value);
    }

    /// bytes of the ELF
    #[inline]
    pub fn set_length(&mut self, value: u64) {
        self.0.set_u64(1, value);
    }

    /// 32 bytes, checked once at boot
    #[inline]
    pub fn set_sha256(&mut self, value: &[u8]) -> Result<(), WireError> {
        self.0.set_data(1, value)
    }

    /// 32 bytes, checked once at boot
    #[inline]
    pub fn init_sha256(&mut self, len: usize) -> Result<&mut [u8], WireError> {
        self.0.init_data(1, len)
    }
}

list_writer! {
    /// Writes a list of [`BinaryReader`].
    BinaryListWriter of BinaryWriter
}
