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
    /// The case `notificationFactory`.
    NotificationFactory,
    /// The case `capabilityManager`.
    CapabilityManager,
    /// The case `systemStats`.
    SystemStats,
    /// with this many pages
    FrameAllocator(u32),
    /// The case `virtualMemory`.
    VirtualMemory,
}

impl<'a> KernelGrantSource<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => Ok(Self::Console),
            1 => Ok(Self::ProcessSpawner),
            2 => Ok(Self::EndpointFactory),
            3 => Ok(Self::BootPackage),
            4 => reader.text(1).map(Self::Block),
            5 => Ok(Self::NotificationFactory),
            6 => Ok(Self::CapabilityManager),
            7 => Ok(Self::SystemStats),
            8 => Ok(Self::FrameAllocator(reader.u32(1))),
            9 => Ok(Self::VirtualMemory),
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

    /// Chooses the case `notificationFactory`.
    #[inline]
    pub fn set_notification_factory(&mut self) {
        self.0.set_u16(0, 5);
    }

    /// Chooses the case `capabilityManager`.
    #[inline]
    pub fn set_capability_manager(&mut self) {
        self.0.set_u16(0, 6);
    }

    /// Chooses the case `systemStats`.
    #[inline]
    pub fn set_system_stats(&mut self) {
        self.0.set_u16(0, 7);
    }

    /// with this many pages
    #[inline]
    pub fn set_frame_allocator(&mut self, value: u32) {
        self.0.set_u16(0, 8);
        self.0.set_u32(1, value);
    }

    /// Chooses the case `virtualMemory`.
    #[inline]
    pub fn set_virtual_memory(&mut self) {
        self.0.set_u16(0, 9);
    }
}
