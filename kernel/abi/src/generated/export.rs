//! `Export`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, list_writer, reader, writer};

reader! {
    /// An endpoint that init makes; the service receives its owner side under the export's name.
    ExportReader
}

impl<'a> ExportReader<'a> {
    /// The field `name`.
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `interfaceId`.
    #[inline]
    pub fn interface_id(self) -> u64 {
        self.0.u64(0)
    }
}

writer! {
    /// Writes [`ExportReader`].
    ExportWriter(1, 1)
}

impl ExportWriter<'_> {
    /// The field `name`.
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `interfaceId`.
    #[inline]
    pub fn set_interface_id(&mut self, value: u64) {
        self.0.set_u64(0, value);
    }
}

list_writer! {
    /// Writes a list of [`ExportReader`].
    ExportListWriter of ExportWriter
}
