//! `Service`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::generated::{
    ExportListWriter, ExportReader, ExportWriter, ServiceGrantListWriter, ServiceGrantReader,
    ServiceGrantWriter,
};
use crate::wire::{BytesListWriter, StructList, TextList, WireError, list_writer, reader, writer};

reader! {
    /// The struct `Service`.
    ServiceReader
}

impl<'a> ServiceReader<'a> {
    /// unique; also the Console label; \[a-z0-9-\]{1,24}
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `binary`.
    #[inline]
    pub fn binary(self) -> u16 {
        self.0.u16(0)
    }

    /// The field `args`.
    #[inline]
    pub fn args(self) -> Result<TextList<'a>, WireError> {
        self.0.texts(1)
    }

    /// The field `grants`.
    #[inline]
    pub fn grants(self) -> Result<StructList<'a, ServiceGrantReader<'a>>, WireError> {
        self.0.structs(2)
    }

    /// The field `exports`.
    #[inline]
    pub fn exports(self) -> Result<StructList<'a, ExportReader<'a>>, WireError> {
        self.0.structs(3)
    }

    /// init waits for its end before it starts the next service
    #[inline]
    pub fn wait(self) -> bool {
        self.0.bool(16)
    }

    /// the exit status that init takes as success when it waits
    #[inline]
    pub fn expect(self) -> i32 {
        self.0.u32(1).cast_signed()
    }
}

writer! {
    /// Writes [`ServiceReader`].
    ServiceWriter(1, 4)
}

impl ServiceWriter<'_> {
    /// unique; also the Console label; \[a-z0-9-\]{1,24}
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `binary`.
    #[inline]
    pub fn set_binary(&mut self, value: u16) {
        self.0.set_u16(0, value);
    }

    /// The field `args`.
    #[inline]
    pub fn init_args(&mut self, count: usize) -> Result<BytesListWriter<'_>, WireError> {
        self.0.init_bytes_list(1, count)
    }

    /// The field `grants`.
    #[inline]
    pub fn init_grants(&mut self, count: usize) -> Result<ServiceGrantListWriter<'_>, WireError> {
        self.0.init_structs(2, ServiceGrantWriter::SIZE, count)
    }

    /// The field `exports`.
    #[inline]
    pub fn init_exports(&mut self, count: usize) -> Result<ExportListWriter<'_>, WireError> {
        self.0.init_structs(3, ExportWriter::SIZE, count)
    }

    /// init waits for its end before it starts the next service
    #[inline]
    pub fn set_wait(&mut self, value: bool) {
        self.0.set_bool(16, value);
    }

    /// the exit status that init takes as success when it waits
    #[inline]
    pub fn set_expect(&mut self, value: i32) {
        self.0.set_u32(1, value.cast_unsigned());
    }
}

list_writer! {
    /// Writes a list of [`ServiceReader`].
    ServiceListWriter of ServiceWriter
}
