//! `KernelGrant`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{StructReader, WireError, list_writer, reader, writer};

reader! {
    /// A capability that the kernel makes from nothing and gives to init.
    KernelGrantReader
}

impl<'a> KernelGrantReader<'a> {
    /// unique within init; \[a-z0-9-.\]{1,32}
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `source`.
    #[inline]
    pub fn source(self) -> Result<KernelGrantSource<'a>, WireError> {
        KernelGrantSource::from_struct(self.0)
    }
}

writer! {
    /// Writes [`KernelGrantReader`].
    KernelGrantWriter(1, 2)
}

impl KernelGrantWriter<'_> {
    /// unique within init; \[a-z0-9-.\]{1,32}
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `source`.
    #[inline]
    pub fn source(&mut self) -> KernelGrantSourceWriter<'_> {
        KernelGrantSourceWriter::from(self.0.reborrow())
    }
}

list_writer! {
    /// Writes a list of [`KernelGrantReader`].
    KernelGrantListWriter of KernelGrantWriter
}

/// The union of `KernelGrantSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelGrantSource<'a> {
    /// the root Console
    Console,
    /// The case `processSpawner`.
    ProcessSpawner,
    /// The case `endpointFactory`.
    EndpointFactory,
    /// The case `bootPackage`.
    BootPackage,
    /// the block device with this serial number
    Block(&'a str),
}

impl<'a> KernelGrantSource<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => Ok(Self::Console),
            1 => Ok(Self::ProcessSpawner),
            2 => Ok(Self::EndpointFactory),
            3 => Ok(Self::BootPackage),
            4 => reader.text(1).map(Self::Block),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`KernelGrantSource`].
    KernelGrantSourceWriter
}

impl KernelGrantSourceWriter<'_> {
    /// the root Console
    #[inline]
    pub fn set_console(&mut self) {
        self.0.set_u16(0, 0);
    }

    /// Chooses the case `processSpawner`.
    #[inline]
    pub fn set_process_spawner(&mut self) {
        self.0.set_u16(0, 1);
    }

    /// Chooses the case `endpointFactory`.
    #[inline]
    pub fn set_endpoint_factory(&mut self) {
        self.0.set_u16(0, 2);
    }

    /// Chooses the case `bootPackage`.
    #[inline]
    pub fn set_boot_package(&mut self) {
        self.0.set_u16(0, 3);
    }

    /// the block device with this serial number
    #[inline]
    pub fn set_block(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_u16(0, 4);
        self.0.set_text(1, value)
    }
}
