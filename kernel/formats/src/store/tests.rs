//! The store against a device that loses, tears and refuses, and against a model of what it should
//! hold.

mod crash;
mod damage;
mod model;
mod sim;

use super::{Entry, Memory, Refused, Volume};
use sim::{Broken, Sim};

/// Memory of a volume, owned.
pub(super) struct Room {
    entries: Vec<Entry>,
    maps: Vec<u64>,
}

impl Room {
    pub(super) fn new(objects: usize, blocks: usize) -> Room {
        Room {
            entries: vec![Entry::EMPTY; objects],
            // Whatever was in the memory before must not matter.
            maps: vec![0xa5a5_a5a5_a5a5_a5a5; 2 * blocks.div_ceil(64)],
        }
    }

    pub(super) fn lend(&mut self) -> Memory<'_> {
        Memory {
            entries: &mut self.entries,
            maps: &mut self.maps,
        }
    }
}

/// Bytes that differ from those of every other `name` of the same length.
pub(super) fn object(name: u64, length: usize) -> Vec<u8> {
    let mut state = name.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

/// Mounts what is durable on `sim` and gives every object that it lists.
pub(super) fn contents(sim: &mut Sim) -> Result<(u64, Vec<super::Digest>), Refused<Broken>> {
    let mut room = Room::new(64, 1024);
    let volume = Volume::mount(sim, room.lend())?;
    Ok((
        volume.generation(),
        volume
            .entries()
            .iter()
            .map(|entry| *entry.digest())
            .collect(),
    ))
}
