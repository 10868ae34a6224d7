//! The index: every object of the volume, sorted by digest, in memory that the caller lends.

use super::Digest;
use super::entry::{ENTRIES_PER_BLOCK, ENTRY_BYTES, Entry};
use super::refused::Refused;
use super::space::Space;
use super::superblock::Superblock;
use crate::device::{Block, Device, ZERO};
use capos_core::sha256::Sha256;
use core::fmt;

/// Index blocks that are read or written in one request.
const STEP: usize = 8;

/// What is wrong with an index on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexFault {
    /// Its bytes do not have the digest that the superblock names.
    Digest,
    /// An entry's length, or a field that must be zero, is wrong.
    Entry,
    /// Entries are not in strictly rising order.
    Order,
    /// An object lies outside the object blocks, or in the blocks of another.
    Blocks,
}

impl fmt::Display for IndexFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            IndexFault::Digest => "its digest is not the superblock's",
            IndexFault::Entry => "an entry is malformed",
            IndexFault::Order => "entries are not in order",
            IndexFault::Blocks => "objects overlap or lie outside",
        })
    }
}

/// The objects of the state in memory.
pub(super) struct Index<'m> {
    room: &'m mut [Entry],
    len: usize,
}

impl<'m> Index<'m> {
    /// An empty index that can grow to the length of `room`.
    pub(super) fn new(room: &'m mut [Entry]) -> Self {
        Self { room, len: 0 }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        self.room.get(..self.len).unwrap_or(&[])
    }

    pub(super) fn is_full(&self) -> bool {
        self.len >= self.room.len()
    }

    pub(super) fn find(&self, digest: &Digest) -> Option<&Entry> {
        self.entries().get(self.place(digest).ok()?)
    }

    /// Adds an entry, or replaces the one with the same digest. False when there is no room.
    pub(super) fn insert(&mut self, entry: Entry) -> bool {
        match self.place(&entry.digest) {
            Ok(at) => self.set(at, entry),
            Err(_) if self.is_full() => false,
            Err(at) => {
                let end = self.len.saturating_add(1);
                if let Some(moved) = self.room.get_mut(at..end) {
                    moved.rotate_right(1);
                }
                self.len = end;
                self.set(at, entry)
            }
        }
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, digest: &Digest) -> Option<Entry> {
        let at = self.place(digest).ok()?;
        let entry = *self.room.get(at)?;
        self.room.get_mut(at..self.len)?.rotate_left(1);
        self.len = self.len.saturating_sub(1);
        Some(entry)
    }

    /// Reads the index that `superblock` names, claims the blocks of every object in `space`, and
    /// believes nothing before it is checked.
    pub(super) fn load<D: Device>(
        &mut self,
        device: &mut D,
        superblock: &Superblock,
        space: &mut Space<'_>,
    ) -> Result<(), Refused<D::Error>> {
        let mut hash = Sha256::default();
        let mut left = superblock.objects as usize;
        let mut buffer = [ZERO; STEP];
        let mut at = index_start(superblock);
        let mut verdict = Ok(());
        self.len = 0;
        while left > 0 {
            let part = first_blocks(&mut buffer, left);
            device.read(at, part)?;
            hash.update(part.as_flattened());
            at = at.saturating_add(part.len() as u64);
            for block in part.iter() {
                let here = left.min(ENTRIES_PER_BLOCK);
                verdict = verdict.and_then(|()| self.append(block, here, space));
                left = left.saturating_sub(here);
            }
        }
        if hash.finish() != superblock.index_digest {
            return Err(Refused::Index(IndexFault::Digest));
        }
        verdict.map_err(Refused::Index)
    }

    /// Takes the first `count` entries of an index block over; the rest of the block must be zero.
    fn append(
        &mut self,
        block: &Block,
        count: usize,
        space: &mut Space<'_>,
    ) -> Result<(), IndexFault> {
        let (listed, unused) = block
            .split_at_checked(count.saturating_mul(ENTRY_BYTES))
            .ok_or(IndexFault::Entry)?;
        for bytes in listed.as_chunks::<ENTRY_BYTES>().0 {
            let entry = Entry::from_bytes(bytes).ok_or(IndexFault::Entry)?;
            if self
                .entries()
                .last()
                .is_some_and(|last| last.digest >= entry.digest)
            {
                return Err(IndexFault::Order);
            }
            if !space.claim(&entry) {
                return Err(IndexFault::Blocks);
            }
            *self.room.get_mut(self.len).ok_or(IndexFault::Entry)? = entry;
            self.len = self.len.saturating_add(1);
        }
        if unused.iter().any(|byte| *byte != 0) {
            return Err(IndexFault::Entry);
        }
        Ok(())
    }

    /// Writes the index to the blocks at `start` and gives its digest.
    pub(super) fn save<D: Device>(&self, device: &mut D, start: u32) -> Result<Digest, D::Error> {
        let mut hash = Sha256::default();
        let mut at = u64::from(start);
        for entries in self
            .entries()
            .chunks(STEP.saturating_mul(ENTRIES_PER_BLOCK))
        {
            let mut buffer = [ZERO; STEP];
            let part = first_blocks(&mut buffer, entries.len());
            for (block, entries) in part.iter_mut().zip(entries.chunks(ENTRIES_PER_BLOCK)) {
                let places = block.as_chunks_mut::<ENTRY_BYTES>().0;
                places
                    .iter_mut()
                    .zip(entries)
                    .for_each(|(to, entry)| *to = entry.to_bytes());
            }
            device.write(at, part)?;
            hash.update(part.as_flattened());
            at = at.saturating_add(part.len() as u64);
        }
        Ok(hash.finish())
    }

    fn place(&self, digest: &Digest) -> Result<usize, usize> {
        self.entries()
            .binary_search_by(|entry| entry.digest.cmp(digest))
    }

    fn set(&mut self, at: usize, entry: Entry) -> bool {
        self.room.get_mut(at).map(|place| *place = entry).is_some()
    }
}

fn index_start(superblock: &Superblock) -> u64 {
    u64::from(superblock.geometry.index_start(superblock.slot()))
}

/// The blocks of `buffer` that `entries` entries need.
fn first_blocks(buffer: &mut [Block; STEP], entries: usize) -> &mut [Block] {
    let blocks = entries.div_ceil(ENTRIES_PER_BLOCK).min(STEP);
    buffer.get_mut(..blocks).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Index;
    use crate::store::entry::Entry;

    fn entry(name: u8) -> Entry {
        Entry {
            digest: [name; 32],
            ..Entry::EMPTY
        }
    }

    #[test]
    fn entries_stay_sorted() {
        let mut room = [Entry::EMPTY; 4];
        let mut index = Index::new(&mut room);
        for name in [5, 1, 9, 3] {
            assert!(index.insert(entry(name)));
        }
        assert!(!index.insert(entry(4)), "no room");
        assert!(index.insert(entry(5)), "replacing needs no room");
        assert_eq!(index.remove(&[4; 32]), None);
        assert_eq!(index.remove(&[3; 32]), Some(entry(3)));
        let names: Vec<u8> = index
            .entries()
            .iter()
            .map(|entry| entry.digest[0])
            .collect();
        assert_eq!(names, [1, 5, 9]);
        assert!(index.find(&[9; 32]).is_some() && index.find(&[3; 32]).is_none());
    }
}
