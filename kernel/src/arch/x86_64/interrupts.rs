//! The interrupt table and what happens on each interrupt.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU64, Ordering};

use super::entry::{self, Frame};
use super::gdt::{DOUBLE_FAULT_STACK, KERNEL_CODE, MACHINE_CHECK_STACK, NMI_STACK};
use super::port::Port;
use super::{apic, cpu, exit};

/// The local timer.
pub const TIMER: u8 = 0x40;
/// What the local APIC sends when an interrupt vanished.
pub const SPURIOUS: u8 = 0xff;

const NMI: u8 = 2;
const DOUBLE_FAULT: u8 = 8;
const MACHINE_CHECK: u8 = 18;
const LEGACY_FIRST: u8 = 0x20;

/// How many non-maskable interrupts there were.
pub(super) static NON_MASKABLE: AtomicU64 = AtomicU64::new(0);

/// How many non-maskable interrupts there were: each is counted, and nothing else is done about it.
pub fn non_maskable() -> u64 {
    NON_MASKABLE.load(Ordering::Relaxed)
}

struct Table(UnsafeCell<[[u64; 2]; 256]>);

// SAFETY: written once at start, before it is loaded; read by the processor only.
unsafe impl Sync for Table {}

static TABLE: Table = Table(UnsafeCell::new([[0; 2]; 256]));

#[repr(C, packed(2))]
struct Pointer {
    limit: u16,
    base: u64,
}

/// Why a program was stopped by the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It touched memory that it may not.
    Page,
    /// It used a privileged instruction or a bad segment or address.
    Protection,
    /// It used an instruction that does not exist, or not here.
    Opcode,
    /// It divided by zero or overflowed.
    Divide,
    /// Anything else.
    Other,
}

/// Fills and loads the table, and silences the legacy interrupt controllers.
pub fn start() {
    for vector in 0..=255_u8 {
        let (handler, stack) = match vector {
            NMI => (entry::non_maskable_stub(), NMI_STACK),
            DOUBLE_FAULT => (entry::stub(vector), DOUBLE_FAULT_STACK),
            MACHINE_CHECK => (entry::stub(vector), MACHINE_CHECK_STACK),
            _ => (entry::stub(vector), 0),
        };
        let low = handler & 0xffff
            | u64::from(KERNEL_CODE) << 16
            | u64::from(stack) << 32
            | 0x8e00 << 32
            | (handler >> 16 & 0xffff) << 48;
        // SAFETY: nothing reads the table before it is loaded below.
        unsafe { (*TABLE.0.get())[usize::from(vector)] = [low, handler >> 32] };
    }
    let pointer = Pointer {
        limit: 4095,
        base: TABLE.0.get() as u64,
    };
    // SAFETY: the table is complete, static, and every entry leads to a stub.
    unsafe { asm!("lidt [{}]", in(reg) &pointer, options(readonly, nostack, preserves_flags)) };
    silence_legacy();
}

/// Moves the two 8259 controllers away from the exceptions and masks all their lines.
fn silence_legacy() {
    let ports = [
        (Port(0x20), Port(0x21), LEGACY_FIRST, 4),
        (Port(0xa0), Port(0xa1), LEGACY_FIRST + 8, 2),
    ];
    for (command, data, first, cascade) in ports {
        command.write8(0x11);
        data.write8(first);
        data.write8(cascade);
        data.write8(0x01);
        data.write8(0xff);
    }
}

#[unsafe(no_mangle)]
extern "C" fn interrupt_from_user(frame: &mut Frame) -> ! {
    let event = match frame.vector as u8 {
        TIMER => {
            apic::acknowledge();
            crate::run::Event::Timer
        }
        SPURIOUS => crate::run::Event::Nothing,
        0 => crate::run::Event::Fault(Fault::Divide),
        6 | 7 => crate::run::Event::Fault(Fault::Opcode),
        14 => crate::run::Event::Fault(Fault::Page),
        10..=13 => crate::run::Event::Fault(Fault::Protection),
        DOUBLE_FAULT | MACHINE_CHECK => stop("in a program", frame),
        1..=31 => crate::run::Event::Fault(Fault::Other),
        _ => crate::run::Event::Nothing,
    };
    if let crate::run::Event::Fault(fault) = event {
        crate::run::report_fault(
            fault,
            frame.rip,
            if fault == Fault::Page {
                cpu::fault_address()
            } else {
                0
            },
        );
    }
    entry::resume(crate::run::after_interrupt(event))
}

#[unsafe(no_mangle)]
extern "C" fn syscall_from_user(first: u64, second: u64, number: u64) -> ! {
    entry::resume(crate::run::after_system_call(first, second, number))
}

#[unsafe(no_mangle)]
extern "C" fn interrupt_in_kernel(frame: &Frame) {
    match frame.vector as u8 {
        TIMER => apic::acknowledge(),
        SPURIOUS | LEGACY_FIRST..=0x2f => {}
        _ => stop("in the kernel", frame),
    }
}

/// Says what the processor found, and stops: the kernel made a mistake, or the machine is broken.
fn stop(whose: &str, frame: &Frame) -> ! {
    let name = match frame.vector as u8 {
        DOUBLE_FAULT => "double fault",
        MACHINE_CHECK => "machine check",
        _ => "exception",
    };
    crate::console::panic_line(format_args!(
        "{name} {whose}: vector {} error {:#x} at {:#x}, address {:#x} ({}:{})",
        frame.vector as u8,
        frame.error,
        frame.rip,
        cpu::fault_address(),
        file!(),
        line!()
    ));
    exit::panicked()
}
