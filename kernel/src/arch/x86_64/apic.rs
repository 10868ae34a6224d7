//! The local APIC's one-shot timer, and the clock.
//!
//! Both are calibrated against the ACPI power-management timer, because neither the APIC's frequency
//! nor the time-stamp counter's is told by the machines that the kernel runs on.

use core::sync::atomic::{AtomicU64, Ordering};

use capos_core::acpi::{TIMER_HERTZ, ticks_between};

use super::port::Port;
use super::{cpu, interrupts, phys};

const APIC_BASE: u32 = 0x1b;
const BASE_ENABLE: u64 = 1 << 11;
const BASE_X2APIC: u64 = 1 << 10;
const BASE_ADDRESS: u64 = 0x000f_ffff_ffff_f000;

const SPURIOUS_VECTOR: usize = 0xf0;
const END_OF_INTERRUPT: usize = 0xb0;
const TASK_PRIORITY: usize = 0x80;
const TIMER_VECTOR: usize = 0x320;
const TIMER_START: usize = 0x380;
const TIMER_NOW: usize = 0x390;
const TIMER_DIVIDE: usize = 0x3e0;
const MASKED: u32 = 1 << 16;
const SOFTWARE_ENABLE: u32 = 1 << 8;
const DIVIDE_BY_16: u32 = 0b0011;

/// How long calibration watches, in PM timer ticks: 4 ms.
const CALIBRATION_TICKS: u32 = (TIMER_HERTZ / 250) as u32;
/// Readings after which a PM timer that does not move is given up.
const CALIBRATION_PATIENCE: u32 = 10_000_000;
const NANOS_PER_SECOND: u64 = 1_000_000_000;

static REGISTERS: AtomicU64 = AtomicU64::new(0);
static TICKS_PER_SECOND: AtomicU64 = AtomicU64::new(0);
/// Nanoseconds of one time stamp, times 2^32.
static NANOS_PER_STAMP: AtomicU64 = AtomicU64::new(0);
static FIRST_STAMP: AtomicU64 = AtomicU64::new(0);

/// Physical address of the registers.
pub fn address() -> u64 {
    // SAFETY: the APIC base register exists wherever CPUID reports an APIC, which is required.
    unsafe { cpu::read_msr(APIC_BASE) & BASE_ADDRESS }
}

/// Starts the APIC behind `registers` (mapped, uncached) and calibrates the clock. Names what is
/// wrong where that is impossible.
pub fn start(registers: u64, pm_timer: u16) -> Result<(), &'static str> {
    // SAFETY: as in `address`; enabling the APIC only makes its registers answer.
    unsafe {
        let base = cpu::read_msr(APIC_BASE);
        if base & BASE_X2APIC != 0 {
            return Err("the firmware left the APIC in x2APIC mode");
        }
        cpu::write_msr(APIC_BASE, base | BASE_ENABLE);
    }
    REGISTERS.store(registers, Ordering::Relaxed);
    write(TASK_PRIORITY, 0);
    write(
        SPURIOUS_VECTOR,
        SOFTWARE_ENABLE | u32::from(interrupts::SPURIOUS),
    );
    write(TIMER_DIVIDE, DIVIDE_BY_16);
    write(TIMER_VECTOR, MASKED | u32::from(interrupts::TIMER));

    let timer = Port(pm_timer);
    let (from, stamp) = (timer.read32(), cpu::time_stamp());
    write(TIMER_START, u32::MAX);
    let mut patience = CALIBRATION_PATIENCE;
    let passed = loop {
        let passed = ticks_between(from, timer.read32());
        patience -= 1;
        if passed >= CALIBRATION_TICKS {
            break u64::from(passed);
        }
        if patience == 0 {
            return Err("the ACPI PM timer stands still");
        }
    };
    let stamps = cpu::time_stamp().wrapping_sub(stamp);
    let ticks = u64::from(u32::MAX - read(TIMER_NOW));
    write(TIMER_START, 0);
    write(TIMER_VECTOR, u32::from(interrupts::TIMER));
    TICKS_PER_SECOND.store((ticks * TIMER_HERTZ / passed).max(1), Ordering::Relaxed);
    let nanos = u128::from(passed) * u128::from(NANOS_PER_SECOND) / u128::from(TIMER_HERTZ);
    let per_stamp = (nanos << 32) / u128::from(stamps.max(1));
    NANOS_PER_STAMP.store(
        u64::try_from(per_stamp).unwrap_or(u64::MAX),
        Ordering::Relaxed,
    );
    FIRST_STAMP.store(cpu::time_stamp(), Ordering::Relaxed);
    Ok(())
}

/// Nanoseconds since `start`.
pub fn now() -> u64 {
    let stamps = cpu::time_stamp().wrapping_sub(FIRST_STAMP.load(Ordering::Relaxed));
    let per_stamp = NANOS_PER_STAMP.load(Ordering::Relaxed);
    (u128::from(stamps) * u128::from(per_stamp) >> 32) as u64
}

/// Asks for one timer interrupt in about `nanos`; a request before it is forgotten.
pub fn arm(nanos: u64) {
    let per_second = TICKS_PER_SECOND.load(Ordering::Relaxed);
    let ticks = u128::from(nanos) * u128::from(per_second) / u128::from(NANOS_PER_SECOND);
    write(TIMER_START, ticks.clamp(1, u128::from(u32::MAX)) as u32);
}

/// Tells the APIC that its interrupt was handled.
pub fn acknowledge() {
    write(END_OF_INTERRUPT, 0);
}

fn read(register: usize) -> u32 {
    phys::read_register(REGISTERS.load(Ordering::Relaxed), register)
}

fn write(register: usize, value: u32) {
    phys::write_register(REGISTERS.load(Ordering::Relaxed), register, value);
}
