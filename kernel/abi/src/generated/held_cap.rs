//! `HeldCap`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, list_writer, reader, writer};

reader! {
    /// The struct `HeldCap`.
    HeldCapReader
}

impl<'a> HeldCapReader<'a> {
    /// its id
    #[inline]
    pub fn cap(self) -> u32 {
        self.0.u32(0)
    }

    /// The field `revoked`.
    #[inline]
    pub fn revoked(self) -> bool {
        self.0.bool(32)
    }

    /// The field `interfaceId`.
    #[inline]
    pub fn interface_id(self) -> u64 {
        self.0.u64(1)
    }

    /// of a kernel object; empty for a client facet
    #[inline]
    pub fn interface_name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }
}

writer! {
    /// Writes [`HeldCapReader`].
    HeldCapWriter(2, 1)
}

impl HeldCapWriter<'_> {
    /// its id
    #[inline]
    pub fn set_cap(&mut self, value: u32) {
        self.0.set_u32(0, value);
    }

    /// The field `revoked`.
    #[inline]
    pub fn set_revoked(&mut self, value: bool) {
        self.0.set_bool(32, value);
    }

    /// The field `interfaceId`.
    #[inline]
    pub fn set_interface_id(&mut self, value: u64) {
        self.0.set_u64(1, value);
    }

    /// of a kernel object; empty for a client facet
    #[inline]
    pub fn set_interface_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }
}

list_writer! {
    /// Writes a list of [`HeldCapReader`].
    HeldCapListWriter of HeldCapWriter
}
