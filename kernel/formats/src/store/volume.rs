//! A mounted volume.

use super::Digest;
use super::blank::is_blank;
use super::entry::{Entry, OBJECT_BLOCKS, OBJECT_BYTES, Object};
use super::index::Index;
use super::refused::{Error, Refused};
use super::space::Space;
use super::superblock::{Geometry, Slot, SlotState, Superblock};
use crate::device::{Block, Device, ZERO};
use capos_core::sha256;

/// Memory that a volume works in; what was in it does not matter.
pub struct Memory<'m> {
    /// One entry per object. A new volume gets no more objects than these.
    pub entries: &'m mut [Entry],
    /// Two bits per block. A new volume gets no more blocks than fit.
    pub maps: &'m mut [u64],
}

/// What became of a `put`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object is there, under this digest; durable with the next commit.
    Digest(Digest),
    /// The volume has no room for it. Blocks of deleted objects become free with a commit.
    Full,
    /// It is larger than [`OBJECT_BYTES`].
    TooLarge,
}

/// What became of a `get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Get {
    /// The first so many bytes of the buffer are the object.
    Length(usize),
    /// There is no such object.
    NotFound,
    /// The disk no longer holds what was put.
    Corrupt,
}

/// A mounted volume: the committed state on the disk and a newer one in memory.
pub struct Volume<'m, D> {
    pub(super) device: D,
    pub(super) index: Index<'m>,
    space: Space<'m>,
    committed: Superblock,
    torn: Option<Slot>,
    changed: bool,
    halted: bool,
}

impl<'m, D: Device> Volume<'m, D> {
    /// True if the device may be formatted: its first and its last MiB are zero.
    pub fn is_blank(device: &mut D) -> Result<bool, D::Error> {
        is_blank(device)
    }

    /// Mounts the volume on `device`. Writes nothing, but flushes first: what an interrupted commit left
    /// in the device's cache must be durable before anything is built on it.
    pub fn mount(mut device: D, memory: Memory<'m>) -> Result<Self, Refused<D::Error>> {
        device.flush()?;
        let (committed, torn) = newest(&mut device)?;
        let volume = u64::from(committed.geometry.total);
        if volume > device.blocks() {
            return Err(Refused::Truncated {
                volume,
                device: device.blocks(),
            });
        }
        let mut volume = Self::with(device, memory, committed, torn)?;
        volume
            .index
            .load(&mut volume.device, &committed, &mut volume.space)?;
        volume.space.commit();
        Ok(volume)
    }

    /// Makes an empty volume, named `id`, on a device that is blank; any other is refused. The whole
    /// device is used, as far as `memory` reaches.
    pub fn format(
        mut device: D,
        memory: Memory<'m>,
        id: [u8; 16],
    ) -> Result<Self, Refused<D::Error>> {
        if !is_blank(&mut device)? {
            return Err(Refused::NotBlank);
        }
        let mapped = memory
            .maps
            .len()
            .saturating_div(2)
            .saturating_mul(u64::BITS as usize);
        let blocks = u32::try_from(device.blocks().min(mapped as u64)).unwrap_or(u32::MAX);
        let geometry = Geometry::plan(blocks, memory.entries.len()).ok_or(Refused::TooSmall)?;
        let index_digest = sha256::digest(&[]);
        let first = Superblock {
            id,
            generation: 1,
            geometry,
            objects: 0,
            index_digest,
        };
        let mut volume = Self::with(device, memory, first, None)?;
        volume.write_superblock(first)?;
        volume.device.flush()?;
        Ok(volume)
    }

    fn with(
        device: D,
        memory: Memory<'m>,
        committed: Superblock,
        torn: Option<Slot>,
    ) -> Result<Self, Refused<D::Error>> {
        let geometry = committed.geometry;
        let room = geometry.capacity().min(memory.entries.len());
        let entries = memory.entries.get_mut(..room);
        let entries = entries.filter(|entries| entries.len() >= committed.objects as usize);
        let space = Space::new(memory.maps, geometry.first_object_block(), geometry.total);
        match (entries, space) {
            (Some(entries), Some(space)) => Ok(Self {
                device,
                index: Index::new(entries),
                space,
                committed,
                torn,
                changed: false,
                halted: false,
            }),
            _ => Err(Refused::Memory),
        }
    }

    /// The generation of the committed state: 1 after formatting, one more with each commit.
    pub fn generation(&self) -> u64 {
        self.committed.generation
    }

    /// The superblock slot that was torn when the volume was mounted: the commit after this state was
    /// interrupted.
    pub fn torn_slot(&self) -> Option<Slot> {
        self.torn
    }

    /// The objects, sorted by digest.
    pub fn entries(&self) -> &[Entry] {
        self.index.entries()
    }

    /// Blocks that a `put` can still take.
    pub fn free_blocks(&self) -> usize {
        self.space.free()
    }

    /// Stores an object. An object that is already there, whole, is not written again.
    pub fn put(&mut self, data: &[u8]) -> Result<Put, Error<D::Error>> {
        self.check_not_halted()?;
        if data.len() > OBJECT_BYTES {
            return Ok(Put::TooLarge);
        }
        let digest = sha256::digest(data);
        let old = self.index.find(&digest).copied();
        if let Some(old) = old
            && self.is_whole(&old)?
        {
            return Ok(Put::Digest(digest));
        }
        if old.is_none() && self.index.is_full() {
            return Ok(Put::Full);
        }
        let Some(blocks) = self.space.allocate(data.len()) else {
            return Ok(Put::Full);
        };
        let entry = Entry {
            digest,
            length: data.len() as u32,
            blocks,
        };
        if let Err(error) = self.write_object(&entry, data) {
            self.space.release(&entry);
            return Err(error.into());
        }
        if let Some(old) = old {
            self.space.release(&old);
        }
        self.index.insert(entry);
        self.changed = true;
        Ok(Put::Digest(digest))
    }

    /// Reads an object into `into`. Bytes that do not have the digest are never given out.
    pub fn get(&mut self, digest: &Digest, into: &mut Object) -> Result<Get, D::Error> {
        let Some(entry) = self.index.find(digest).copied() else {
            return Ok(Get::NotFound);
        };
        self.read_object(&entry, into)?;
        let length = entry.length();
        let data = into.as_flattened().get(..length).unwrap_or(&[]);
        Ok(if sha256::digest(data) == *digest {
            Get::Length(length)
        } else {
            Get::Corrupt
        })
    }

    /// True if the volume lists the object.
    pub fn has(&self, digest: &Digest) -> bool {
        self.index.find(digest).is_some()
    }

    /// Takes an object out; true if it was there.
    pub fn delete(&mut self, digest: &Digest) -> Result<bool, Error<D::Error>> {
        self.check_not_halted()?;
        let Some(entry) = self.index.remove(digest) else {
            return Ok(false);
        };
        self.space.release(&entry);
        self.changed = true;
        Ok(true)
    }

    /// Makes everything before it durable, and gives the generation. Nothing is written where nothing
    /// has changed. After an error the volume is halted: whether the new superblock reached the disk
    /// is not known, and repeating a flush that failed proves nothing.
    pub fn commit(&mut self) -> Result<u64, Error<D::Error>> {
        self.check_not_halted()?;
        if !self.changed {
            return Ok(self.generation());
        }
        self.halted = true;
        let mut next = self.committed;
        next.generation = next.generation.checked_add(1).ok_or(Error::Halted)?;
        next.objects = self.index.entries().len() as u32;
        let start = next.geometry.index_start(next.slot());
        next.index_digest = self.index.save(&mut self.device, start)?;
        self.device.flush()?;
        self.write_superblock(next)?;
        self.device.flush()?;
        self.committed = next;
        self.space.commit();
        self.changed = false;
        self.halted = false;
        Ok(next.generation)
    }

    /// Gives the device back; what was not committed is lost.
    pub fn into_device(self) -> D {
        self.device
    }

    fn check_not_halted(&self) -> Result<(), Error<D::Error>> {
        if self.halted {
            Err(Error::Halted)
        } else {
            Ok(())
        }
    }

    /// True if the disk still holds the object.
    pub(super) fn is_whole(&mut self, entry: &Entry) -> Result<bool, D::Error> {
        let mut object = [ZERO; OBJECT_BLOCKS];
        Ok(matches!(
            self.get(entry.digest(), &mut object)?,
            Get::Length(_)
        ))
    }

    fn write_superblock(&mut self, superblock: Superblock) -> Result<(), D::Error> {
        self.device.write(
            u64::from(superblock.slot().number()),
            &[superblock.to_block()],
        )
    }

    fn read_object(&mut self, entry: &Entry, into: &mut Object) -> Result<(), D::Error> {
        let mut rest: &mut [Block] = into;
        for run in entry.runs() {
            let Some((part, behind)) = rest.split_at_mut_checked(run.count) else {
                break;
            };
            self.device.read(u64::from(run.start), part)?;
            rest = behind;
        }
        Ok(())
    }

    /// Writes `data` to the entry's blocks; the end of the last one is filled with zeros.
    fn write_object(&mut self, entry: &Entry, data: &[u8]) -> Result<(), D::Error> {
        let (mut whole, rest) = data.as_chunks();
        let mut last = ZERO;
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        for run in entry.runs() {
            let (part, behind) = whole.split_at(run.count.min(whole.len()));
            let start = u64::from(run.start);
            if !part.is_empty() {
                self.device.write(start, part)?;
            }
            if part.len() < run.count {
                self.device
                    .write(start.saturating_add(part.len() as u64), &[last])?;
            }
            whole = behind;
        }
        Ok(())
    }
}

/// The newest superblock, and the slot that is torn, if one is.
fn newest<D: Device>(device: &mut D) -> Result<(Superblock, Option<Slot>), Refused<D::Error>> {
    if device.blocks() < 2 {
        return Err(Refused::TooSmall);
    }
    let mut blocks = [ZERO; 2];
    device.read(0, &mut blocks)?;
    let [zero, one] = &blocks;
    let states = (
        Superblock::from_block(zero, Slot::Zero),
        Superblock::from_block(one, Slot::One),
    );
    match states {
        (SlotState::OtherVersion(found), _) | (_, SlotState::OtherVersion(found)) => {
            Err(Refused::Version(found))
        }
        (SlotState::Valid(left), SlotState::Valid(right)) => {
            if left.id != right.id || left.geometry != right.geometry {
                return Err(Refused::Mixed);
            }
            // Commits take turns: a wider gap means that the medium has lost one.
            if left.generation.abs_diff(right.generation) != 1 {
                return Err(Refused::BadSuperblock);
            }
            Ok((
                if left.generation > right.generation {
                    left
                } else {
                    right
                },
                None,
            ))
        }
        (SlotState::Valid(only), _) | (_, SlotState::Valid(only)) => {
            let other = only.slot().other();
            let rest = match other {
                Slot::Zero => zero,
                Slot::One => one,
            };
            if only.generation == 1 && *rest == ZERO {
                return Ok((only, None));
            }
            if !only.explains(rest) {
                return Err(Refused::BadSuperblock);
            }
            Ok((only, Some(other)))
        }
        (SlotState::Blank, SlotState::Blank) if is_blank(device)? => Err(Refused::Blank),
        (SlotState::Damaged, _) | (_, SlotState::Damaged) => Err(Refused::BadSuperblock),
        _ => Err(Refused::Foreign),
    }
}
