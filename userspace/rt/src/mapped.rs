//! Memory that was mapped while the program runs. Others may write it at the same time, and it may be
//! taken away: then touching it ends the program.
#![allow(unsafe_code)]

use capos_abi::PAGE_SIZE;
use core::sync::atomic::{AtomicU64, Ordering};

/// A mapping of whole pages. Its words are read and written one by one, so that what another program
/// writes meanwhile cannot be more than another value.
#[derive(Debug)]
pub struct Mapped {
    address: u64,
    pages: u32,
    writable: bool,
}

impl Mapped {
    /// What the kernel mapped at an address: clients make it of what the kernel said, which is what
    /// makes the accesses below sound.
    pub(crate) fn new(address: u64, pages: u32, writable: bool) -> Self {
        Self {
            address,
            pages,
            writable,
        }
    }

    /// Its first address.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Words of 8 bytes in it.
    pub fn words(&self) -> usize {
        self.pages as usize * (PAGE_SIZE / 8)
    }

    /// Reads a word. `None` behind the end.
    pub fn load(&self, index: usize) -> Option<u64> {
        Some(self.word(index)?.load(Ordering::Acquire))
    }

    /// Writes a word; `false` behind the end, or where it is mapped for reading only.
    pub fn store(&self, index: usize, value: u64) -> bool {
        match self.word(index) {
            Some(word) if self.writable => {
                word.store(value, Ordering::Release);
                true
            }
            _ => false,
        }
    }

    fn word(&self, index: usize) -> Option<&AtomicU64> {
        if index >= self.words() {
            return None;
        }
        let base = core::ptr::with_exposed_provenance::<AtomicU64>(self.address as usize);
        // SAFETY: the kernel mapped so many pages there, in a range that nothing else uses. Where they
        // were taken away since, the access faults, which ends the program and harms nobody.
        Some(unsafe { &*base.add(index) })
    }
}
