//! What a capability can stand for.

use capos_abi::generated::{
    block_device, boot_package, console, endpoint, endpoint_factory, process_handle,
    process_spawner,
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
}

impl Object {
    /// The interface id, except for a client facet, whose endpoint knows it.
    pub fn interface_id(self) -> u64 {
        match self {
            Object::None | Object::Client(_) => 0,
            Object::Console(_) => console::INTERFACE_ID,
            Object::ProcessSpawner => process_spawner::INTERFACE_ID,
            Object::ProcessHandle(_) => process_handle::INTERFACE_ID,
            Object::EndpointFactory => endpoint_factory::INTERFACE_ID,
            Object::Endpoint(_) => endpoint::INTERFACE_ID,
            Object::BootPackage => boot_package::INTERFACE_ID,
            Object::Block(_) => block_device::INTERFACE_ID,
        }
    }
}
