//! Readers and writers of every message, and the numbers of every interface and method.
//!
//! Made from kernel/abi/capos.capnp; do not edit: change the schema and make them anew.

mod binary;
pub mod block_device;
mod block_info;
mod boot_manifest;
pub mod boot_package;
mod cap_exception;
pub mod capability_manager;
mod commit_result;
pub mod console;
pub mod endpoint;
pub mod endpoint_factory;
mod export;
mod export_ref;
pub mod frame_allocator;
mod get_result;
mod held_cap;
mod init;
mod kernel_grant;
mod memory_access;
pub mod memory_object;
pub mod memory_reader;
mod named_cap;
pub mod notification;
pub mod notification_factory;
mod process_end;
pub mod process_handle;
pub mod process_spawner;
mod put_result;
pub mod revoker;
mod service;
mod service_grant;
pub mod signaller;
mod stats;
pub mod store;
pub mod system_stats;
mod table_check;
pub mod virtual_memory;

pub use binary::{BinaryListWriter, BinaryReader, BinaryWriter};
pub use block_info::{BlockInfoReader, BlockInfoWriter};
pub use boot_manifest::{BootManifestReader, BootManifestWriter};
pub use cap_exception::{CapExceptionReader, CapExceptionType, CapExceptionWriter};
pub use commit_result::{CommitResultReader, CommitResultWhich, CommitResultWriter};
pub use export::{ExportListWriter, ExportReader, ExportWriter};
pub use export_ref::{ExportRefReader, ExportRefWriter};
pub use get_result::{GetResultReader, GetResultWhich, GetResultWriter};
pub use held_cap::{HeldCapListWriter, HeldCapReader, HeldCapWriter};
pub use init::{InitReader, InitWriter};
pub use kernel_grant::{
    KernelGrantListWriter, KernelGrantReader, KernelGrantSource, KernelGrantSourceWriter,
    KernelGrantWriter,
};
pub use memory_access::MemoryAccess;
pub use named_cap::{NamedCapListWriter, NamedCapReader, NamedCapWriter};
pub use process_end::{ProcessEndFault, ProcessEndReader, ProcessEndWhich, ProcessEndWriter};
pub use put_result::{PutResultReader, PutResultWhich, PutResultWriter};
pub use service::{ServiceListWriter, ServiceReader, ServiceWriter};
pub use service_grant::{
    ServiceGrantListWriter, ServiceGrantReader, ServiceGrantSource, ServiceGrantSourceWriter,
    ServiceGrantWriter,
};
pub use stats::{StatsReader, StatsWriter};
pub use table_check::{TableCheckReader, TableCheckWriter};
