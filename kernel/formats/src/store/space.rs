//! Which blocks are free. Nothing of this is on the disk: it follows from the index.

use super::entry::{Entry, OBJECT_BLOCKS, blocks_for};

/// One bit per block of the volume.
struct Bits<'m>(&'m mut [u64]);

impl Bits<'_> {
    fn get(&self, block: u32) -> bool {
        self.0
            .get(word(block))
            .is_none_or(|bits| bits & mask(block) != 0)
    }

    fn set(&mut self, block: u32, on: bool) {
        if let Some(bits) = self.0.get_mut(word(block)) {
            if on {
                *bits |= mask(block)
            } else {
                *bits &= !mask(block)
            }
        }
    }
}

fn word(block: u32) -> usize {
    (block / u64::BITS) as usize
}

fn mask(block: u32) -> u64 {
    1_u64.wrapping_shl(block % u64::BITS)
}

/// The object blocks of a volume. A block is free when neither the committed state nor the state in
/// memory uses it: what a commit has made durable is not overwritten before the next commit.
pub(super) struct Space<'m> {
    committed: Bits<'m>,
    current: Bits<'m>,
    first: u32,
    total: u32,
    /// Where the next search starts, so that objects written together lie together.
    next: u32,
}

impl<'m> Space<'m> {
    /// All of `first..total` free. `None` if the maps in `memory` are too small.
    pub(super) fn new(memory: &'m mut [u64], first: u32, total: u32) -> Option<Self> {
        let words = (total as usize).div_ceil(u64::BITS as usize);
        let (committed, rest) = memory.split_at_mut_checked(words)?;
        let current = rest.get_mut(..words)?;
        committed.fill(0);
        current.fill(0);
        Some(Self {
            committed: Bits(committed),
            current: Bits(current),
            first,
            total,
            next: first,
        })
    }

    /// Marks an entry's blocks as used; false if one is out of range or already used.
    pub(super) fn claim(&mut self, entry: &Entry) -> bool {
        entry.blocks().iter().all(|block| {
            let free = (self.first..self.total).contains(block) && !self.current.get(*block);
            if free {
                self.current.set(*block, true);
            }
            free
        })
    }

    /// Blocks for an object of `length` bytes, marked as used. `None` when too few are free, or the
    /// object is too large.
    pub(super) fn allocate(&mut self, length: usize) -> Option<[u32; OBJECT_BLOCKS]> {
        let mut blocks = [0; OBJECT_BLOCKS];
        let wanted = blocks.get_mut(..blocks_for(length))?;
        let mut places = wanted.iter_mut();
        let candidates = (self.next..self.total).chain(self.first..self.next);
        let (committed, current) = (&self.committed, &self.current);
        let mut free = candidates.filter(|block| !committed.get(*block) && !current.get(*block));
        if !places.all(|place| free.next().map(|block| *place = block).is_some()) {
            return None;
        }
        if let Some(last) = wanted.last() {
            self.next = last.saturating_add(1);
        }
        wanted
            .iter()
            .for_each(|block| self.current.set(*block, true));
        Some(blocks)
    }

    /// Gives up an entry's blocks: at once if they were never committed, else with the next commit.
    pub(super) fn release(&mut self, entry: &Entry) {
        entry
            .blocks()
            .iter()
            .for_each(|block| self.current.set(*block, false));
    }

    /// The state in memory has become the committed one.
    pub(super) fn commit(&mut self) {
        self.committed.0.copy_from_slice(self.current.0);
    }

    /// Free blocks.
    pub(super) fn free(&self) -> usize {
        (self.first..self.total)
            .filter(|block| !self.committed.get(*block) && !self.current.get(*block))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::Space;
    use crate::store::entry::Entry;

    fn entry(blocks: [u32; 8], length: u32) -> Entry {
        Entry {
            digest: [0; 32],
            length,
            blocks,
        }
    }

    #[test]
    fn committed_blocks_are_not_reused_before_the_next_commit() {
        let mut memory = [u64::MAX; 4];
        let mut space = Space::new(&mut memory, 60, 70).unwrap();
        let first = space.allocate(8 * 4096).unwrap();
        assert_eq!(first, [60, 61, 62, 63, 64, 65, 66, 67]);
        space.commit();
        space.release(&entry(first, 8 * 4096));
        assert_eq!(space.free(), 2);
        assert_eq!(space.allocate(3 * 4096), None);
        assert_eq!(space.allocate(4097).unwrap()[..2], [68, 69]);
        space.commit();
        assert_eq!(space.free(), 8);
        assert_eq!(space.allocate(1).unwrap()[0], 60);
    }

    #[test]
    fn uncommitted_blocks_are_free_at_once() {
        let mut memory = [0; 2];
        let mut space = Space::new(&mut memory, 5, 7).unwrap();
        let blocks = space.allocate(2 * 4096).unwrap();
        assert_eq!(space.allocate(1), None);
        space.release(&entry(blocks, 2 * 4096));
        assert_eq!(space.free(), 2);
        assert_eq!(space.allocate(0), Some([0; 8]));
    }

    #[test]
    fn a_block_is_claimed_once_and_in_range() {
        let mut memory = [0; 2];
        let mut space = Space::new(&mut memory, 5, 8).unwrap();
        assert!(space.claim(&entry([5, 7, 0, 0, 0, 0, 0, 0], 4097)));
        for block in [0, 4, 5, 7, 8, u32::MAX] {
            assert!(
                !space.claim(&entry([block, 0, 0, 0, 0, 0, 0, 0], 1)),
                "block {block}"
            );
        }
        assert!(!space.claim(&entry([6, 6, 0, 0, 0, 0, 0, 0], 4097)));
        assert!(Space::new(&mut [0; 1], 5, 8).is_none());
    }
}
