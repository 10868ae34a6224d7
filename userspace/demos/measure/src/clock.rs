//! The time-stamp counter. Under `-icount shift=N` it counts 2^N for each instruction that was executed.
#![allow(unsafe_code)]

use core::arch::asm;

/// Measurements of one thing; the middle one is reported.
pub const ROUNDS: usize = 64;

/// The counter, after all that was before it.
#[inline(always)]
pub fn now() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: both instructions only read the processor's own state; programs may read the counter.
    unsafe { asm!("lfence", "rdtsc", out("eax") low, out("edx") high, options(nomem, nostack)) };
    u64::from(high) << 32 | u64::from(low)
}

/// What one measurement costs by itself.
pub fn overhead() -> u64 {
    middle(|| {
        let start = now();
        now().wrapping_sub(start)
    })
}

/// The middle of `ROUNDS` measurements, after one that warms up.
pub fn middle(mut measure: impl FnMut() -> u64) -> u64 {
    measure();
    let mut found = [0; ROUNDS];
    for each in &mut found {
        *each = measure();
    }
    found.sort_unstable();
    let place = ROUNDS / 2;
    found.get(place).copied().unwrap_or(0)
}

/// What an operation costs, or its first error.
pub fn cost<E>(overhead: u64, mut operation: impl FnMut() -> Result<(), E>) -> Result<u64, E> {
    let mut failure = None;
    let cost = middle(|| {
        let start = now();
        let done = operation();
        let end = now();
        if let Err(error) = done {
            failure.get_or_insert(error);
        }
        end.wrapping_sub(start).saturating_sub(overhead)
    });
    failure.map_or(Ok(cost), Err)
}

/// Instructions in the loop of the yardstick.
pub const YARDSTICK: u64 = 4 * TURNS;
const TURNS: u64 = 10_000;

/// Runs `YARDSTICK` instructions in a loop of four, and says how many ticks the counter has seen.
pub fn yardstick() -> u64 {
    let start = now();
    // SAFETY: it changes nothing but its own register.
    unsafe {
        asm!(
            "2:",
            "nop",
            "nop",
            "dec {turns}",
            "jnz 2b",
            turns = inout(reg) TURNS => _,
            options(nomem, nostack),
        );
    }
    now().wrapping_sub(start)
}
