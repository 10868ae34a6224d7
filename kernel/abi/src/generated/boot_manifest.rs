//! `BootManifest`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::generated::{
    BinaryListWriter, BinaryReader, BinaryWriter, InitReader, InitWriter, ServiceListWriter,
    ServiceReader, ServiceWriter,
};
use crate::wire::{StructList, WireError, reader, writer};

reader! {
    /// First part of the boot module. The kernel reads schemaVersion, binaries, init and devices;
    /// init reads the services. The system digest is computed over the bytes of this message.
    BootManifestReader
}

impl<'a> BootManifestReader<'a> {
    /// 1
    #[inline]
    pub fn schema_version(self) -> u32 {
        self.0.u32(0)
    }

    /// name of the image, for people
    #[inline]
    pub fn image(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `binaries`.
    #[inline]
    pub fn binaries(self) -> Result<StructList<'a, BinaryReader<'a>>, WireError> {
        self.0.structs(1)
    }

    /// The field `init`.
    #[inline]
    pub fn init(self) -> Result<InitReader<'a>, WireError> {
        self.0.structure(2)
    }

    /// in start order
    #[inline]
    pub fn services(self) -> Result<StructList<'a, ServiceReader<'a>>, WireError> {
        self.0.structs(3)
    }
}

writer! {
    /// Writes [`BootManifestReader`].
    BootManifestWriter(1, 4)
}

impl BootManifestWriter<'_> {
    /// 1
    #[inline]
    pub fn set_schema_version(&mut self, value: u32) {
        self.0.set_u32(0, value);
    }

    /// name of the image, for people
    #[inline]
    pub fn set_image(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `binaries`.
    #[inline]
    pub fn init_binaries(&mut self, count: usize) -> Result<BinaryListWriter<'_>, WireError> {
        self.0.init_structs(1, BinaryWriter::SIZE, count)
    }

    /// The field `init`.
    #[inline]
    pub fn init_init(&mut self) -> Result<InitWriter<'_>, WireError> {
        self.0.init_struct(2, InitWriter::SIZE)
    }

    /// in start order
    #[inline]
    pub fn init_services(&mut self, count: usize) -> Result<ServiceListWriter<'_>, WireError> {
        self.0.init_structs(3, ServiceWriter::SIZE, count)
    }
}
