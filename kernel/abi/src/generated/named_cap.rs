//! `NamedCap`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, list_writer, reader, writer};

reader! {
    /// The struct `NamedCap`.
    NamedCapReader
}

impl<'a> NamedCapReader<'a> {
    /// unique within the CapSet; 1 to 32 bytes of \[a-z0-9-.\]
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `cap`: the index of a capability in the transfer list.
    #[inline]
    pub fn cap(self) -> Result<u32, WireError> {
        self.0.capability(1)
    }
}

writer! {
    /// Writes [`NamedCapReader`].
    NamedCapWriter(0, 2)
}

impl NamedCapWriter<'_> {
    /// unique within the CapSet; 1 to 32 bytes of \[a-z0-9-.\]
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `cap`: the index of a capability in the transfer list.
    #[inline]
    pub fn set_cap(&mut self, value: u32) -> Result<(), WireError> {
        self.0.set_capability(1, value)
    }
}

list_writer! {
    /// Writes a list of [`NamedCapReader`].
    NamedCapListWriter of NamedCapWriter
}
