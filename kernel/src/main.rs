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
#[allow(unsafe_code)]
mod lock;
mod panic;

use crate::arch::exit;

/// Runs once, on the boot processor, on the kernel's stack, under the boot page tables.
fn kernel_main(boot: boot::Boot) -> ! {
    boot::banner(&boot);
    exit::halt(0)
}
