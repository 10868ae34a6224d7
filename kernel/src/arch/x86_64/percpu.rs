//! What each processor has for itself, reached through gs while the kernel runs.

use core::cell::{Cell, UnsafeCell};
use core::ptr::addr_of;

use super::gdt::Segments;
use super::{cpu, image};

/// Processors that the kernel can run on.
pub const CPUS: usize = 1;

/// One processor's own data.
#[repr(C)]
pub struct PerCpu {
    /// Scratch for the first instructions of a system call.
    pub user_stack: Cell<u64>,
    /// The end of the current thread's frame.
    pub frame_top: Cell<u64>,
    /// Where the kernel's stack starts on every entry.
    pub kernel_stack: Cell<u64>,
    index: UnsafeCell<usize>,
    segments: Segments,
}

// SAFETY: a processor touches only its own entry, and the kernel is not re-entered on a processor.
unsafe impl Sync for PerCpu {}

static ALL: [PerCpu; CPUS] = [const {
    PerCpu {
        user_stack: Cell::new(0),
        frame_top: Cell::new(0),
        kernel_stack: Cell::new(0),
        index: UnsafeCell::new(0),
        segments: Segments::new(),
    }
}; CPUS];

/// Sets this processor up as number `index`; once for each.
pub fn start(index: usize) {
    let own = &ALL[index];
    own.segments.load();
    own.kernel_stack.set(image::stack_top());
    // SAFETY: `own` is static, and this processor's alone from here on.
    unsafe {
        *own.index.get() = index;
        cpu::set_kernel_gs(addr_of!(*own) as u64);
    }
}

/// This processor's data.
pub fn own() -> &'static PerCpu {
    // One processor exists; with more, this reads gs.
    &ALL[0]
}

impl PerCpu {
    /// Makes `top` the end of the frame into which the next entry saves registers.
    pub fn set_frame_top(&self, top: u64) {
        self.frame_top.set(top);
        self.segments.set_interrupt_stack(top);
    }
}
