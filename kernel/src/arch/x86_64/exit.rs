//! The ways in which the machine stops.

use core::arch::asm;

use capos_core::acpi::PowerOff;

use super::port::Port;
use crate::lock::Lock;

const DEBUG_EXIT: Port = Port(0xf4);

/// isa-debug-exit value for a clean halt with status 0; QEMU exits with 33.
const PASS: u32 = 0x10;
/// isa-debug-exit value for a halt with another status; QEMU exits with 35.
const FAIL: u32 = 0x11;
/// isa-debug-exit value for a panic; QEMU exits with 37.
const PANIC: u32 = 0x12;

/// Prints the trailer and stops the machine: isa-debug-exit, then power off unless it is to stay, then for ever idle.
pub fn halt(status: i32) -> ! {
    let non_maskable = super::interrupts::non_maskable();
    if non_maskable > 0 {
        crate::console::kernel_line(format_args!("non-maskable interrupts: {non_maskable}"));
    }
    crate::console::kernel_line(format_args!("halted status={status}"));
    stop(if status == 0 { PASS } else { FAIL })
}

/// Stops the machine after a panic has been printed.
pub fn panicked() -> ! {
    stop(PANIC)
}

static POWER_OFF: Lock<Option<PowerOff>> = Lock::new(None);

/// Remembers how this machine is powered off.
pub fn set_power_off(how: Option<PowerOff>) {
    *POWER_OFF.lock() = how;
}

static STAY: Lock<bool> = Lock::new(false);

/// From now on the machine stays on when everything is done, idle, until somebody ends it.
pub fn stay_when_done() {
    *STAY.lock() = true;
}

fn stop(value: u32) -> ! {
    DEBUG_EXIT.write32(value);
    if *STAY.lock() {
        idle_for_ever()
    }
    if let Some(how) = *POWER_OFF.lock() {
        for (port, value) in [Some(how.first), how.second].into_iter().flatten() {
            Port(port).write16(value);
        }
    }
    idle_for_ever()
}

/// Stops this processor, interrupts off.
pub fn idle_for_ever() -> ! {
    loop {
        // SAFETY: halting with interrupts disabled touches no memory.
        unsafe { asm!("cli", "hlt", options(nomem, nostack)) };
    }
}
