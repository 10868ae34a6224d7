//! Superblocks: 512 bytes at the start of block 0 and of block 1.
//!
//! A superblock fits one sector, the unit that devices write whole, and is sealed with SHA-256. The
//! rest of its block stays zero.

use super::Digest;
use super::entry::ENTRIES_PER_BLOCK;
use crate::device::{Block, ZERO};
use capos_core::bytes::{array, u32_at, u64_at};
use capos_core::sha256;

/// First bytes of a superblock.
pub(super) const MAGIC: [u8; 8] = *b"CAPOSST1";
/// The version of the layout that this code reads and writes.
pub(super) const VERSION: u32 = 1;

const SEALED: usize = 480;
const SUPERBLOCK: usize = 512;
const SLOTS: u32 = 2;

/// One of the two places for a superblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Block 0: odd generations.
    Zero,
    /// Block 1: even generations.
    One,
}

impl Slot {
    /// The slot of a generation.
    pub(super) fn of(generation: u64) -> Slot {
        if generation & 1 == 1 {
            Slot::Zero
        } else {
            Slot::One
        }
    }

    pub(super) fn other(self) -> Slot {
        match self {
            Slot::Zero => Slot::One,
            Slot::One => Slot::Zero,
        }
    }

    /// The slot's number, which is also its block.
    pub fn number(self) -> u32 {
        match self {
            Slot::Zero => 0,
            Slot::One => 1,
        }
    }
}

/// How a volume is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    /// Blocks of the volume, superblocks included.
    pub total: u32,
    /// Blocks of each of the two index areas.
    pub index: u32,
}

impl Geometry {
    /// The division of a new volume: at most `total` blocks and `objects` objects. `None` where not
    /// one object would fit.
    pub(super) fn plan(total: u32, objects: usize) -> Option<Geometry> {
        let objects = u32::try_from(objects).unwrap_or(u32::MAX).min(total);
        let index = objects.div_ceil(ENTRIES_PER_BLOCK as u32);
        Geometry { total, index }.checked()
    }

    /// Itself, if the parts fit into the whole and leave room for objects.
    fn checked(self) -> Option<Geometry> {
        let first = self.index.checked_mul(2)?.checked_add(SLOTS)?;
        (self.index > 0 && first < self.total).then_some(self)
    }

    /// The first block of a slot's index area.
    pub(super) fn index_start(self, slot: Slot) -> u32 {
        SLOTS.saturating_add(self.index.saturating_mul(slot.number()))
    }

    /// The first block that can hold objects. Below `total`.
    pub(super) fn first_object_block(self) -> u32 {
        SLOTS.saturating_add(self.index.saturating_mul(2))
    }

    /// Objects that an index area has room for.
    pub(super) fn capacity(self) -> usize {
        (self.index as usize).saturating_mul(ENTRIES_PER_BLOCK)
    }
}

/// The committed state of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Superblock {
    pub id: [u8; 16],
    pub generation: u64,
    pub geometry: Geometry,
    pub objects: u32,
    pub index_digest: Digest,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotState {
    /// Nothing but zeros.
    Blank,
    /// The magic, but not a whole superblock.
    Damaged,
    /// Something else.
    Foreign,
    /// A superblock of a version that this code does not read.
    OtherVersion(u32),
    /// A superblock of this version.
    Valid(Superblock),
}

impl Superblock {
    /// The slot that the superblock belongs into.
    pub(super) fn slot(&self) -> Slot {
        Slot::of(self.generation)
    }

    /// The block to write into the superblock's slot.
    pub(super) fn to_block(self) -> Block {
        let mut block = ZERO;
        let (superblock, _) = block.split_at_mut(SUPERBLOCK);
        let (sealed, seal) = superblock.split_at_mut(SEALED);
        let fields: [&[u8]; 9] = [
            &MAGIC,
            &VERSION.to_le_bytes(),
            &(crate::device::BLOCK as u32).to_le_bytes(),
            &self.id,
            &self.generation.to_le_bytes(),
            &self.geometry.total.to_le_bytes(),
            &self.geometry.index.to_le_bytes(),
            &u64::from(self.objects).to_le_bytes(),
            &self.index_digest,
        ];
        let bytes = fields.into_iter().flatten();
        sealed
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        seal.copy_from_slice(&sha256::digest(sealed));
        block
    }

    /// Reads a slot.
    pub(super) fn from_block(block: &Block, slot: Slot) -> SlotState {
        if *block == ZERO {
            return SlotState::Blank;
        }
        if !block.starts_with(&MAGIC) {
            return SlotState::Foreign;
        }
        match u32_at(block, 8) {
            Some(VERSION) => Self::fields(block)
                .filter(|superblock| superblock.generation > 0 && superblock.slot() == slot)
                .map_or(SlotState::Damaged, SlotState::Valid),
            // What a torn write into a blank slot may look like.
            None | Some(0) => SlotState::Damaged,
            Some(other) => SlotState::OtherVersion(other),
        }
    }

    /// Whether `block` may be what a power cut made of the commit after this one, in the other slot:
    /// all that commits do not change is in place, or still zero where there was no commit before.
    pub(super) fn explains(&self, block: &Block) -> bool {
        let is_first = self.generation == 1;
        let whole = self.to_block();
        let mut bytes = block.iter().zip(&whole).enumerate();
        bytes.all(|(at, (found, expected))| {
            let changes = matches!(at, 32..40 | 48..88 | SEALED..SUPERBLOCK);
            changes || found == expected || is_first && *found == 0
        })
    }

    fn fields(block: &Block) -> Option<Superblock> {
        let (sealed, seal) = block.split_at_checked(SEALED)?;
        if array(seal, 0)? != sha256::digest(sealed) {
            return None;
        }
        let unused = [block.get(88..SEALED)?, block.get(SUPERBLOCK..)?];
        if unused.into_iter().flatten().any(|byte| *byte != 0) {
            return None;
        }
        let geometry = Geometry {
            total: u32_at(block, 40)?,
            index: u32_at(block, 44)?,
        }
        .checked()?;
        let objects = u32::try_from(u64_at(block, 48)?).ok()?;
        let fits =
            u32_at(block, 12)? as usize == block.len() && objects as usize <= geometry.capacity();
        fits.then_some(Superblock {
            id: array(block, 16)?,
            generation: u64_at(block, 32)?,
            geometry,
            objects,
            index_digest: array(block, 56)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Geometry, SEALED, SUPERBLOCK, Slot, SlotState, Superblock};
    use crate::device::{Block, ZERO};
    use capos_core::sha256;

    fn superblock() -> Superblock {
        Superblock {
            id: *b"0123456789abcdef",
            generation: 7,
            geometry: Geometry {
                total: 64,
                index: 2,
            },
            objects: 3,
            index_digest: [0xcd; 32],
        }
    }

    fn resealed(edit: impl Fn(&mut Block)) -> Block {
        let mut block = superblock().to_block();
        edit(&mut block);
        let seal = sha256::digest(&block[..SEALED]);
        block[SEALED..SUPERBLOCK].copy_from_slice(&seal);
        block
    }

    #[test]
    fn a_superblock_comes_back() {
        let block = superblock().to_block();
        assert_eq!(
            Superblock::from_block(&block, Slot::Zero),
            SlotState::Valid(superblock())
        );
        assert_eq!(
            Superblock::from_block(&block, Slot::One),
            SlotState::Damaged
        );
        assert_eq!(Superblock::from_block(&ZERO, Slot::One), SlotState::Blank);
    }

    #[test]
    fn fields_lie_where_the_document_says() {
        let block = superblock().to_block();
        assert_eq!(block[..16], *b"CAPOSST1\x01\0\0\0\x00\x10\0\0");
        assert_eq!(block[16..32], *b"0123456789abcdef");
        assert_eq!(
            block[32..56],
            [
                7, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0
            ]
        );
        assert_eq!(block[56..88], [0xcd; 32]);
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let block = superblock().to_block();
        for at in 0..block.len() {
            // The rest of the block is only compared with zero: one bit of each byte will do.
            for bit in if at < SUPERBLOCK { 0..8 } else { 3..4 } {
                let mut bad = block;
                bad[at] ^= 1 << bit;
                let state = Superblock::from_block(&bad, Slot::Zero);
                let expected = match at {
                    0..8 => matches!(state, SlotState::Foreign),
                    8..12 => matches!(state, SlotState::Damaged | SlotState::OtherVersion(_)),
                    _ => matches!(state, SlotState::Damaged),
                };
                assert!(expected, "byte {at} bit {bit}: {state:?}");
            }
        }
    }

    #[test]
    fn a_good_seal_does_not_excuse_bad_fields() {
        let read = |block| Superblock::from_block(&block, Slot::Zero);
        assert_eq!(
            read(resealed(|block| block[8] = 2)),
            SlotState::OtherVersion(2)
        );
        type Edit = fn(&mut Block);
        let edits: [(&str, Edit); 8] = [
            ("block size", |block| block[13] = 0x20),
            ("generation of the other slot", |block| block[32] = 8),
            ("too small", |block| block[40] = 6),
            ("no index", |block| block[44] = 0),
            ("index larger than the volume", |block| {
                block[44..48].fill(0xff)
            }),
            ("more objects than the index holds", |block| block[48] = 113),
            ("huge object count", |block| block[52] = 1),
            ("reserved byte", |block| block[88] = 1),
        ];
        for (what, edit) in edits {
            assert_eq!(read(resealed(edit)), SlotState::Damaged, "{what}");
        }
    }

    #[test]
    fn plans_fit_their_volume() {
        assert_eq!(Geometry::plan(4, 4096), None);
        assert_eq!(
            Geometry::plan(5, 4096),
            Some(Geometry { total: 5, index: 1 })
        );
        assert_eq!(
            Geometry::plan(4096, 4096),
            Some(Geometry {
                total: 4096,
                index: 74
            })
        );
        assert_eq!(Geometry::plan(4096, 0), None);
        let plan = Geometry::plan(4096, 4096).unwrap();
        assert_eq!(
            (plan.index_start(Slot::Zero), plan.index_start(Slot::One)),
            (2, 76)
        );
        assert_eq!(plan.first_object_block(), 150);
    }
}
