//! `ExportRef`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{WireError, reader, writer};

reader! {
    /// The struct `ExportRef`.
    ExportRefReader
}

impl<'a> ExportRefReader<'a> {
    /// The field `service`.
    #[inline]
    pub fn service(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `export`.
    #[inline]
    pub fn export(self) -> Result<&'a str, WireError> {
        self.0.text(1)
    }
}

writer! {
    /// Writes [`ExportRefReader`].
    ExportRefWriter(0, 2)
}

impl ExportRefWriter<'_> {
    /// The field `service`.
    #[inline]
    pub fn set_service(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `export`.
    #[inline]
    pub fn set_export(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(1, value)
    }
}
