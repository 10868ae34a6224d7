//! Device registers in memory.

use core::ops::Range;

use crate::arch::phys::{Width, read_register, write_register};
use crate::memory;

/// A range of registers, mapped uncached and for ever.
pub struct Registers {
    base: u64,
    bytes: u64,
}

impl Registers {
    /// Maps a range of physical addresses.
    pub fn map(range: &Range<u64>) -> Option<Self> {
        let bytes = range.end.checked_sub(range.start)?;
        let base = memory::map_device(range.start, bytes)?;
        Some(Self { base, bytes })
    }

    /// Reads a register of one, two or four bytes.
    pub fn read<T: Width>(&self, offset: u64) -> T {
        read_register(self.base, self.check::<T>(offset))
    }

    /// Writes a register of one, two or four bytes.
    pub fn write<T: Width>(&mut self, offset: u64, value: T) {
        write_register(self.base, self.check::<T>(offset), value);
    }

    /// The offset, checked so that no access leaves the range or is torn.
    fn check<T>(&self, offset: u64) -> usize {
        let bytes = size_of::<T>() as u64;
        let fits = offset
            .checked_add(bytes)
            .is_some_and(|end| end <= self.bytes);
        assert!(
            fits && (self.base + offset).is_multiple_of(bytes),
            "there is no register of {bytes} bytes at {offset:#x} of {:#x}",
            self.bytes
        );
        offset as usize
    }
}
