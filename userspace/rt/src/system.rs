//! Where the program meets the processor: its first instruction and the two system calls.
#![allow(unsafe_code)]

use capos_abi::syscall::{CAP_ENTER, EXIT};

/// Exit status of a program that panicked.
pub const PANICKED: i32 = 101;
/// Exit status of a program that cannot go on because its ring or CapSet makes no sense.
pub const NO_RING: i32 = 102;

/// What a ring needs of the kernel.
pub trait Kernel {
    /// The system call `cap_enter`.
    fn enter(&self, min_complete: u32, timeout_ns: u64) -> i64;

    /// Ends the program with a status.
    fn exit(&self, status: i32) -> !;
}

/// The real kernel.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Kernel for System {
    #[inline]
    fn enter(&self, min_complete: u32, timeout_ns: u64) -> i64 {
        system_call(CAP_ENTER, u64::from(min_complete), timeout_ns)
    }

    fn exit(&self, status: i32) -> ! {
        exit(status)
    }
}

/// Ends the program.
pub fn exit(status: i32) -> ! {
    loop {
        system_call(EXIT, u64::from(status.cast_unsigned()), 0);
    }
}

/// Makes a system call. Any number and any arguments are fine for this program: `exit` does not
/// return, and `cap_enter` only does what entries of the ring ask for, whose submission is `unsafe`.
#[inline]
pub fn system_call(number: u64, first: u64, second: u64) -> i64 {
    let result;
    // SAFETY: as the ABI says, the call changes rax, rcx, r11 and, through entries of the ring, memory
    // whose owners vouch for it; the compiler is not told that memory stays the same.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number.cast_signed() => result,
            in("rdi") first,
            in("rsi") second,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}

#[cfg(target_os = "none")]
mod entry {
    use super::{NO_RING, exit};
    use crate::env::Env;
    use crate::panic;
    use crate::ring::Ring;
    use capos_abi::PAGE_SIZE;
    use capos_abi::capset::CapSet;
    use core::ptr::NonNull;

    // The kernel starts here with rdi = ring, rsi = CapSet, rdx = process id and an aligned stack.
    core::arch::global_asm!(
        ".globl _start",
        "_start:",
        "xor ebp, ebp",
        "call {start}",
        "ud2",
        start = sym start,
    );

    // SAFETY: `program!` makes the one function of this name, with this signature.
    unsafe extern "Rust" {
        safe fn capos_program(env: Env) -> i32;
    }

    extern "sysv64" fn start(
        ring: NonNull<u8>,
        capset: &'static [u8; PAGE_SIZE],
        process: u64,
    ) -> ! {
        // SAFETY: at entry the kernel passes the ring page of this thread, which stays mapped; this is
        // the only place that makes a ring of it.
        let ring = unsafe { Ring::first(ring) };
        let (Some(ring), Some(capset)) = (ring, CapSet::new(capset)) else {
            exit(NO_RING)
        };
        panic::prepare(capset);
        exit(capos_program(Env::new(ring, capset, process)))
    }
}
