//! Each thread's saved registers, and switching between threads.

use core::cell::UnsafeCell;

use capos_core::frames::Frame as PhysicalFrame;
use capos_core::system::THREADS;

use super::entry::Frame;
use super::{cpu, gdt, percpu};

const FLAG_INTERRUPTS: u64 = 1 << 9;
const FLAG_ALWAYS: u64 = 1 << 1;

struct Context {
    frame: UnsafeCell<Frame>,
    bases: UnsafeCell<(u64, u64)>,
}

// SAFETY: a context is touched only by the processor that runs its thread (entry code), and by
// holders of the kernel's object lock while the thread does not run.
unsafe impl Sync for Context {}

static CONTEXTS: [Context; THREADS] = [const {
    Context {
        frame: UnsafeCell::new(Frame {
            r15: 0,
            r14: 0,
            r13: 0,
            r12: 0,
            rbp: 0,
            rbx: 0,
            r11: 0,
            r10: 0,
            r9: 0,
            r8: 0,
            rcx: 0,
            rax: 0,
            rdx: 0,
            rsi: 0,
            rdi: 0,
            vector: 0,
            error: 0,
            rip: 0,
            cs: 0,
            rflags: 0,
            rsp: 0,
            ss: 0,
        }),
        bases: UnsafeCell::new((0, 0)),
    }
}; THREADS];

/// Sets a thread's registers for its first instruction. Numbers at or above `THREADS` name no
/// thread, here and below: nothing is done for them.
pub fn prepare(thread: usize, entry: u64, stack: u64, arguments: [u64; 3]) {
    let [rdi, rsi, rdx] = arguments;
    let frame = Frame {
        rdi,
        rsi,
        rdx,
        rip: entry,
        rsp: stack,
        cs: gdt::USER_CODE.into(),
        ss: gdt::USER_DATA.into(),
        rflags: FLAG_INTERRUPTS | FLAG_ALWAYS,
        ..Frame::default()
    };
    if let Some(context) = CONTEXTS.get(thread) {
        // SAFETY: the thread does not run yet (`Context`).
        unsafe {
            *context.frame.get() = frame;
            *context.bases.get() = (0, 0);
        }
    }
}

/// Sets what a thread's system call returns.
#[inline]
pub fn set_result(thread: usize, value: i64) {
    if let Some(context) = CONTEXTS.get(thread) {
        // SAFETY: the thread is in a system call, so it does not run (`Context`).
        unsafe { (*context.frame.get()).rax = value as u64 };
    }
}

/// The frame of a thread that this processor is already set up for.
#[inline]
pub fn frame(thread: usize) -> Option<*mut Frame> {
    CONTEXTS.get(thread).map(|context| context.frame.get())
}

/// Keeps what entry does not save of the thread that ran last.
pub fn leave(thread: usize) {
    if let Some(context) = CONTEXTS.get(thread) {
        // SAFETY: the thread ran on this processor until just now.
        unsafe { *context.bases.get() = cpu::user_bases() };
    }
}

/// Sets this processor up for a thread in the address space `root`.
pub fn switch_to(thread: usize, root: PhysicalFrame) -> Option<*mut Frame> {
    let context = CONTEXTS.get(thread)?;
    let frame = context.frame.get();
    percpu::own().set_frame_top(frame.wrapping_add(1) as u64);
    // SAFETY: every address space is made with the kernel's half in it, and is taken apart only
    // after its threads have gone and another space was loaded.
    unsafe {
        cpu::load_root(root);
        let (fs, gs) = *context.bases.get();
        cpu::set_user_bases(fs, gs);
    }
    Some(frame)
}
