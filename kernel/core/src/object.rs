//! What a capability can stand for.

use capos_abi::generated::{
    block_device, boot_package, capability_manager, console, endpoint, endpoint_factory,
    frame_allocator, memory_object, memory_reader, notification, notification_factory,
    process_handle, process_spawner, revoker, signaller, system_stats, virtual_memory,
};

/// An object as a table entry names it. Numbers are places in the kernel's tables; they never reach a
/// program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Object {
    /// An empty slot.
    None = 0,
    /// A Console with the label at this place.
    Console(u16),
    /// Starts programs.
    ProcessSpawner,
    /// Waits for the process at this place.
    ProcessHandle(u16),
    /// Makes endpoints.
    EndpointFactory,
    /// The owner side of an endpoint.
    Endpoint(u16),
    /// The client facet of an endpoint.
    Client(u16),
    /// Reads the boot manifest.
    BootPackage,
    /// The block device at this place.
    Block(u16),
    /// Makes notifications.
    NotificationFactory,
    /// The notification at this place, to wait for and to signal.
    Notification(u16),
    /// The notification at this place, only to signal.
    Signaller(u16),
    /// Lists a process's own capabilities and derives from them.
    CapabilityManager,
    /// Takes back what was derived at this revocation node.
    Revoker(u16),
    /// Says what exists.
    SystemStats,
    /// Allocates memory objects out of the quota at this place.
    FrameAllocator(u16),
    /// The memory object at this place.
    Memory(u16),
    /// The memory object at this place, only to read.
    MemoryReader(u16),
    /// The caller's own address space.
    VirtualMemory,
}

impl Object {
    /// The interface id, except for a client facet, whose endpoint knows it.
    pub fn interface_id(self) -> u64 {
        self.interface().0
    }

    /// The name of the interface; empty for a client facet.
    pub fn interface_name(self) -> &'static str {
        self.interface().1
    }

    fn interface(self) -> (u64, &'static str) {
        match self {
            Object::None | Object::Client(_) => (0, ""),
            Object::Console(_) => (console::INTERFACE_ID, "Console"),
            Object::ProcessSpawner => (process_spawner::INTERFACE_ID, "ProcessSpawner"),
            Object::ProcessHandle(_) => (process_handle::INTERFACE_ID, "ProcessHandle"),
            Object::EndpointFactory => (endpoint_factory::INTERFACE_ID, "EndpointFactory"),
            Object::Endpoint(_) => (endpoint::INTERFACE_ID, "Endpoint"),
            Object::BootPackage => (boot_package::INTERFACE_ID, "BootPackage"),
            Object::Block(_) => (block_device::INTERFACE_ID, "BlockDevice"),
            Object::NotificationFactory => {
                (notification_factory::INTERFACE_ID, "NotificationFactory")
            }
            Object::Notification(_) => (notification::INTERFACE_ID, "Notification"),
            Object::Signaller(_) => (signaller::INTERFACE_ID, "Signaller"),
            Object::CapabilityManager => (capability_manager::INTERFACE_ID, "CapabilityManager"),
            Object::Revoker(_) => (revoker::INTERFACE_ID, "Revoker"),
            Object::SystemStats => (system_stats::INTERFACE_ID, "SystemStats"),
            Object::FrameAllocator(_) => (frame_allocator::INTERFACE_ID, "FrameAllocator"),
            Object::Memory(_) => (memory_object::INTERFACE_ID, "MemoryObject"),
            Object::MemoryReader(_) => (memory_reader::INTERFACE_ID, "MemoryReader"),
            Object::VirtualMemory => (virtual_memory::INTERFACE_ID, "VirtualMemory"),
        }
    }
}
