//! The time-stamp counter, and work of a known length. Under `-icount shift=3` the counter goes on by
//! eight with each instruction.
#![allow(unsafe_code)]

use crate::script::Failed;
use core::arch::asm;

/// How far the counter goes on while something is done, or why that failed.
#[inline(always)]
pub fn ticks(work: impl FnOnce() -> Result<(), Failed>) -> Result<u64, Failed> {
    let start = now();
    work()?;
    Ok(now().wrapping_sub(start))
}

/// Executes so many instructions, in a loop of two.
#[inline(never)]
pub fn compute(instructions: u64) {
    // SAFETY: it changes nothing but its own register.
    unsafe {
        asm!(
            "2:",
            "dec {turns}",
            "jnz 2b",
            turns = inout(reg) (instructions / 2).max(1) => _,
            options(nomem, nostack),
        );
    }
}

#[inline(always)]
fn now() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: both instructions only read the processor's own state; programs may read the counter.
    unsafe { asm!("lfence", "rdtsc", out("eax") low, out("edx") high, options(nostack)) };
    u64::from(high) << 32 | u64::from(low)
}
