//! Moves every struct of kernel/abi/capos.capnp between its bindings and a value. Made from it by
//! `CAPOS_UPDATE=1 npx vitest run harness/build/bindings/drift.test.ts`; do not edit.
#![allow(unused_variables, unused_mut)]

use crate::capos_capnp as oracle;
use crate::message::{Message, message};
use crate::value::Value;
use capos_abi::generated as tree;
use capos_abi::wire::WireError;

/// Every struct that can be a message.
#[rustfmt::skip]
pub const MESSAGES: &[Message] = &[
    message! {
        read_boot_manifest, write_boot_manifest,
        tree::BootManifestReader, tree::BootManifestWriter,
        oracle::boot_manifest::Owned
    },
    message! {
        read_binary, write_binary,
        tree::BinaryReader, tree::BinaryWriter,
        oracle::binary::Owned
    },
    message! {
        read_init, write_init,
        tree::InitReader, tree::InitWriter,
        oracle::init::Owned
    },
    message! {
        read_kernel_grant, write_kernel_grant,
        tree::KernelGrantReader, tree::KernelGrantWriter,
        oracle::kernel_grant::Owned
    },
    message! {
        read_service, write_service,
        tree::ServiceReader, tree::ServiceWriter,
        oracle::service::Owned
    },
    message! {
        read_service_grant, write_service_grant,
        tree::ServiceGrantReader, tree::ServiceGrantWriter,
        oracle::service_grant::Owned
    },
    message! {
        read_export, write_export,
        tree::ExportReader, tree::ExportWriter,
        oracle::export::Owned
    },
    message! {
        read_export_ref, write_export_ref,
        tree::ExportRefReader, tree::ExportRefWriter,
        oracle::export_ref::Owned
    },
    message! {
        read_cap_exception, write_cap_exception,
        tree::CapExceptionReader, tree::CapExceptionWriter,
        oracle::cap_exception::Owned
    },
    message! {
        read_console_write_line_params, write_console_write_line_params,
        tree::console::write_line::ParamsReader, tree::console::write_line::ParamsWriter,
        oracle::console::write_line_params::Owned
    },
    message! {
        read_console_write_line_results, write_console_write_line_results,
        tree::console::write_line::ResultsReader, tree::console::write_line::ResultsWriter,
        oracle::console::write_line_results::Owned
    },
    message! {
        read_console_derive_params, write_console_derive_params,
        tree::console::derive::ParamsReader, tree::console::derive::ParamsWriter,
        oracle::console::derive_params::Owned
    },
    message! {
        read_console_derive_results, write_console_derive_results,
        tree::console::derive::ResultsReader, tree::console::derive::ResultsWriter,
        oracle::console::derive_results::Owned
    },
    message! {
        read_process_spawner_spawn_params, write_process_spawner_spawn_params,
        tree::process_spawner::spawn::ParamsReader, tree::process_spawner::spawn::ParamsWriter,
        oracle::process_spawner::spawn_params::Owned
    },
    message! {
        read_process_spawner_spawn_results, write_process_spawner_spawn_results,
        tree::process_spawner::spawn::ResultsReader, tree::process_spawner::spawn::ResultsWriter,
        oracle::process_spawner::spawn_results::Owned
    },
    message! {
        read_named_cap, write_named_cap,
        tree::NamedCapReader, tree::NamedCapWriter,
        oracle::named_cap::Owned
    },
    message! {
        read_process_handle_wait_params, write_process_handle_wait_params,
        tree::process_handle::wait::ParamsReader, tree::process_handle::wait::ParamsWriter,
        oracle::process_handle::wait_params::Owned
    },
    message! {
        read_process_handle_wait_results, write_process_handle_wait_results,
        tree::process_handle::wait::ResultsReader, tree::process_handle::wait::ResultsWriter,
        oracle::process_handle::wait_results::Owned
    },
    message! {
        read_process_end, write_process_end,
        tree::ProcessEndReader, tree::ProcessEndWriter,
        oracle::process_end::Owned
    },
    message! {
        read_endpoint_factory_create_params, write_endpoint_factory_create_params,
        tree::endpoint_factory::create::ParamsReader, tree::endpoint_factory::create::ParamsWriter,
        oracle::endpoint_factory::create_params::Owned
    },
    message! {
        read_endpoint_factory_create_results, write_endpoint_factory_create_results,
        tree::endpoint_factory::create::ResultsReader, tree::endpoint_factory::create::ResultsWriter,
        oracle::endpoint_factory::create_results::Owned
    },
    message! {
        read_boot_package_read_manifest_params, write_boot_package_read_manifest_params,
        tree::boot_package::read_manifest::ParamsReader, tree::boot_package::read_manifest::ParamsWriter,
        oracle::boot_package::read_manifest_params::Owned
    },
    message! {
        read_boot_package_read_manifest_results, write_boot_package_read_manifest_results,
        tree::boot_package::read_manifest::ResultsReader, tree::boot_package::read_manifest::ResultsWriter,
        oracle::boot_package::read_manifest_results::Owned
    },
    message! {
        read_block_device_info_params, write_block_device_info_params,
        tree::block_device::info::ParamsReader, tree::block_device::info::ParamsWriter,
        oracle::block_device::info_params::Owned
    },
    message! {
        read_block_device_info_results, write_block_device_info_results,
        tree::block_device::info::ResultsReader, tree::block_device::info::ResultsWriter,
        oracle::block_device::info_results::Owned
    },
    message! {
        read_block_device_read_params, write_block_device_read_params,
        tree::block_device::read::ParamsReader, tree::block_device::read::ParamsWriter,
        oracle::block_device::read_params::Owned
    },
    message! {
        read_block_device_read_results, write_block_device_read_results,
        tree::block_device::read::ResultsReader, tree::block_device::read::ResultsWriter,
        oracle::block_device::read_results::Owned
    },
    message! {
        read_block_device_write_params, write_block_device_write_params,
        tree::block_device::write::ParamsReader, tree::block_device::write::ParamsWriter,
        oracle::block_device::write_params::Owned
    },
    message! {
        read_block_device_write_results, write_block_device_write_results,
        tree::block_device::write::ResultsReader, tree::block_device::write::ResultsWriter,
        oracle::block_device::write_results::Owned
    },
    message! {
        read_block_device_flush_params, write_block_device_flush_params,
        tree::block_device::flush::ParamsReader, tree::block_device::flush::ParamsWriter,
        oracle::block_device::flush_params::Owned
    },
    message! {
        read_block_device_flush_results, write_block_device_flush_results,
        tree::block_device::flush::ResultsReader, tree::block_device::flush::ResultsWriter,
        oracle::block_device::flush_results::Owned
    },
    message! {
        read_block_info, write_block_info,
        tree::BlockInfoReader, tree::BlockInfoWriter,
        oracle::block_info::Owned
    },
    message! {
        read_notification_factory_create_params, write_notification_factory_create_params,
        tree::notification_factory::create::ParamsReader, tree::notification_factory::create::ParamsWriter,
        oracle::notification_factory::create_params::Owned
    },
    message! {
        read_notification_factory_create_results, write_notification_factory_create_results,
        tree::notification_factory::create::ResultsReader, tree::notification_factory::create::ResultsWriter,
        oracle::notification_factory::create_results::Owned
    },
    message! {
        read_notification_signal_params, write_notification_signal_params,
        tree::notification::signal::ParamsReader, tree::notification::signal::ParamsWriter,
        oracle::notification::signal_params::Owned
    },
    message! {
        read_notification_signal_results, write_notification_signal_results,
        tree::notification::signal::ResultsReader, tree::notification::signal::ResultsWriter,
        oracle::notification::signal_results::Owned
    },
    message! {
        read_notification_wait_params, write_notification_wait_params,
        tree::notification::wait::ParamsReader, tree::notification::wait::ParamsWriter,
        oracle::notification::wait_params::Owned
    },
    message! {
        read_notification_wait_results, write_notification_wait_results,
        tree::notification::wait::ResultsReader, tree::notification::wait::ResultsWriter,
        oracle::notification::wait_results::Owned
    },
    message! {
        read_notification_poll_params, write_notification_poll_params,
        tree::notification::poll::ParamsReader, tree::notification::poll::ParamsWriter,
        oracle::notification::poll_params::Owned
    },
    message! {
        read_notification_poll_results, write_notification_poll_results,
        tree::notification::poll::ResultsReader, tree::notification::poll::ResultsWriter,
        oracle::notification::poll_results::Owned
    },
    message! {
        read_signaller_signal_params, write_signaller_signal_params,
        tree::signaller::signal::ParamsReader, tree::signaller::signal::ParamsWriter,
        oracle::signaller::signal_params::Owned
    },
    message! {
        read_signaller_signal_results, write_signaller_signal_results,
        tree::signaller::signal::ResultsReader, tree::signaller::signal::ResultsWriter,
        oracle::signaller::signal_results::Owned
    },
    message! {
        read_capability_manager_list_params, write_capability_manager_list_params,
        tree::capability_manager::list::ParamsReader, tree::capability_manager::list::ParamsWriter,
        oracle::capability_manager::list_params::Owned
    },
    message! {
        read_capability_manager_list_results, write_capability_manager_list_results,
        tree::capability_manager::list::ResultsReader, tree::capability_manager::list::ResultsWriter,
        oracle::capability_manager::list_results::Owned
    },
    message! {
        read_capability_manager_derive_params, write_capability_manager_derive_params,
        tree::capability_manager::derive::ParamsReader, tree::capability_manager::derive::ParamsWriter,
        oracle::capability_manager::derive_params::Owned
    },
    message! {
        read_capability_manager_derive_results, write_capability_manager_derive_results,
        tree::capability_manager::derive::ResultsReader, tree::capability_manager::derive::ResultsWriter,
        oracle::capability_manager::derive_results::Owned
    },
    message! {
        read_held_cap, write_held_cap,
        tree::HeldCapReader, tree::HeldCapWriter,
        oracle::held_cap::Owned
    },
    message! {
        read_revoker_revoke_params, write_revoker_revoke_params,
        tree::revoker::revoke::ParamsReader, tree::revoker::revoke::ParamsWriter,
        oracle::revoker::revoke_params::Owned
    },
    message! {
        read_revoker_revoke_results, write_revoker_revoke_results,
        tree::revoker::revoke::ResultsReader, tree::revoker::revoke::ResultsWriter,
        oracle::revoker::revoke_results::Owned
    },
    message! {
        read_system_stats_read_params, write_system_stats_read_params,
        tree::system_stats::read::ParamsReader, tree::system_stats::read::ParamsWriter,
        oracle::system_stats::read_params::Owned
    },
    message! {
        read_system_stats_read_results, write_system_stats_read_results,
        tree::system_stats::read::ResultsReader, tree::system_stats::read::ResultsWriter,
        oracle::system_stats::read_results::Owned
    },
    message! {
        read_system_stats_check_tables_params, write_system_stats_check_tables_params,
        tree::system_stats::check_tables::ParamsReader, tree::system_stats::check_tables::ParamsWriter,
        oracle::system_stats::check_tables_params::Owned
    },
    message! {
        read_system_stats_check_tables_results, write_system_stats_check_tables_results,
        tree::system_stats::check_tables::ResultsReader, tree::system_stats::check_tables::ResultsWriter,
        oracle::system_stats::check_tables_results::Owned
    },
    message! {
        read_stats, write_stats,
        tree::StatsReader, tree::StatsWriter,
        oracle::stats::Owned
    },
    message! {
        read_table_check, write_table_check,
        tree::TableCheckReader, tree::TableCheckWriter,
        oracle::table_check::Owned
    },
    message! {
        read_frame_allocator_allocate_params, write_frame_allocator_allocate_params,
        tree::frame_allocator::allocate::ParamsReader, tree::frame_allocator::allocate::ParamsWriter,
        oracle::frame_allocator::allocate_params::Owned
    },
    message! {
        read_frame_allocator_allocate_results, write_frame_allocator_allocate_results,
        tree::frame_allocator::allocate::ResultsReader, tree::frame_allocator::allocate::ResultsWriter,
        oracle::frame_allocator::allocate_results::Owned
    },
    message! {
        read_frame_allocator_derive_params, write_frame_allocator_derive_params,
        tree::frame_allocator::derive::ParamsReader, tree::frame_allocator::derive::ParamsWriter,
        oracle::frame_allocator::derive_params::Owned
    },
    message! {
        read_frame_allocator_derive_results, write_frame_allocator_derive_results,
        tree::frame_allocator::derive::ResultsReader, tree::frame_allocator::derive::ResultsWriter,
        oracle::frame_allocator::derive_results::Owned
    },
    message! {
        read_frame_allocator_info_params, write_frame_allocator_info_params,
        tree::frame_allocator::info::ParamsReader, tree::frame_allocator::info::ParamsWriter,
        oracle::frame_allocator::info_params::Owned
    },
    message! {
        read_frame_allocator_info_results, write_frame_allocator_info_results,
        tree::frame_allocator::info::ResultsReader, tree::frame_allocator::info::ResultsWriter,
        oracle::frame_allocator::info_results::Owned
    },
    message! {
        read_memory_object_info_params, write_memory_object_info_params,
        tree::memory_object::info::ParamsReader, tree::memory_object::info::ParamsWriter,
        oracle::memory_object::info_params::Owned
    },
    message! {
        read_memory_object_info_results, write_memory_object_info_results,
        tree::memory_object::info::ResultsReader, tree::memory_object::info::ResultsWriter,
        oracle::memory_object::info_results::Owned
    },
    message! {
        read_memory_object_map_params, write_memory_object_map_params,
        tree::memory_object::map::ParamsReader, tree::memory_object::map::ParamsWriter,
        oracle::memory_object::map_params::Owned
    },
    message! {
        read_memory_object_map_results, write_memory_object_map_results,
        tree::memory_object::map::ResultsReader, tree::memory_object::map::ResultsWriter,
        oracle::memory_object::map_results::Owned
    },
    message! {
        read_memory_object_unmap_params, write_memory_object_unmap_params,
        tree::memory_object::unmap::ParamsReader, tree::memory_object::unmap::ParamsWriter,
        oracle::memory_object::unmap_params::Owned
    },
    message! {
        read_memory_object_unmap_results, write_memory_object_unmap_results,
        tree::memory_object::unmap::ResultsReader, tree::memory_object::unmap::ResultsWriter,
        oracle::memory_object::unmap_results::Owned
    },
    message! {
        read_memory_object_reader_params, write_memory_object_reader_params,
        tree::memory_object::reader::ParamsReader, tree::memory_object::reader::ParamsWriter,
        oracle::memory_object::reader_params::Owned
    },
    message! {
        read_memory_object_reader_results, write_memory_object_reader_results,
        tree::memory_object::reader::ResultsReader, tree::memory_object::reader::ResultsWriter,
        oracle::memory_object::reader_results::Owned
    },
    message! {
        read_memory_reader_info_params, write_memory_reader_info_params,
        tree::memory_reader::info::ParamsReader, tree::memory_reader::info::ParamsWriter,
        oracle::memory_reader::info_params::Owned
    },
    message! {
        read_memory_reader_info_results, write_memory_reader_info_results,
        tree::memory_reader::info::ResultsReader, tree::memory_reader::info::ResultsWriter,
        oracle::memory_reader::info_results::Owned
    },
    message! {
        read_memory_reader_map_params, write_memory_reader_map_params,
        tree::memory_reader::map::ParamsReader, tree::memory_reader::map::ParamsWriter,
        oracle::memory_reader::map_params::Owned
    },
    message! {
        read_memory_reader_map_results, write_memory_reader_map_results,
        tree::memory_reader::map::ResultsReader, tree::memory_reader::map::ResultsWriter,
        oracle::memory_reader::map_results::Owned
    },
    message! {
        read_memory_reader_unmap_params, write_memory_reader_unmap_params,
        tree::memory_reader::unmap::ParamsReader, tree::memory_reader::unmap::ParamsWriter,
        oracle::memory_reader::unmap_params::Owned
    },
    message! {
        read_memory_reader_unmap_results, write_memory_reader_unmap_results,
        tree::memory_reader::unmap::ResultsReader, tree::memory_reader::unmap::ResultsWriter,
        oracle::memory_reader::unmap_results::Owned
    },
    message! {
        read_virtual_memory_reserve_params, write_virtual_memory_reserve_params,
        tree::virtual_memory::reserve::ParamsReader, tree::virtual_memory::reserve::ParamsWriter,
        oracle::virtual_memory::reserve_params::Owned
    },
    message! {
        read_virtual_memory_reserve_results, write_virtual_memory_reserve_results,
        tree::virtual_memory::reserve::ResultsReader, tree::virtual_memory::reserve::ResultsWriter,
        oracle::virtual_memory::reserve_results::Owned
    },
    message! {
        read_virtual_memory_commit_params, write_virtual_memory_commit_params,
        tree::virtual_memory::commit::ParamsReader, tree::virtual_memory::commit::ParamsWriter,
        oracle::virtual_memory::commit_params::Owned
    },
    message! {
        read_virtual_memory_commit_results, write_virtual_memory_commit_results,
        tree::virtual_memory::commit::ResultsReader, tree::virtual_memory::commit::ResultsWriter,
        oracle::virtual_memory::commit_results::Owned
    },
    message! {
        read_virtual_memory_protect_params, write_virtual_memory_protect_params,
        tree::virtual_memory::protect::ParamsReader, tree::virtual_memory::protect::ParamsWriter,
        oracle::virtual_memory::protect_params::Owned
    },
    message! {
        read_virtual_memory_protect_results, write_virtual_memory_protect_results,
        tree::virtual_memory::protect::ResultsReader, tree::virtual_memory::protect::ResultsWriter,
        oracle::virtual_memory::protect_results::Owned
    },
    message! {
        read_virtual_memory_decommit_params, write_virtual_memory_decommit_params,
        tree::virtual_memory::decommit::ParamsReader, tree::virtual_memory::decommit::ParamsWriter,
        oracle::virtual_memory::decommit_params::Owned
    },
    message! {
        read_virtual_memory_decommit_results, write_virtual_memory_decommit_results,
        tree::virtual_memory::decommit::ResultsReader, tree::virtual_memory::decommit::ResultsWriter,
        oracle::virtual_memory::decommit_results::Owned
    },
    message! {
        read_virtual_memory_release_params, write_virtual_memory_release_params,
        tree::virtual_memory::release::ParamsReader, tree::virtual_memory::release::ParamsWriter,
        oracle::virtual_memory::release_params::Owned
    },
    message! {
        read_virtual_memory_release_results, write_virtual_memory_release_results,
        tree::virtual_memory::release::ResultsReader, tree::virtual_memory::release::ResultsWriter,
        oracle::virtual_memory::release_results::Owned
    },
    message! {
        read_store_put_params, write_store_put_params,
        tree::store::put::ParamsReader, tree::store::put::ParamsWriter,
        oracle::store::put_params::Owned
    },
    message! {
        read_store_put_results, write_store_put_results,
        tree::store::put::ResultsReader, tree::store::put::ResultsWriter,
        oracle::store::put_results::Owned
    },
    message! {
        read_store_get_params, write_store_get_params,
        tree::store::get::ParamsReader, tree::store::get::ParamsWriter,
        oracle::store::get_params::Owned
    },
    message! {
        read_store_get_results, write_store_get_results,
        tree::store::get::ResultsReader, tree::store::get::ResultsWriter,
        oracle::store::get_results::Owned
    },
    message! {
        read_store_has_params, write_store_has_params,
        tree::store::has::ParamsReader, tree::store::has::ParamsWriter,
        oracle::store::has_params::Owned
    },
    message! {
        read_store_has_results, write_store_has_results,
        tree::store::has::ResultsReader, tree::store::has::ResultsWriter,
        oracle::store::has_results::Owned
    },
    message! {
        read_store_delete_params, write_store_delete_params,
        tree::store::delete::ParamsReader, tree::store::delete::ParamsWriter,
        oracle::store::delete_params::Owned
    },
    message! {
        read_store_delete_results, write_store_delete_results,
        tree::store::delete::ResultsReader, tree::store::delete::ResultsWriter,
        oracle::store::delete_results::Owned
    },
    message! {
        read_store_commit_params, write_store_commit_params,
        tree::store::commit::ParamsReader, tree::store::commit::ParamsWriter,
        oracle::store::commit_params::Owned
    },
    message! {
        read_store_commit_results, write_store_commit_results,
        tree::store::commit::ResultsReader, tree::store::commit::ResultsWriter,
        oracle::store::commit_results::Owned
    },
    message! {
        read_put_result, write_put_result,
        tree::PutResultReader, tree::PutResultWriter,
        oracle::put_result::Owned
    },
    message! {
        read_get_result, write_get_result,
        tree::GetResultReader, tree::GetResultWriter,
        oracle::get_result::Owned
    },
    message! {
        read_commit_result, write_commit_result,
        tree::CommitResultReader, tree::CommitResultWriter,
        oracle::commit_result::Owned
    },
];

#[rustfmt::skip]
fn read_boot_manifest(reader: tree::BootManifestReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("schemaVersion", Value::from(reader.schema_version())),
        ("image", Value::from(reader.image()?)),
        ("binaries", Value::list(reader.binaries()?.iter().map(read_binary))?),
        ("init", read_init(reader.init()?)?),
        ("services", Value::list(reader.services()?.iter().map(read_service))?),
    ], case))
}

#[rustfmt::skip]
fn write_boot_manifest(mut writer: tree::BootManifestWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_schema_version(value.field("schemaVersion").number::<u32>());
    writer.set_image(value.field("image").text())?;
    let values = value.field("binaries").items();
    let mut list = writer.init_binaries(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_binary(list.get(index)?, each)?;
    }
    write_init(writer.init_init()?, value.field("init"))?;
    let values = value.field("services").items();
    let mut list = writer.init_services(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_service(list.get(index)?, each)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_binary(reader: tree::BinaryReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("offset", Value::from(reader.offset())),
        ("length", Value::from(reader.length())),
        ("sha256", Value::from(reader.sha256()?)),
    ], case))
}

#[rustfmt::skip]
fn write_binary(mut writer: tree::BinaryWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    writer.set_offset(value.field("offset").number::<u64>());
    writer.set_length(value.field("length").number::<u64>());
    writer.set_sha256(value.field("sha256").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_init(reader: tree::InitReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("binary", Value::from(reader.binary())),
        ("grants", Value::list(reader.grants()?.iter().map(read_kernel_grant))?),
    ], case))
}

#[rustfmt::skip]
fn write_init(mut writer: tree::InitWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_binary(value.field("binary").number::<u16>());
    let values = value.field("grants").items();
    let mut list = writer.init_grants(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_kernel_grant(list.get(index)?, each)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_kernel_grant(reader: tree::KernelGrantReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("source", read_kernel_grant_source(reader.source()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_kernel_grant(mut writer: tree::KernelGrantWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    write_kernel_grant_source(writer.source(), value.field("source"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_kernel_grant_source(reader: tree::KernelGrantSource<'_>) -> Result<Value, WireError> {
    let case = Some(match reader {
        tree::KernelGrantSource::Console => ("console", Value::Void),
        tree::KernelGrantSource::ProcessSpawner => ("processSpawner", Value::Void),
        tree::KernelGrantSource::EndpointFactory => ("endpointFactory", Value::Void),
        tree::KernelGrantSource::BootPackage => ("bootPackage", Value::Void),
        tree::KernelGrantSource::Block(value) => ("block", Value::from(value)),
        tree::KernelGrantSource::NotificationFactory => ("notificationFactory", Value::Void),
        tree::KernelGrantSource::CapabilityManager => ("capabilityManager", Value::Void),
        tree::KernelGrantSource::SystemStats => ("systemStats", Value::Void),
        tree::KernelGrantSource::FrameAllocator(value) => ("frameAllocator", Value::from(value)),
        tree::KernelGrantSource::VirtualMemory => ("virtualMemory", Value::Void),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_kernel_grant_source(mut writer: tree::KernelGrantSourceWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "console" => {
            writer.set_console();
        }
        "processSpawner" => {
            writer.set_process_spawner();
        }
        "endpointFactory" => {
            writer.set_endpoint_factory();
        }
        "bootPackage" => {
            writer.set_boot_package();
        }
        "block" => {
            writer.set_block(value.text())?;
        }
        "notificationFactory" => {
            writer.set_notification_factory();
        }
        "capabilityManager" => {
            writer.set_capability_manager();
        }
        "systemStats" => {
            writer.set_system_stats();
        }
        "frameAllocator" => {
            writer.set_frame_allocator(value.number::<u32>());
        }
        "virtualMemory" => {
            writer.set_virtual_memory();
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_service(reader: tree::ServiceReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("binary", Value::from(reader.binary())),
        ("args", Value::list(reader.args()?.iter().map(|each| each.map(Value::from)))?),
        ("grants", Value::list(reader.grants()?.iter().map(read_service_grant))?),
        ("exports", Value::list(reader.exports()?.iter().map(read_export))?),
        ("wait", Value::from(reader.wait())),
        ("expect", Value::from(reader.expect())),
    ], case))
}

#[rustfmt::skip]
fn write_service(mut writer: tree::ServiceWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    writer.set_binary(value.field("binary").number::<u16>());
    let values = value.field("args").items();
    let mut list = writer.init_args(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set_text(index, each.text())?;
    }
    let values = value.field("grants").items();
    let mut list = writer.init_grants(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_service_grant(list.get(index)?, each)?;
    }
    let values = value.field("exports").items();
    let mut list = writer.init_exports(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_export(list.get(index)?, each)?;
    }
    writer.set_wait(value.field("wait").boolean());
    writer.set_expect(value.field("expect").number::<i32>());
    Ok(())
}

#[rustfmt::skip]
fn read_service_grant(reader: tree::ServiceGrantReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("source", read_service_grant_source(reader.source()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_service_grant(mut writer: tree::ServiceGrantWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    write_service_grant_source(writer.source(), value.field("source"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_service_grant_source(reader: tree::ServiceGrantSource<'_>) -> Result<Value, WireError> {
    let case = Some(match reader {
        tree::ServiceGrantSource::Console => ("console", Value::Void),
        tree::ServiceGrantSource::Init(value) => ("init", Value::from(value)),
        tree::ServiceGrantSource::Export(value) => ("export", read_export_ref(value)?),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_service_grant_source(mut writer: tree::ServiceGrantSourceWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "console" => {
            writer.set_console();
        }
        "init" => {
            writer.set_init(value.text())?;
        }
        "export" => {
            write_export_ref(writer.init_export()?, value)?;
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_export(reader: tree::ExportReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("interfaceId", Value::from(reader.interface_id())),
    ], case))
}

#[rustfmt::skip]
fn write_export(mut writer: tree::ExportWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    writer.set_interface_id(value.field("interfaceId").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_export_ref(reader: tree::ExportRefReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("service", Value::from(reader.service()?)),
        ("export", Value::from(reader.export()?)),
    ], case))
}

#[rustfmt::skip]
fn write_export_ref(mut writer: tree::ExportRefWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_service(value.field("service").text())?;
    writer.set_export(value.field("export").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_cap_exception(reader: tree::CapExceptionReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("type", Value::Enum(reader.r#type()?.to_wire())),
        ("reason", Value::from(reader.reason()?)),
    ], case))
}

#[rustfmt::skip]
fn write_cap_exception(mut writer: tree::CapExceptionWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_type(tree::CapExceptionType::from_wire(value.field("type").enumerant())?);
    writer.set_reason(value.field("reason").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_console_write_line_params(reader: tree::console::write_line::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("text", Value::from(reader.text()?)),
    ], case))
}

#[rustfmt::skip]
fn write_console_write_line_params(mut writer: tree::console::write_line::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_text(value.field("text").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_console_write_line_results(reader: tree::console::write_line::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_console_write_line_results(mut writer: tree::console::write_line::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_console_derive_params(reader: tree::console::derive::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("label", Value::from(reader.label()?)),
    ], case))
}

#[rustfmt::skip]
fn write_console_derive_params(mut writer: tree::console::derive::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_label(value.field("label").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_console_derive_results(reader: tree::console::derive::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("console", Value::capability(reader.console())?),
    ], case))
}

#[rustfmt::skip]
fn write_console_derive_results(mut writer: tree::console::derive::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("console").index() {
        writer.set_console(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_process_spawner_spawn_params(reader: tree::process_spawner::spawn::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("binary", Value::from(reader.binary()?)),
        ("args", Value::list(reader.args()?.iter().map(|each| each.map(Value::from)))?),
        ("grants", Value::list(reader.grants()?.iter().map(read_named_cap))?),
    ], case))
}

#[rustfmt::skip]
fn write_process_spawner_spawn_params(mut writer: tree::process_spawner::spawn::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_binary(value.field("binary").text())?;
    let values = value.field("args").items();
    let mut list = writer.init_args(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set_text(index, each.text())?;
    }
    let values = value.field("grants").items();
    let mut list = writer.init_grants(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_named_cap(list.get(index)?, each)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_process_spawner_spawn_results(reader: tree::process_spawner::spawn::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("handle", Value::capability(reader.handle())?),
    ], case))
}

#[rustfmt::skip]
fn write_process_spawner_spawn_results(mut writer: tree::process_spawner::spawn::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("handle").index() {
        writer.set_handle(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_named_cap(reader: tree::NamedCapReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("cap", Value::capability(reader.cap())?),
    ], case))
}

#[rustfmt::skip]
fn write_named_cap(mut writer: tree::NamedCapWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    if let Some(index) = value.field("cap").index() {
        writer.set_cap(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_process_handle_wait_params(reader: tree::process_handle::wait::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_process_handle_wait_params(mut writer: tree::process_handle::wait::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_process_handle_wait_results(reader: tree::process_handle::wait::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("end", read_process_end(reader.end()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_process_handle_wait_results(mut writer: tree::process_handle::wait::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_process_end(writer.init_end()?, value.field("end"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_process_end(reader: tree::ProcessEndReader<'_>) -> Result<Value, WireError> {
    let case = Some(match reader.which()? {
        tree::ProcessEndWhich::Exited(value) => ("exited", Value::from(value)),
        tree::ProcessEndWhich::Faulted(value) => ("faulted", Value::Enum(value.to_wire())),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_process_end(mut writer: tree::ProcessEndWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "exited" => {
            writer.set_exited(value.number::<i32>());
        }
        "faulted" => {
            writer.set_faulted(tree::ProcessEndFault::from_wire(value.enumerant())?);
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_endpoint_factory_create_params(reader: tree::endpoint_factory::create::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("interfaceId", Value::from(reader.interface_id())),
    ], case))
}

#[rustfmt::skip]
fn write_endpoint_factory_create_params(mut writer: tree::endpoint_factory::create::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_interface_id(value.field("interfaceId").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_endpoint_factory_create_results(reader: tree::endpoint_factory::create::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("endpoint", Value::capability(reader.endpoint())?),
        ("client", Value::capability(reader.client())?),
    ], case))
}

#[rustfmt::skip]
fn write_endpoint_factory_create_results(mut writer: tree::endpoint_factory::create::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("endpoint").index() {
        writer.set_endpoint(index)?;
    }
    if let Some(index) = value.field("client").index() {
        writer.set_client(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_boot_package_read_manifest_params(reader: tree::boot_package::read_manifest::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("offset", Value::from(reader.offset())),
        ("length", Value::from(reader.length())),
    ], case))
}

#[rustfmt::skip]
fn write_boot_package_read_manifest_params(mut writer: tree::boot_package::read_manifest::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_offset(value.field("offset").number::<u32>());
    writer.set_length(value.field("length").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_boot_package_read_manifest_results(reader: tree::boot_package::read_manifest::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("data", Value::from(reader.data()?)),
        ("total", Value::from(reader.total())),
    ], case))
}

#[rustfmt::skip]
fn write_boot_package_read_manifest_results(mut writer: tree::boot_package::read_manifest::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_data(value.field("data").data())?;
    writer.set_total(value.field("total").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_info_params(reader: tree::block_device::info::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_block_device_info_params(mut writer: tree::block_device::info::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_info_results(reader: tree::block_device::info::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("info", read_block_info(reader.info()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_block_device_info_results(mut writer: tree::block_device::info::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_block_info(writer.init_info()?, value.field("info"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_read_params(reader: tree::block_device::read::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("start", Value::from(reader.start())),
        ("count", Value::from(reader.count())),
    ], case))
}

#[rustfmt::skip]
fn write_block_device_read_params(mut writer: tree::block_device::read::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_start(value.field("start").number::<u64>());
    writer.set_count(value.field("count").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_read_results(reader: tree::block_device::read::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("data", Value::from(reader.data()?)),
    ], case))
}

#[rustfmt::skip]
fn write_block_device_read_results(mut writer: tree::block_device::read::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_data(value.field("data").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_write_params(reader: tree::block_device::write::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("start", Value::from(reader.start())),
        ("data", Value::from(reader.data()?)),
    ], case))
}

#[rustfmt::skip]
fn write_block_device_write_params(mut writer: tree::block_device::write::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_start(value.field("start").number::<u64>());
    writer.set_data(value.field("data").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_write_results(reader: tree::block_device::write::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_block_device_write_results(mut writer: tree::block_device::write::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_flush_params(reader: tree::block_device::flush::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_block_device_flush_params(mut writer: tree::block_device::flush::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_block_device_flush_results(reader: tree::block_device::flush::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_block_device_flush_results(mut writer: tree::block_device::flush::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_block_info(reader: tree::BlockInfoReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("blockSize", Value::from(reader.block_size())),
        ("blockCount", Value::from(reader.block_count())),
        ("readOnly", Value::from(reader.read_only())),
        ("serial", Value::from(reader.serial()?)),
    ], case))
}

#[rustfmt::skip]
fn write_block_info(mut writer: tree::BlockInfoWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_block_size(value.field("blockSize").number::<u32>());
    writer.set_block_count(value.field("blockCount").number::<u64>());
    writer.set_read_only(value.field("readOnly").boolean());
    writer.set_serial(value.field("serial").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_notification_factory_create_params(reader: tree::notification_factory::create::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_notification_factory_create_params(mut writer: tree::notification_factory::create::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_notification_factory_create_results(reader: tree::notification_factory::create::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("notification", Value::capability(reader.notification())?),
        ("signaller", Value::capability(reader.signaller())?),
    ], case))
}

#[rustfmt::skip]
fn write_notification_factory_create_results(mut writer: tree::notification_factory::create::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("notification").index() {
        writer.set_notification(index)?;
    }
    if let Some(index) = value.field("signaller").index() {
        writer.set_signaller(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_notification_signal_params(reader: tree::notification::signal::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bits", Value::from(reader.bits())),
    ], case))
}

#[rustfmt::skip]
fn write_notification_signal_params(mut writer: tree::notification::signal::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_bits(value.field("bits").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_notification_signal_results(reader: tree::notification::signal::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_notification_signal_results(mut writer: tree::notification::signal::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_notification_wait_params(reader: tree::notification::wait::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("mask", Value::from(reader.mask())),
    ], case))
}

#[rustfmt::skip]
fn write_notification_wait_params(mut writer: tree::notification::wait::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_mask(value.field("mask").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_notification_wait_results(reader: tree::notification::wait::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bits", Value::from(reader.bits())),
    ], case))
}

#[rustfmt::skip]
fn write_notification_wait_results(mut writer: tree::notification::wait::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_bits(value.field("bits").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_notification_poll_params(reader: tree::notification::poll::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("mask", Value::from(reader.mask())),
    ], case))
}

#[rustfmt::skip]
fn write_notification_poll_params(mut writer: tree::notification::poll::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_mask(value.field("mask").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_notification_poll_results(reader: tree::notification::poll::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bits", Value::from(reader.bits())),
    ], case))
}

#[rustfmt::skip]
fn write_notification_poll_results(mut writer: tree::notification::poll::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_bits(value.field("bits").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_signaller_signal_params(reader: tree::signaller::signal::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bits", Value::from(reader.bits())),
    ], case))
}

#[rustfmt::skip]
fn write_signaller_signal_params(mut writer: tree::signaller::signal::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_bits(value.field("bits").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_signaller_signal_results(reader: tree::signaller::signal::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_signaller_signal_results(mut writer: tree::signaller::signal::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_capability_manager_list_params(reader: tree::capability_manager::list::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("start", Value::from(reader.start())),
    ], case))
}

#[rustfmt::skip]
fn write_capability_manager_list_params(mut writer: tree::capability_manager::list::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_start(value.field("start").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_capability_manager_list_results(reader: tree::capability_manager::list::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("caps", Value::list(reader.caps()?.iter().map(read_held_cap))?),
        ("total", Value::from(reader.total())),
    ], case))
}

#[rustfmt::skip]
fn write_capability_manager_list_results(mut writer: tree::capability_manager::list::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    let values = value.field("caps").items();
    let mut list = writer.init_caps(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_held_cap(list.get(index)?, each)?;
    }
    writer.set_total(value.field("total").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_capability_manager_derive_params(reader: tree::capability_manager::derive::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("cap", Value::capability(reader.cap())?),
    ], case))
}

#[rustfmt::skip]
fn write_capability_manager_derive_params(mut writer: tree::capability_manager::derive::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("cap").index() {
        writer.set_cap(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_capability_manager_derive_results(reader: tree::capability_manager::derive::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("derived", Value::capability(reader.derived())?),
        ("revoker", Value::capability(reader.revoker())?),
    ], case))
}

#[rustfmt::skip]
fn write_capability_manager_derive_results(mut writer: tree::capability_manager::derive::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("derived").index() {
        writer.set_derived(index)?;
    }
    if let Some(index) = value.field("revoker").index() {
        writer.set_revoker(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_held_cap(reader: tree::HeldCapReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("cap", Value::from(reader.cap())),
        ("revoked", Value::from(reader.revoked())),
        ("interfaceId", Value::from(reader.interface_id())),
        ("interfaceName", Value::from(reader.interface_name()?)),
    ], case))
}

#[rustfmt::skip]
fn write_held_cap(mut writer: tree::HeldCapWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_cap(value.field("cap").number::<u32>());
    writer.set_revoked(value.field("revoked").boolean());
    writer.set_interface_id(value.field("interfaceId").number::<u64>());
    writer.set_interface_name(value.field("interfaceName").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_revoker_revoke_params(reader: tree::revoker::revoke::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_revoker_revoke_params(mut writer: tree::revoker::revoke::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_revoker_revoke_results(reader: tree::revoker::revoke::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("revoked", Value::from(reader.revoked())),
    ], case))
}

#[rustfmt::skip]
fn write_revoker_revoke_results(mut writer: tree::revoker::revoke::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_revoked(value.field("revoked").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_system_stats_read_params(reader: tree::system_stats::read::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_system_stats_read_params(mut writer: tree::system_stats::read::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_system_stats_read_results(reader: tree::system_stats::read::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("stats", read_stats(reader.stats()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_system_stats_read_results(mut writer: tree::system_stats::read::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_stats(writer.init_stats()?, value.field("stats"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_system_stats_check_tables_params(reader: tree::system_stats::check_tables::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_system_stats_check_tables_params(mut writer: tree::system_stats::check_tables::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_system_stats_check_tables_results(reader: tree::system_stats::check_tables::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("tables", read_table_check(reader.tables()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_system_stats_check_tables_results(mut writer: tree::system_stats::check_tables::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_table_check(writer.init_tables()?, value.field("tables"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_stats(reader: tree::StatsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("framesFree", Value::from(reader.frames_free())),
        ("framesOwned", Value::from(reader.frames_owned())),
        ("framesShared", Value::from(reader.frames_shared())),
        ("processes", Value::from(reader.processes())),
        ("threads", Value::from(reader.threads())),
        ("capabilities", Value::from(reader.capabilities())),
        ("endpoints", Value::from(reader.endpoints())),
        ("labels", Value::from(reader.labels())),
        ("notifications", Value::from(reader.notifications())),
        ("derivations", Value::from(reader.derivations())),
        ("allocators", Value::from(reader.allocators())),
        ("memoryObjects", Value::from(reader.memory_objects())),
        ("regions", Value::from(reader.regions())),
        ("calls", Value::from(reader.calls())),
        ("callsQueued", Value::from(reader.calls_queued())),
        ("queueBytes", Value::from(reader.queue_bytes())),
        ("waiters", Value::from(reader.waiters())),
        ("entries", Value::from(reader.entries())),
        ("timerInterrupts", Value::from(reader.timer_interrupts())),
        ("processorInterrupts", Value::from(reader.processor_interrupts())),
        ("switches", Value::from(reader.switches())),
        ("spawns", Value::from(reader.spawns())),
    ], case))
}

#[rustfmt::skip]
fn write_stats(mut writer: tree::StatsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_frames_free(value.field("framesFree").number::<u64>());
    writer.set_frames_owned(value.field("framesOwned").number::<u64>());
    writer.set_frames_shared(value.field("framesShared").number::<u64>());
    writer.set_processes(value.field("processes").number::<u64>());
    writer.set_threads(value.field("threads").number::<u64>());
    writer.set_capabilities(value.field("capabilities").number::<u64>());
    writer.set_endpoints(value.field("endpoints").number::<u64>());
    writer.set_labels(value.field("labels").number::<u64>());
    writer.set_notifications(value.field("notifications").number::<u64>());
    writer.set_derivations(value.field("derivations").number::<u64>());
    writer.set_allocators(value.field("allocators").number::<u64>());
    writer.set_memory_objects(value.field("memoryObjects").number::<u64>());
    writer.set_regions(value.field("regions").number::<u64>());
    writer.set_calls(value.field("calls").number::<u64>());
    writer.set_calls_queued(value.field("callsQueued").number::<u64>());
    writer.set_queue_bytes(value.field("queueBytes").number::<u64>());
    writer.set_waiters(value.field("waiters").number::<u64>());
    writer.set_entries(value.field("entries").number::<u64>());
    writer.set_timer_interrupts(value.field("timerInterrupts").number::<u64>());
    writer.set_processor_interrupts(value.field("processorInterrupts").number::<u64>());
    writer.set_switches(value.field("switches").number::<u64>());
    writer.set_spawns(value.field("spawns").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_table_check(reader: tree::TableCheckReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("spaces", Value::from(reader.spaces())),
        ("pages", Value::from(reader.pages())),
        ("executable", Value::from(reader.executable())),
        ("violations", Value::from(reader.violations())),
    ], case))
}

#[rustfmt::skip]
fn write_table_check(mut writer: tree::TableCheckWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_spaces(value.field("spaces").number::<u64>());
    writer.set_pages(value.field("pages").number::<u64>());
    writer.set_executable(value.field("executable").number::<u64>());
    writer.set_violations(value.field("violations").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_allocate_params(reader: tree::frame_allocator::allocate::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_allocate_params(mut writer: tree::frame_allocator::allocate::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_allocate_results(reader: tree::frame_allocator::allocate::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("memory", Value::capability(reader.memory())?),
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_allocate_results(mut writer: tree::frame_allocator::allocate::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("memory").index() {
        writer.set_memory(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_derive_params(reader: tree::frame_allocator::derive::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_derive_params(mut writer: tree::frame_allocator::derive::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_derive_results(reader: tree::frame_allocator::derive::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("allocator", Value::capability(reader.allocator())?),
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_derive_results(mut writer: tree::frame_allocator::derive::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("allocator").index() {
        writer.set_allocator(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_info_params(reader: tree::frame_allocator::info::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_info_params(mut writer: tree::frame_allocator::info::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_frame_allocator_info_results(reader: tree::frame_allocator::info::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("limit", Value::from(reader.limit())),
        ("used", Value::from(reader.used())),
    ], case))
}

#[rustfmt::skip]
fn write_frame_allocator_info_results(mut writer: tree::frame_allocator::info::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_limit(value.field("limit").number::<u32>());
    writer.set_used(value.field("used").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_info_params(reader: tree::memory_object::info::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_info_params(mut writer: tree::memory_object::info::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_info_results(reader: tree::memory_object::info::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_info_results(mut writer: tree::memory_object::info::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_map_params(reader: tree::memory_object::map::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("writable", Value::from(reader.writable())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_map_params(mut writer: tree::memory_object::map::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_writable(value.field("writable").boolean());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_map_results(reader: tree::memory_object::map::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_map_results(mut writer: tree::memory_object::map::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_unmap_params(reader: tree::memory_object::unmap::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_unmap_params(mut writer: tree::memory_object::unmap::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_unmap_results(reader: tree::memory_object::unmap::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_unmap_results(mut writer: tree::memory_object::unmap::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_reader_params(reader: tree::memory_object::reader::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_reader_params(mut writer: tree::memory_object::reader::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_memory_object_reader_results(reader: tree::memory_object::reader::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("reader", Value::capability(reader.reader())?),
    ], case))
}

#[rustfmt::skip]
fn write_memory_object_reader_results(mut writer: tree::memory_object::reader::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("reader").index() {
        writer.set_reader(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_info_params(reader: tree::memory_reader::info::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_info_params(mut writer: tree::memory_reader::info::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_info_results(reader: tree::memory_reader::info::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_info_results(mut writer: tree::memory_reader::info::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_map_params(reader: tree::memory_reader::map::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_map_params(mut writer: tree::memory_reader::map::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_map_results(reader: tree::memory_reader::map::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_map_results(mut writer: tree::memory_reader::map::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_unmap_params(reader: tree::memory_reader::unmap::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_unmap_params(mut writer: tree::memory_reader::unmap::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_memory_reader_unmap_results(reader: tree::memory_reader::unmap::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_memory_reader_unmap_results(mut writer: tree::memory_reader::unmap::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_reserve_params(reader: tree::virtual_memory::reserve::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_reserve_params(mut writer: tree::virtual_memory::reserve::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_reserve_results(reader: tree::virtual_memory::reserve::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_reserve_results(mut writer: tree::virtual_memory::reserve::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_commit_params(reader: tree::virtual_memory::commit::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_commit_params(mut writer: tree::virtual_memory::commit::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_commit_results(reader: tree::virtual_memory::commit::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_commit_results(mut writer: tree::virtual_memory::commit::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_protect_params(reader: tree::virtual_memory::protect::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
        ("pages", Value::from(reader.pages())),
        ("access", Value::Enum(reader.access()?.to_wire())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_protect_params(mut writer: tree::virtual_memory::protect::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    writer.set_pages(value.field("pages").number::<u32>());
    writer.set_access(tree::MemoryAccess::from_wire(value.field("access").enumerant())?);
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_protect_results(reader: tree::virtual_memory::protect::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_protect_results(mut writer: tree::virtual_memory::protect::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_decommit_params(reader: tree::virtual_memory::decommit::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
        ("pages", Value::from(reader.pages())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_decommit_params(mut writer: tree::virtual_memory::decommit::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    writer.set_pages(value.field("pages").number::<u32>());
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_decommit_results(reader: tree::virtual_memory::decommit::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_decommit_results(mut writer: tree::virtual_memory::decommit::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_release_params(reader: tree::virtual_memory::release::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("address", Value::from(reader.address())),
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_release_params(mut writer: tree::virtual_memory::release::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_address(value.field("address").number::<u64>());
    Ok(())
}

#[rustfmt::skip]
fn read_virtual_memory_release_results(reader: tree::virtual_memory::release::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_virtual_memory_release_results(mut writer: tree::virtual_memory::release::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_store_put_params(reader: tree::store::put::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("data", Value::from(reader.data()?)),
    ], case))
}

#[rustfmt::skip]
fn write_store_put_params(mut writer: tree::store::put::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_data(value.field("data").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_put_results(reader: tree::store::put::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("result", read_put_result(reader.result()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_store_put_results(mut writer: tree::store::put::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_put_result(writer.init_result()?, value.field("result"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_get_params(reader: tree::store::get::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("digest", Value::from(reader.digest()?)),
    ], case))
}

#[rustfmt::skip]
fn write_store_get_params(mut writer: tree::store::get::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_digest(value.field("digest").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_get_results(reader: tree::store::get::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("result", read_get_result(reader.result()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_store_get_results(mut writer: tree::store::get::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_get_result(writer.init_result()?, value.field("result"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_has_params(reader: tree::store::has::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("digest", Value::from(reader.digest()?)),
    ], case))
}

#[rustfmt::skip]
fn write_store_has_params(mut writer: tree::store::has::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_digest(value.field("digest").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_has_results(reader: tree::store::has::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("present", Value::from(reader.present())),
    ], case))
}

#[rustfmt::skip]
fn write_store_has_results(mut writer: tree::store::has::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_present(value.field("present").boolean());
    Ok(())
}

#[rustfmt::skip]
fn read_store_delete_params(reader: tree::store::delete::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("digest", Value::from(reader.digest()?)),
    ], case))
}

#[rustfmt::skip]
fn write_store_delete_params(mut writer: tree::store::delete::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_digest(value.field("digest").data())?;
    Ok(())
}

#[rustfmt::skip]
fn read_store_delete_results(reader: tree::store::delete::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("deleted", Value::from(reader.deleted())),
    ], case))
}

#[rustfmt::skip]
fn write_store_delete_results(mut writer: tree::store::delete::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_deleted(value.field("deleted").boolean());
    Ok(())
}

#[rustfmt::skip]
fn read_store_commit_params(reader: tree::store::commit::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_store_commit_params(mut writer: tree::store::commit::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_store_commit_results(reader: tree::store::commit::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("result", read_commit_result(reader.result()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_store_commit_results(mut writer: tree::store::commit::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    write_commit_result(writer.init_result()?, value.field("result"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_put_result(reader: tree::PutResultReader<'_>) -> Result<Value, WireError> {
    let case = Some(match reader.which()? {
        tree::PutResultWhich::Digest(value) => ("digest", Value::from(value)),
        tree::PutResultWhich::Full => ("full", Value::Void),
        tree::PutResultWhich::TooLarge => ("tooLarge", Value::Void),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_put_result(mut writer: tree::PutResultWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "digest" => {
            writer.set_digest(value.data())?;
        }
        "full" => {
            writer.set_full();
        }
        "tooLarge" => {
            writer.set_too_large();
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_get_result(reader: tree::GetResultReader<'_>) -> Result<Value, WireError> {
    let case = Some(match reader.which()? {
        tree::GetResultWhich::Data(value) => ("data", Value::from(value)),
        tree::GetResultWhich::NotFound => ("notFound", Value::Void),
        tree::GetResultWhich::Corrupt => ("corrupt", Value::Void),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_get_result(mut writer: tree::GetResultWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "data" => {
            writer.set_data(value.data())?;
        }
        "notFound" => {
            writer.set_not_found();
        }
        "corrupt" => {
            writer.set_corrupt();
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_commit_result(reader: tree::CommitResultReader<'_>) -> Result<Value, WireError> {
    let case = Some(match reader.which()? {
        tree::CommitResultWhich::Generation(value) => ("generation", Value::from(value)),
        tree::CommitResultWhich::Failed(value) => ("failed", Value::from(value)),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_commit_result(mut writer: tree::CommitResultWriter<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "generation" => {
            writer.set_generation(value.number::<u64>());
        }
        "failed" => {
            writer.set_failed(value.text())?;
        }
        _ => unreachable!(),
    }
    Ok(())
}
