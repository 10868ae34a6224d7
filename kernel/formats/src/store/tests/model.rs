//! The store against a map: long random lives with remounts, and a full disk.

use super::sim::Sim;
use super::{Room, object};
use crate::device::ZERO;
use crate::store::{Digest, Get, OBJECT_BYTES, Put, Volume, check};
use capos_core::sha256;
use std::collections::BTreeMap;

type Objects = BTreeMap<Digest, Vec<u8>>;

/// A small generator of repeatable numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % end
    }
}

fn assert_same(volume: &mut Volume<'_, &mut Sim>, model: &Objects) {
    let listed: Vec<Digest> = volume
        .entries()
        .iter()
        .map(|entry| *entry.digest())
        .collect();
    assert!(model.keys().eq(&listed));
    let mut into = [ZERO; 8];
    for (digest, data) in model {
        assert_eq!(volume.get(digest, &mut into), Ok(Get::Length(data.len())));
        assert_eq!(into.as_flattened()[..data.len()], *data);
    }
}

#[test]
fn long_lives_agree_with_a_map() {
    for seed in 0..6 {
        let mut numbers = Numbers(seed);
        let mut sim = Sim::blank(80);
        let mut room = Room::new(60, 80);
        Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
        let (mut current, mut committed) = (Objects::new(), Objects::new());
        for _mount in 0..12 {
            let mut volume = Volume::mount(&mut sim, room.lend()).unwrap();
            assert_same(&mut volume, &committed);
            current.clone_from(&committed);
            for _step in 0..numbers.below(30) {
                let lengths = [0, 1, 4095, 4096, 4097, 20_000, OBJECT_BYTES];
                let length = lengths[numbers.below(7) as usize];
                let data = object(numbers.below(12), length);
                let digest = sha256::digest(&data);
                match numbers.below(5) {
                    0 => {
                        volume.commit().unwrap();
                        committed.clone_from(&current);
                    }
                    1 | 2 => {
                        let was_there = current.remove(&digest).is_some();
                        assert_eq!(volume.delete(&digest), Ok(was_there));
                    }
                    _ => match volume.put(&data).unwrap() {
                        Put::Digest(found) => {
                            assert_eq!(found, digest);
                            current.insert(digest, data);
                        }
                        Put::Full => {
                            assert!(volume.free_blocks() < length.div_ceil(4096));
                            assert!(!current.contains_key(&digest));
                        }
                        Put::TooLarge => panic!("{length} bytes are allowed"),
                    },
                }
            }
            assert_same(&mut volume, &current);
            // Power goes; every write of the cache happened to arrive.
            for (at, block) in std::mem::take(&mut sim.cache) {
                sim.durable[at as usize] = block;
            }
            let summary = check(&mut sim, room.lend(), |finding| panic!("{finding:?}")).unwrap();
            assert_eq!(summary.objects, committed.len());
        }
    }
}

#[test]
fn a_full_disk_gives_everything_back() {
    let mut sim = Sim::blank(40);
    let mut room = Room::new(100, 40);
    let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
    let free = volume.free_blocks();
    assert_eq!(free, 36, "two superblocks and one block for each index");
    let mut stored = Vec::new();
    for name in 0.. {
        match volume.put(&object(name, 4096)).unwrap() {
            Put::Digest(digest) => stored.push(digest),
            other => {
                assert_eq!(other, Put::Full);
                break;
            }
        }
    }
    assert_eq!(stored.len(), free);
    assert_eq!(
        volume.put(&object(0, 4096)),
        Ok(Put::Digest(stored[0])),
        "already there"
    );
    assert!(
        matches!(volume.put(&[]), Ok(Put::Digest(_))),
        "an empty object needs no block"
    );
    volume.commit().unwrap();
    // Every second one goes: no two free blocks are neighbours, and a large object still fits.
    for digest in stored.iter().step_by(2) {
        volume.delete(digest).unwrap();
    }
    assert_eq!(
        volume.put(&object(500, 4096)),
        Ok(Put::Full),
        "not before the commit"
    );
    volume.commit().unwrap();
    assert_eq!(volume.free_blocks(), free / 2);
    let large = object(501, OBJECT_BYTES);
    let Ok(Put::Digest(digest)) = volume.put(&large) else {
        panic!()
    };
    let mut into = [ZERO; 8];
    assert_eq!(
        volume.get(&digest, &mut into),
        Ok(Get::Length(OBJECT_BYTES))
    );
    assert_eq!(into.as_flattened(), large);
    assert_eq!(
        volume.put(&object(502, OBJECT_BYTES + 1)),
        Ok(Put::TooLarge)
    );
}

#[test]
fn what_is_already_there_is_not_written_again() {
    let mut sim = Sim::blank(40);
    let mut room = Room::new(100, 40);
    let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
    volume.put(b"once").unwrap();
    assert_eq!(volume.commit(), Ok(2));
    volume.put(b"once").unwrap();
    assert_eq!(volume.commit(), Ok(2), "nothing changed");
    assert_eq!(sim.log.len(), 2 + 1 + 4);
}
