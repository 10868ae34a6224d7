//! The client of every interface, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit: change the schema and make them anew.

mod block_device;
mod boot_package;
mod capability_manager;
mod console;
mod endpoint;
mod endpoint_factory;
mod frame_allocator;
mod memory_object;
mod memory_reader;
mod notification;
mod notification_factory;
mod process_handle;
mod process_spawner;
mod revoker;
mod signaller;
mod store;
mod system_stats;
mod virtual_memory;

pub use block_device::{BlockDevice, BlockDeviceServer, BlockDeviceService};
pub use boot_package::{BootPackage, BootPackageServer, BootPackageService};
pub use capability_manager::{
    CapabilityManager, CapabilityManagerServer, CapabilityManagerService,
};
pub use console::{Console, ConsoleServer, ConsoleService};
pub use endpoint::Endpoint;
pub use endpoint_factory::{EndpointFactory, EndpointFactoryServer, EndpointFactoryService};
pub use frame_allocator::{FrameAllocator, FrameAllocatorServer, FrameAllocatorService};
pub use memory_object::{MemoryObject, MemoryObjectServer, MemoryObjectService};
pub use memory_reader::{MemoryReader, MemoryReaderServer, MemoryReaderService};
pub use notification::{Notification, NotificationServer, NotificationService};
pub use notification_factory::{
    NotificationFactory, NotificationFactoryServer, NotificationFactoryService,
};
pub use process_handle::{ProcessHandle, ProcessHandleServer, ProcessHandleService};
pub use process_spawner::{ProcessSpawner, ProcessSpawnerServer, ProcessSpawnerService};
pub use revoker::{Revoker, RevokerServer, RevokerService};
pub use signaller::{Signaller, SignallerServer, SignallerService};
pub use store::{Store, StoreServer, StoreService};
pub use system_stats::{SystemStats, SystemStatsServer, SystemStatsService};
pub use virtual_memory::{VirtualMemory, VirtualMemoryServer, VirtualMemoryService};
