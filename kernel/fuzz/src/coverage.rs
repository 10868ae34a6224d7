//! What the compiler's coverage pass calls and counts.
//!
//! Everything here is compiled with the pass, too: a callback that compared anything would call itself, so none does.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

static START: AtomicUsize = AtomicUsize::new(0);
static STOP: AtomicUsize = AtomicUsize::new(0);

/// A power of two, so that a mask keeps an index inside.
const COMPARED: usize = 256;

/// Values that were compared lately, and how many ever.
struct Compared {
    values: [Cell<u64>; COMPARED],
    next: Cell<usize>,
}

thread_local! {
    /// Each thread's own: what another one compares meanwhile would make of one seed other inputs.
    static LATELY: Compared = const {
        Compared {
            values: [const { Cell::new(0) }; COMPARED],
            next: Cell::new(0),
        }
    };
}

/// Called before `main` with the counters of each compiled module. The linker puts them all into one range, of which
/// every call tells.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    START.store(start as usize, Ordering::Relaxed);
    STOP.store(stop as usize, Ordering::Relaxed);
}

#[inline(always)]
fn compared(left: u64, right: u64) {
    LATELY.with(|lately| {
        let at = lately.next.get();
        lately.next.set(at.wrapping_add(2));
        lately.values[at & (COMPARED - 1)].set(left);
        lately.values[(at | 1) & (COMPARED - 1)].set(right);
    });
}

macro_rules! comparisons {
    ($($name:ident($type:ty))*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(left: $type, right: $type) {
            compared(u64::from(left), u64::from(right));
        }
    )*};
}

comparisons! {
    __sanitizer_cov_trace_cmp1(u8)
    __sanitizer_cov_trace_cmp2(u16)
    __sanitizer_cov_trace_cmp4(u32)
    __sanitizer_cov_trace_cmp8(u64)
    __sanitizer_cov_trace_const_cmp1(u8)
    __sanitizer_cov_trace_const_cmp2(u16)
    __sanitizer_cov_trace_const_cmp4(u32)
    __sanitizer_cov_trace_const_cmp8(u64)
}

/// The cases of a `match` are constants of the program, which the other side of a comparison would only repeat.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_switch(value: u64, _cases: *const u64) {
    compared(value, value);
}

/// Whether the pass was there.
pub fn is_there() -> bool {
    STOP.load(Ordering::Relaxed) > START.load(Ordering::Relaxed)
}

/// A value that this thread compared lately, the `number`th.
pub fn lately_compared(number: usize) -> u64 {
    LATELY.with(|lately| lately.values[number % COMPARED].get())
}

/// Forgets what this thread compared before.
pub fn forget_compared() {
    LATELY.with(|lately| {
        for value in &lately.values {
            value.set(0);
        }
        lately.next.set(0);
    });
}

/// Counts anew.
pub fn clear() {
    let (start, stop) = (START.load(Ordering::Relaxed), STOP.load(Ordering::Relaxed));
    if start == stop {
        return;
    }
    // SAFETY: the pass told that its counters lie in this range, for as long as the program runs. Compiled code writes
    // them without any order, but only one thread fuzzes.
    unsafe { (start as *mut u8).write_bytes(0, stop.saturating_sub(start)) };
}

/// Every edge that was taken since they were cleared, with a bit of how often: one, two, three, few, many.
pub fn taken(mut saw: impl FnMut(usize, u8)) {
    let (start, stop) = (START.load(Ordering::Relaxed), STOP.load(Ordering::Relaxed));
    if start == stop {
        return;
    }
    let mut counters = vec![0; stop.saturating_sub(start)];
    // SAFETY: as above, and the copy is as long. A copy, because this very code is counted while it looks.
    unsafe {
        counters
            .as_mut_ptr()
            .copy_from(start as *const u8, counters.len())
    };
    // Almost all are zero, so they are looked at by eights.
    let (eights, rest) = counters.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        if u64::from_ne_bytes(*eight) == 0 {
            continue;
        }
        for (at, count) in eight.iter().enumerate() {
            tell(8 * number + at, *count, &mut saw);
        }
    }
    for (at, count) in rest.iter().enumerate() {
        tell(8 * eights.len() + at, *count, &mut saw);
    }
}

fn tell(edge: usize, count: u8, saw: &mut impl FnMut(usize, u8)) {
    match count {
        0 => {}
        1 => saw(edge, 1),
        2 => saw(edge, 2),
        3 => saw(edge, 4),
        4..8 => saw(edge, 8),
        8..32 => saw(edge, 16),
        32..128 => saw(edge, 32),
        _ => saw(edge, 64),
    }
}
