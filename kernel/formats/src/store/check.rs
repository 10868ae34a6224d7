//! The offline checker: walks a volume and reports what is wrong with it.

use super::Digest;
use super::refused::Refused;
use super::superblock::Slot;
use super::volume::{Memory, Volume};
use crate::device::Device;

/// Something that a volume should not have. A volume that cannot be mounted at all is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A commit was interrupted while it wrote this superblock; the other was used.
    TornSlot(Slot),
    /// An object no longer has its digest.
    CorruptObject(Digest),
}

/// What a volume holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The committed generation.
    pub generation: u64,
    /// Objects.
    pub objects: usize,
    /// Bytes of all objects.
    pub bytes: u64,
    /// Blocks that are free.
    pub free_blocks: usize,
}

/// Mounts the volume on `device`, which checks superblocks and index, then reads every object. Each
/// fault goes to `report`. Writes nothing.
pub fn check<D: Device>(
    device: D,
    memory: Memory<'_>,
    mut report: impl FnMut(Finding),
) -> Result<Summary, Refused<D::Error>> {
    let mut volume = Volume::mount(device, memory)?;
    if let Some(slot) = volume.torn_slot() {
        report(Finding::TornSlot(slot));
    }
    let (mut at, mut bytes) = (0_usize, 0_u64);
    while let Some(entry) = volume.entries().get(at).copied() {
        if !volume.is_whole(&entry)? {
            report(Finding::CorruptObject(*entry.digest()));
        }
        bytes = bytes.saturating_add(entry.length() as u64);
        at = at.saturating_add(1);
    }
    let free_blocks = volume.free_blocks();
    Ok(Summary {
        generation: volume.generation(),
        objects: at,
        bytes,
        free_blocks,
    })
}
