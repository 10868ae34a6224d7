//! Index entries: which object lies in which blocks.

use super::Digest;
use crate::device::{BLOCK, Block};
use capos_core::bytes::{array, u32_at};

/// Blocks of the largest object.
pub const OBJECT_BLOCKS: usize = 8;
/// Bytes of the largest object.
pub const OBJECT_BYTES: usize = OBJECT_BLOCKS * BLOCK;
/// Room for any object.
pub type Object = [Block; OBJECT_BLOCKS];

/// Bytes of an entry on disk.
pub(super) const ENTRY_BYTES: usize = 72;
/// Entries in an index block; the 64 bytes behind them are zero.
pub(super) const ENTRIES_PER_BLOCK: usize = BLOCK / ENTRY_BYTES;

/// One object of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) digest: Digest,
    pub(super) length: u32,
    /// The blocks in the order of the object's bytes; those it does not need are 0.
    pub(super) blocks: [u32; OBJECT_BLOCKS],
}

/// A run of neighbouring blocks: one device request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub start: u32,
    pub count: usize,
}

impl Entry {
    /// An entry that names nothing; what a [`super::Memory`] is made of.
    pub const EMPTY: Entry = Entry {
        digest: [0; 32],
        length: 0,
        blocks: [0; OBJECT_BLOCKS],
    };

    /// The object's digest.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The object's length in bytes.
    pub fn length(&self) -> usize {
        self.length as usize
    }

    /// The blocks that the object occupies.
    pub fn blocks(&self) -> &[u32] {
        self.blocks
            .get(..blocks_for(self.length()))
            .unwrap_or(&self.blocks)
    }

    /// The object's blocks, neighbours joined.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> {
        let is_next = |left: &u32, right: &u32| left.checked_add(1) == Some(*right);
        self.blocks().chunk_by(is_next).filter_map(|run| {
            Some(Run {
                start: *run.first()?,
                count: run.len(),
            })
        })
    }

    /// Reads an entry; `None` where a field that must be zero is not.
    pub(super) fn from_bytes(bytes: &[u8; ENTRY_BYTES]) -> Option<Entry> {
        if u32_at(bytes, 36)? != 0 {
            return None;
        }
        let mut blocks = [0; OBJECT_BLOCKS];
        let listed = bytes.get(40..)?.as_chunks::<4>().0;
        for (block, four) in blocks.iter_mut().zip(listed) {
            *block = u32::from_le_bytes(*four);
        }
        let entry = Entry {
            digest: array(bytes, 0)?,
            length: u32_at(bytes, 32)?,
            blocks,
        };
        let unused = entry.blocks.get(blocks_for(entry.length())..)?;
        unused.iter().all(|block| *block == 0).then_some(entry)
    }

    /// The entry's bytes on disk.
    pub(super) fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut out = [0; ENTRY_BYTES];
        let (digest, rest) = out.split_at_mut(32);
        digest.copy_from_slice(&self.digest);
        let words = [self.length, 0].into_iter().chain(self.blocks);
        for (four, word) in rest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *four = word.to_le_bytes();
        }
        out
    }
}

/// Blocks that an object of `length` bytes needs.
pub(super) fn blocks_for(length: usize) -> usize {
    length.div_ceil(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_BYTES, Entry, Run};

    fn entry() -> Entry {
        Entry {
            digest: [7; 32],
            length: 4096 * 3 + 1,
            blocks: [9, 10, 40, 41, 0, 0, 0, 0],
        }
    }

    #[test]
    fn entries_come_back() {
        let bytes = entry().to_bytes();
        assert_eq!(Entry::from_bytes(&bytes), Some(entry()));
        assert_eq!(
            bytes[32..48],
            [1, 48, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0]
        );
    }

    #[test]
    fn what_must_be_zero_is_checked() {
        for at in (36..40).chain(56..ENTRY_BYTES) {
            let mut bytes = entry().to_bytes();
            bytes[at] = 1;
            assert_eq!(Entry::from_bytes(&bytes), None, "byte {at}");
        }
        let mut too_long = entry().to_bytes();
        too_long[32..36].copy_from_slice(&(8 * 4096 + 1_u32).to_le_bytes());
        assert_eq!(Entry::from_bytes(&too_long), None);
    }

    #[test]
    fn neighbours_are_read_together() {
        let runs: Vec<Run> = entry().runs().collect();
        assert_eq!(
            runs,
            [
                Run { start: 9, count: 2 },
                Run {
                    start: 40,
                    count: 2
                }
            ]
        );
        assert_eq!(Entry::EMPTY.runs().count(), 0);
    }
}
