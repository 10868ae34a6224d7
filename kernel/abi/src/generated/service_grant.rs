//! `ServiceGrant`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::generated::{ExportRefReader, ExportRefWriter};
use crate::wire::{StructReader, WireError, list_writer, reader, writer};

reader! {
    /// The struct `ServiceGrant`.
    ServiceGrantReader
}

impl<'a> ServiceGrantReader<'a> {
    /// The field `name`.
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `source`.
    #[inline]
    pub fn source(self) -> Result<ServiceGrantSource<'a>, WireError> {
        ServiceGrantSource::from_struct(self.0)
    }
}

writer! {
    /// Writes [`ServiceGrantReader`].
    ServiceGrantWriter(1, 2)
}

impl ServiceGrantWriter<'_> {
    /// The field `name`.
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `source`.
    #[inline]
    pub fn source(&mut self) -> ServiceGrantSourceWriter<'_> {
        ServiceGrantSourceWriter::from(self.0.reborrow())
    }
}

list_writer! {
    /// Writes a list of [`ServiceGrantReader`].
    ServiceGrantListWriter of ServiceGrantWriter
}

/// The union of `ServiceGrantSource`.
#[derive(Clone, Copy, Debug)]
pub enum ServiceGrantSource<'a> {
    /// a Console derived with the service's name as its label
    Console,
    /// a copy of what init holds under this name
    Init(&'a str),
    /// the client facet of another service's export
    Export(ExportRefReader<'a>),
}

impl<'a> ServiceGrantSource<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => Ok(Self::Console),
            1 => reader.text(1).map(Self::Init),
            2 => reader.structure(1).map(Self::Export),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`ServiceGrantSource`].
    ServiceGrantSourceWriter
}

impl ServiceGrantSourceWriter<'_> {
    /// a Console derived with the service's name as its label
    #[inline]
    pub fn set_console(&mut self) {
        self.0.set_u16(0, 0);
    }

    /// a copy of what init holds under this name
    #[inline]
    pub fn set_init(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_u16(0, 1);
        self.0.set_text(1, value)
    }

    /// the client facet of another service's export
    #[inline]
    pub fn init_export(&mut self) -> Result<ExportRefWriter<'_>, WireError> {
        self.0.set_u16(0, 2);
        self.0.init_struct(1, ExportRefWriter::SIZE)
    }
}
