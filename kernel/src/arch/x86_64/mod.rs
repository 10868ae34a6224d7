//! x86_64: everything that is an instruction, a register, a port or a physical address.

pub mod apic;
pub mod context;
pub mod cpu;
pub mod entry;
mod entry32;
pub mod exit;
pub mod fwcfg;
mod gdt;
pub mod image;
pub mod interrupts;
pub mod percpu;
pub mod phys;
pub mod port;
pub mod serial;

pub use entry32::{MULTIBOOT2_MAGIC, PVH_MAGIC};

use capos_core::frames::Frame;

/// Loads the kernel's own top page table, which maps no program.
pub fn load_kernel_root(root: Frame) {
    // SAFETY: `memory` makes this table complete before it gives it to anybody.
    unsafe { cpu::load_root(root) };
}

/// Loads the top page table that is loaded already, so that the processor forgets what it remembers
/// of the program's half.
pub fn reload_root(root: Frame) {
    // SAFETY: `context::switch_to` loaded the same table, and its space still exists.
    unsafe { cpu::load_root(root) };
}

/// Sets the processor up for programs: segments, interrupts, the system call instruction. Names the
/// feature that it lacks.
pub fn start_processor() -> Result<(), &'static str> {
    if let Some(feature) = cpu::missing_feature() {
        return Err(feature);
    }
    cpu::protect_kernel();
    percpu::start(0);
    interrupts::start();
    cpu::set_syscall_entry(entry::syscall_stub());
    Ok(())
}
