//! Capability ids: a slot of the holder's table and the generation that slot had.

/// Names a capability within one process. An id that once went stale never resolves again: a slot
/// whose generations are used up is retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct CapId(pub u32);

/// Bits of an id that hold the slot.
pub const SLOT_BITS: u32 = 12;
/// The last generation a slot can have.
pub const GENERATION_MAX: u32 = (1 << (32 - SLOT_BITS)) - 1;

impl CapId {
    /// The id that no capability ever has.
    pub const NONE: CapId = CapId(0);

    /// Joins a slot and a generation; bits that do not fit are cut off.
    pub const fn new(slot: u16, generation: u32) -> CapId {
        CapId((generation << SLOT_BITS) | (slot as u32 & ((1 << SLOT_BITS) - 1)))
    }

    /// The slot of the table, below `limits::TABLE_SLOTS_MAX`.
    pub const fn slot(self) -> usize {
        (self.0 & ((1 << SLOT_BITS) - 1)) as usize
    }

    /// The generation, from 1; 0 only in ids that were never given out.
    pub const fn generation(self) -> u32 {
        self.0 >> SLOT_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::{CapId, GENERATION_MAX};

    #[test]
    fn parts_come_back() {
        for (slot, generation) in [(0, 1), (4095, 1), (17, GENERATION_MAX)] {
            let id = CapId::new(slot, generation);
            assert_eq!((id.slot(), id.generation()), (slot as usize, generation));
        }
    }
}
