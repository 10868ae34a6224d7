//! Large memory with a fixed place.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// A static value that one caller can take, for as long as the program runs.
///
/// ```
/// use capos_rt::Once;
/// static MEMORY: Once<[u8; 64]> = Once::new([0; 64]);
/// assert!(MEMORY.take().is_some());
/// assert!(MEMORY.take().is_none());
/// ```
pub struct Once<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through `take`, which gives it to one caller; that caller may
// be another thread, hence `Send`.
unsafe impl<T: Send> Sync for Once<T> {}

impl<T> Once<T> {
    /// A value that nobody has taken yet.
    pub const fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the value; `None` if somebody has.
    #[expect(clippy::mut_from_ref, reason = "the flag makes it the only reference")]
    pub fn take(&'static self) -> Option<&'static mut T> {
        if self.taken.swap(true, Ordering::AcqRel) {
            return None;
        }
        // SAFETY: `taken` was false and is never reset, so this is the only reference ever made.
        Some(unsafe { &mut *self.value.get() })
    }
}
