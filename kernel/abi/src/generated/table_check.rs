//! `TableCheck`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{reader, writer};

reader! {
    /// The struct `TableCheck`.
    TableCheckReader
}

impl TableCheckReader<'_> {
    /// address spaces that were walked, the kernel's own included
    #[inline]
    pub fn spaces(self) -> u64 {
        self.0.u64(0)
    }

    /// mappings that were seen
    #[inline]
    pub fn pages(self) -> u64 {
        self.0.u64(1)
    }

    /// frames that somebody may execute
    #[inline]
    pub fn executable(self) -> u64 {
        self.0.u64(2)
    }

    /// mappings that let such a frame be written
    #[inline]
    pub fn violations(self) -> u64 {
        self.0.u64(3)
    }
}

writer! {
    /// Writes [`TableCheckReader`].
    TableCheckWriter(4, 0)
}

impl TableCheckWriter<'_> {
    /// address spaces that were walked, the kernel's own included
    #[inline]
    pub fn set_spaces(&mut self, value: u64) {
        self.0.set_u64(0, value);
    }

    /// mappings that were seen
    #[inline]
    pub fn set_pages(&mut self, value: u64) {
        self.0.set_u64(1, value);
    }

    /// frames that somebody may execute
    #[inline]
    pub fn set_executable(&mut self, value: u64) {
        self.0.set_u64(2, value);
    }

    /// mappings that let such a frame be written
    #[inline]
    pub fn set_violations(&mut self, value: u64) {
        self.0.set_u64(3, value);
    }
}
