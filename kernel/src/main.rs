//! The capos kernel.
//!
//! What decides is in `capos_core`; this crate carries out: it boots the machine, maps memory,
//! switches between programs and drives the disk. `unsafe` is allowed only in the modules that are
//! listed with it here, each of which says why its uses are sound.
#![no_std]
#![no_main]
#![deny(unsafe_code)]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks)]

#[allow(unsafe_code)]
mod arch;
mod boot;
mod console;
mod drivers;
#[allow(unsafe_code)]
mod lock;
mod memory;
mod panic;
mod run;
mod shared;
mod space;
mod world;

use crate::arch::{apic, exit};
use crate::boot::Boot;
use crate::drivers::Disks;

/// Runs once, on the boot processor, on the kernel's stack, under the boot page tables.
fn kernel_main(mut boot: Boot) -> ! {
    boot::banner(&boot);
    if let Err(feature) = arch::start_processor() {
        panic!("this processor lacks {feature}");
    }
    let acpi = boot.acpi();
    exit::set_power_off(acpi.power_off);
    memory::start(&mut boot);
    let timer = match acpi.timer_port {
        Some(port) => port,
        None => panic!("this machine has no ACPI PM timer"),
    };
    let registers = memory::map_device(apic::address(), 4096);
    match registers.map(|registers| apic::start(registers, timer)) {
        Some(Ok(())) => {}
        Some(Err(reason)) => panic!("the local APIC cannot be used: {reason}"),
        None => panic!("the local APIC cannot be mapped"),
    }
    boot.start_init(Disks::probe())
}
