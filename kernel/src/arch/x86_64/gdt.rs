//! Segments, and the task state that names the kernel's stacks.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::size_of;
use core::ptr::addr_of;

/// Selector of the kernel's code.
pub const KERNEL_CODE: u16 = 0x08;
/// What `sysret` adds 8 (data) and 16 (code) to.
pub const SYSRET_BASE: u16 = 0x18 | 3;
/// Selector of programs' data.
pub const USER_DATA: u16 = 0x20 | 3;
/// Selector of programs' code.
pub const USER_CODE: u16 = 0x28 | 3;
const TASK_STATE: u16 = 0x30;

/// Entries of the interrupt stack table, of what may come while no stack can be trusted: each has its
/// own, so that one may come during another.
pub const NMI_STACK: u8 = 1;
/// As above.
pub const DOUBLE_FAULT_STACK: u8 = 2;
/// As above.
pub const MACHINE_CHECK_STACK: u8 = 3;
const EMERGENCY_STACKS: usize = 3;
const EMERGENCY_STACK_BYTES: usize = 16 * 1024;

#[repr(C, packed(4))]
struct TaskState {
    reserved0: u32,
    stacks: [u64; 3],
    reserved1: u64,
    interrupt_stacks: [u64; 7],
    reserved2: [u16; 5],
    io_map: u16,
}

#[repr(C, align(16))]
struct Stack([u8; EMERGENCY_STACK_BYTES]);

/// One processor's segment tables.
#[repr(C, align(16))]
pub struct Segments {
    descriptors: UnsafeCell<[u64; 8]>,
    state: UnsafeCell<TaskState>,
    emergency: UnsafeCell<[Stack; EMERGENCY_STACKS]>,
}

// SAFETY: each processor has its own `Segments` and is the only one to touch it.
unsafe impl Sync for Segments {}

impl Segments {
    /// Tables that are not loaded yet.
    pub const fn new() -> Self {
        Self {
            descriptors: UnsafeCell::new([0; 8]),
            state: UnsafeCell::new(TaskState {
                reserved0: 0,
                stacks: [0; 3],
                reserved1: 0,
                interrupt_stacks: [0; 7],
                reserved2: [0; 5],
                io_map: size_of::<TaskState>() as u16,
            }),
            emergency: UnsafeCell::new(
                [const { Stack([0; EMERGENCY_STACK_BYTES]) }; EMERGENCY_STACKS],
            ),
        }
    }

    /// Fills the tables and loads them on this processor. Once, before interrupts.
    pub fn load(&'static self) {
        let state = addr_of!(self.state) as u64;
        let emergency = addr_of!(self.emergency) as u64;
        let limit = size_of::<TaskState>() as u64 - 1;
        let task_low =
            0x0000_8900_0000_0000 | limit | (state & 0xff_ffff) << 16 | (state >> 24 & 0xff) << 56;
        let pointer = Pointer {
            limit: size_of::<[u64; 8]>() as u16 - 1,
            base: self.descriptors.get() as u64,
        };
        // SAFETY: nobody else uses these tables yet, and they stay where they are. The far return
        // goes on at the next instruction with the kernel's code segment.
        unsafe {
            for number in 0..EMERGENCY_STACKS {
                (*self.state.get()).interrupt_stacks[number] =
                    emergency + (EMERGENCY_STACK_BYTES * (number + 1)) as u64;
            }
            *self.descriptors.get() = [
                0,
                0x00af_9b00_0000_ffff,
                0x00cf_9300_0000_ffff,
                0,
                0x00cf_f300_0000_ffff,
                0x00af_fb00_0000_ffff,
                task_low,
                state >> 32,
            ];
            asm!(
                "lgdt [{pointer}]",
                "push {code}",
                "lea {scratch}, [rip + 2f]",
                "push {scratch}",
                "retfq",
                "2: mov ss, {data:x}",
                "ltr {task:x}",
                pointer = in(reg) &pointer,
                code = in(reg) u64::from(KERNEL_CODE),
                scratch = out(reg) _,
                data = in(reg) 0x10_u64,
                task = in(reg) u64::from(TASK_STATE),
            );
        }
    }

    /// Where an interrupt in user mode pushes its frame.
    pub fn set_interrupt_stack(&self, top: u64) {
        // SAFETY: only this processor uses the table, and not while the kernel runs.
        unsafe { (*self.state.get()).stacks[0] = top };
    }
}

#[repr(C, packed(2))]
struct Pointer {
    limit: u16,
    base: u64,
}
