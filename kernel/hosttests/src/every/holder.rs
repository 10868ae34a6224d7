//! `Holder`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use capos_abi::wire::{WireError, list_writer, reader, writer};

reader! {
    /// The struct `Holder`.
    HolderReader
}

impl<'a> HolderReader<'a> {
    /// The field `any`: the index of a capability in the transfer list.
    #[inline]
    pub fn any(self) -> Result<u32, WireError> {
        self.0.capability(0)
    }

    /// The field `typed`: the index of a `Calls` in the transfer list.
    #[inline]
    pub fn typed(self) -> Result<u32, WireError> {
        self.0.capability(1)
    }

    /// The field `inner`.
    #[inline]
    pub fn inner(self) -> Result<HolderInnerReader<'a>, WireError> {
        self.0.structure(2)
    }
}

writer! {
    /// Writes [`HolderReader`].
    HolderWriter(0, 3)
}

impl HolderWriter<'_> {
    /// The field `any`: the index of a capability in the transfer list.
    #[inline]
    pub fn set_any(&mut self, value: u32) -> Result<(), WireError> {
        self.0.set_capability(0, value)
    }

    /// The field `typed`: the index of a `Calls` in the transfer list.
    #[inline]
    pub fn set_typed(&mut self, value: u32) -> Result<(), WireError> {
        self.0.set_capability(1, value)
    }

    /// The field `inner`.
    #[inline]
    pub fn init_inner(&mut self) -> Result<HolderInnerWriter<'_>, WireError> {
        self.0.init_struct(2, HolderInnerWriter::SIZE)
    }
}

list_writer! {
    /// Writes a list of [`HolderReader`].
    HolderListWriter of HolderWriter
}

reader! {
    /// The struct `HolderInner`.
    HolderInnerReader
}

impl HolderInnerReader<'_> {
    /// The field `depth`.
    #[inline]
    pub fn depth(self) -> u8 {
        self.0.u8(0)
    }
}

writer! {
    /// Writes [`HolderInnerReader`].
    HolderInnerWriter(1, 0)
}

impl HolderInnerWriter<'_> {
    /// The field `depth`.
    #[inline]
    pub fn set_depth(&mut self, value: u8) {
        self.0.set_u8(0, value);
    }
}
