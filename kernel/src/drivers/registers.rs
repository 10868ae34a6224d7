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

    /// Reads a register of one, two or four bytes; `nothing`, where there is none.
    pub fn read<T: Width>(&self, offset: u64, nothing: T) -> T {
        match self.place::<T>(offset) {
            Some(place) => read_register(self.base, place),
            None => nothing,
        }
    }

    /// Writes a register of one, two or four bytes; does nothing where there is none.
    pub fn write<T: Width>(&mut self, offset: u64, value: T) {
        if let Some(place) = self.place::<T>(offset) {
            write_register(self.base, place, value);
        }
    }

    /// The offset, if no access there leaves the range or is torn.
    fn place<T>(&self, offset: u64) -> Option<usize> {
        let bytes = size_of::<T>() as u64;
        let fits = offset.checked_add(bytes)? <= self.bytes;
        let aligned = self.base.wrapping_add(offset).is_multiple_of(bytes);
        (fits && aligned).then_some(offset as usize)
    }
}
