//! What one state of a disk is to the store.

use crate::disk::Disk;
use capos_core::freshness::Hex;
use capos_core::sha256::Sha256;
use capos_formats::device::Device;
use capos_formats::store::{Entry, Finding, Memory, Refused, Volume, check};
use std::fmt;

/// The result for one state, as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was ever written that the store would not format over.
    Blank,
    /// A volume that holds what it says. Equal digests: the same generation and the same objects.
    Volume {
        /// The committed generation.
        generation: u64,
        /// Objects.
        objects: usize,
        /// SHA-256 over the generation and the objects' digests.
        digest: [u8; 32],
    },
    /// The store would refuse it, or not give out what it promised to keep.
    Bad(String),
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Blank => out.write_str("ok blank a blank device"),
            State::Volume {
                generation,
                objects,
                digest,
            } => write!(
                out,
                "ok {} generation {generation} with {objects} objects",
                Hex(digest)
            ),
            State::Bad(why) => write!(out, "bad {why}"),
        }
    }
}

/// Memory for volumes on a disk, used again for each state.
pub struct Checker {
    entries: Vec<Entry>,
    maps: Vec<u64>,
}

impl Checker {
    /// Memory that is enough for every volume on a disk of so many blocks.
    pub fn new(blocks: u64) -> Checker {
        let blocks = usize::try_from(blocks).unwrap_or(0);
        Checker {
            entries: vec![Entry::EMPTY; blocks],
            maps: vec![0; 2 * blocks.div_ceil(64)],
        }
    }

    /// Looks at the disk as the store would when it mounts it, and reads every object.
    pub fn state(&mut self, disk: &mut Disk) -> State {
        if (disk.blocks() as usize) > self.entries.len() {
            *self = Checker::new(disk.blocks());
        }
        let mut corrupt = None;
        let checked = check(&mut *disk, self.lend(), |finding| match finding {
            // The commit after this state was interrupted: what crashes do.
            Finding::TornSlot(_) => (),
            Finding::CorruptObject(digest) => corrupt = corrupt.or(Some(digest)),
        });
        let summary = match checked {
            Ok(summary) => summary,
            Err(Refused::Blank) => return State::Blank,
            Err(refused) => return State::Bad(refused.to_string()),
        };
        if let Some(digest) = corrupt {
            return State::Bad(format!("the object {} is corrupt", Hex(&digest)));
        }
        match Volume::mount(&mut *disk, self.lend()) {
            Ok(volume) => {
                let mut hash = Sha256::default();
                hash.update(&summary.generation.to_le_bytes());
                for entry in volume.entries() {
                    hash.update(entry.digest());
                }
                State::Volume {
                    generation: summary.generation,
                    objects: summary.objects,
                    digest: hash.finish(),
                }
            }
            Err(refused) => State::Bad(refused.to_string()),
        }
    }

    fn lend(&mut self) -> Memory<'_> {
        Memory {
            entries: &mut self.entries,
            maps: &mut self.maps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Checker, State};
    use crate::disk::Disk;
    use capos_formats::device::{BLOCK, Device};
    use capos_formats::store::{Entry, Memory, Volume};

    const BLOCKS: u64 = 64;

    /// A volume with one object of 5000 bytes, committed.
    fn volume() -> Disk {
        let mut disk = Disk::blank(BLOCKS * BLOCK as u64);
        let (mut entries, mut maps) = (vec![Entry::EMPTY; 8], vec![0; 2]);
        let memory = Memory {
            entries: &mut entries,
            maps: &mut maps,
        };
        let mut volume = Volume::format(&mut disk, memory, [7; 16]).unwrap();
        volume.put(&[3; 5000]).unwrap();
        volume.commit().unwrap();
        disk
    }

    #[test]
    fn a_blank_disk_a_volume_and_a_damaged_one() {
        let mut checker = Checker::new(0);
        let mut blank = Disk::blank(BLOCKS * BLOCK as u64);
        assert_eq!(checker.state(&mut blank), State::Blank);

        let mut disk = volume();
        let State::Volume {
            generation: 2,
            objects: 1,
            digest,
        } = checker.state(&mut disk)
        else {
            panic!("{}", checker.state(&mut disk));
        };
        assert_ne!(digest, [0; 32]);

        // The first block behind the index areas holds the object.
        disk.overlay(5 * BLOCK as u64, &[4]).unwrap();
        let damaged = checker.state(&mut disk).to_string();
        assert!(
            damaged.starts_with("bad the object ") && damaged.ends_with(" is corrupt"),
            "{damaged}"
        );

        disk.overlay(0, b"not the store's").unwrap();
        disk.overlay(BLOCK as u64, b"nor this").unwrap();
        let refused = checker.state(&mut disk).to_string();
        assert!(refused.starts_with("bad "), "{refused}");
    }

    #[test]
    fn memory_of_one_state_does_not_leak_into_the_next() {
        let mut checker = Checker::new(BLOCKS);
        let mut disk = volume();
        let first = checker.state(&mut disk);
        disk.overlay(5 * BLOCK as u64, &[4]).unwrap();
        checker.state(&mut disk);
        let again = checker.state(&mut volume());
        assert_eq!(first, again);
    }
}
