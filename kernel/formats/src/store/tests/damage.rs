//! Volumes that must be refused, each for its own reason, and never written to.

use super::sim::{Broken, Event, Sim};
use super::{Room, contents, object};
use crate::device::{Block, ZERO};
use crate::store::{Finding, Get, IndexFault, Put, Refused, Slot, Volume, check};
use capos_core::sha256;

const BLOCKS: usize = 600;

/// A volume after `commits` commits, each of which added an object of two blocks.
fn volume(commits: u64) -> Vec<Block> {
    let mut sim = Sim::blank(BLOCKS);
    let mut room = Room::new(64, BLOCKS);
    let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
    for name in 0..commits {
        volume.put(&object(name, 5000)).unwrap();
        volume.commit().unwrap();
    }
    sim.durable
}

/// Mounts, asserting that refusing wrote nothing.
fn mount(disk: &[Block]) -> Result<u64, Refused<Broken>> {
    let mut sim = Sim::holding(disk.to_vec());
    let mut room = Room::new(64, BLOCKS);
    let generation = Volume::mount(&mut sim, room.lend()).map(|volume| volume.generation());
    let formatted = Volume::format(&mut sim, room.lend(), [2; 16]).is_ok();
    assert_eq!(
        formatted,
        generation == Err(Refused::Blank),
        "formatted what was not blank"
    );
    let wrote = sim
        .log
        .iter()
        .any(|event| matches!(event, Event::Write(..)));
    assert!(formatted || !wrote, "wrote to what it refused");
    generation
}

/// Changes a superblock and seals it again.
fn resealed(disk: &[Block], slot: usize, edit: impl Fn(&mut Block)) -> Vec<Block> {
    let mut disk = disk.to_vec();
    edit(&mut disk[slot]);
    let seal = sha256::digest(&disk[slot][..480]);
    disk[slot][480..512].copy_from_slice(&seal);
    disk
}

/// Whether a commit changes this byte of a superblock, so that tearing its write can.
fn changes(at: usize) -> bool {
    matches!(at, 32..40 | 48..88 | 480..512)
}

#[test]
fn any_changed_byte_of_the_only_superblock_is_refused() {
    let disk = volume(0);
    assert_eq!(mount(&disk), Ok(1));
    for at in 0..disk[0].len() {
        let mut bad = disk.clone();
        bad[0][at] ^= 0x40;
        let refused = mount(&bad).expect_err("a reason");
        let expected = match at {
            0..8 => refused == Refused::Foreign,
            8..12 => matches!(refused, Refused::Version(_)),
            _ => refused == Refused::BadSuperblock,
        };
        assert!(expected, "byte {at}: {refused:?}");
    }
}

#[test]
fn of_two_superblocks_one_may_be_torn_but_not_damaged() {
    for commits in [1, 2] {
        let disk = volume(commits);
        for (slot, at) in [0, 1].into_iter().flat_map(|slot| {
            (0..512)
                .chain((512..4096).step_by(29))
                .map(move |at| (slot, at))
        }) {
            let mut bad = disk.clone();
            bad[slot][at] ^= 0xa4;
            let mut findings = Vec::new();
            let mut room = Room::new(64, BLOCKS);
            let checked = check(Sim::holding(bad), room.lend(), |finding| {
                findings.push(finding)
            });
            let when = format!("{commits} commits, slot {slot} byte {at}: {checked:?}");
            if !changes(at) {
                let refused = checked.expect_err("a reason");
                assert!(
                    matches!(refused, Refused::BadSuperblock | Refused::Version(_)),
                    "{when}"
                );
                continue;
            }
            let newest_slot = commits as usize % 2;
            let lost = u64::from(slot == newest_slot);
            assert_eq!(
                checked.map(|summary| summary.generation),
                Ok(1 + commits - lost),
                "{when}"
            );
            let torn = if slot == 0 { Slot::Zero } else { Slot::One };
            assert_eq!(findings, [Finding::TornSlot(torn)]);
        }
    }
}

#[test]
fn overwritten_superblocks_are_refused() {
    let disk = volume(2);
    for garbage in [[0; 4096], [0xff; 4096], [0x5a; 4096]] {
        for slot in [0, 1] {
            let mut bad = disk.clone();
            bad[slot] = garbage;
            assert_eq!(mount(&bad), Err(Refused::BadSuperblock), "slot {slot}");
        }
        let mut bad = disk.clone();
        bad[0] = garbage;
        bad[1] = garbage;
        assert_eq!(mount(&bad), Err(Refused::Foreign));
    }
    let mut bad = disk.clone();
    bad[0][100] ^= 1;
    bad[1][100] ^= 1;
    assert_eq!(mount(&bad), Err(Refused::BadSuperblock));
}

#[test]
fn only_blank_devices_are_blank() {
    let blank = vec![ZERO; BLOCKS];
    assert_eq!(mount(&blank), Err(Refused::Blank));
    for at in [0, 1, 2, 255, BLOCKS - 256, BLOCKS - 1] {
        let mut used = blank.clone();
        used[at][4095] = 1;
        assert_eq!(mount(&used), Err(Refused::Foreign), "block {at}");
    }
    assert_eq!(mount(&blank[..1]), Err(Refused::TooSmall));
    let mut room = Room::new(8, 8);
    let too_small = Volume::format(Sim::blank(4), room.lend(), [1; 16]);
    assert_eq!(too_small.err(), Some(Refused::TooSmall));
}

#[test]
fn another_version_is_refused_whatever_the_other_slot_says() {
    let disk = volume(1);
    for slot in [0, 1] {
        let newer = resealed(&disk, slot, |block| block[8] = 2);
        assert_eq!(mount(&newer), Err(Refused::Version(2)));
    }
}

#[test]
fn superblocks_of_two_volumes_are_refused() {
    let disk = volume(1);
    let mixed = resealed(&disk, 1, |block| block[16] ^= 1);
    assert_eq!(mount(&mixed), Err(Refused::Mixed));
    let gap = resealed(&disk, 1, |block| block[32] = 4);
    assert_eq!(mount(&gap), Err(Refused::BadSuperblock), "a lost commit");
    let resized = resealed(&disk, 1, |block| block[40] ^= 1);
    assert_eq!(mount(&resized), Err(Refused::Mixed));
}

#[test]
fn every_truncation_is_refused() {
    let disk = volume(1);
    for blocks in 2..BLOCKS {
        let expected = Refused::Truncated {
            volume: BLOCKS as u64,
            device: blocks as u64,
        };
        assert_eq!(mount(&disk[..blocks]), Err(expected));
    }
    let mut longer = disk.clone();
    longer.push([7; 4096]);
    assert_eq!(mount(&longer), Ok(2), "a larger device is no damage");
}

#[test]
fn a_volume_larger_than_the_memory_is_refused() {
    let disk = volume(3);
    for (objects, blocks) in [(2, BLOCKS), (64, BLOCKS - 64)] {
        let mut room = Room::new(objects, blocks);
        let refused = Volume::mount(Sim::holding(disk.clone()), room.lend()).err();
        assert_eq!(refused, Some(Refused::Memory));
    }
    let mut room = Room::new(3, BLOCKS);
    let mut volume = Volume::mount(Sim::holding(disk), room.lend()).unwrap();
    assert_eq!(volume.put(b"one more"), Ok(Put::Full));
}

#[test]
fn any_changed_byte_of_the_index_is_refused() {
    let disk = volume(2);
    // Generation 3 lies in slot 0; its index area starts at block 2.
    for at in (0..144).chain((144..4096).step_by(11)) {
        let mut bad = disk.clone();
        bad[2][at] ^= 0x80;
        assert_eq!(
            mount(&bad),
            Err(Refused::Index(IndexFault::Digest)),
            "byte {at}"
        );
    }
}

#[test]
fn an_index_that_lies_is_refused_though_its_digest_fits() {
    let disk = volume(2);
    let forged = |edit: fn(&mut Block)| {
        let mut disk = disk.clone();
        edit(&mut disk[2]);
        let digest = sha256::digest(&disk[2]);
        resealed(&disk, 0, |block| block[56..88].copy_from_slice(&digest))
    };
    type Edit = fn(&mut Block);
    let cases: [(Edit, IndexFault); 8] = [
        (|block| block[..144].rotate_left(72), IndexFault::Order),
        (|block| block.copy_within(..72, 72), IndexFault::Order),
        (|block| block[32..36].fill(0xff), IndexFault::Entry),
        (|block| block[36] = 1, IndexFault::Entry),
        (|block| block[144] = 1, IndexFault::Entry),
        (|block| block[40] = 1, IndexFault::Blocks),
        (|block| block[40..44].fill(0xff), IndexFault::Blocks),
        (|block| block.copy_within(40..48, 112), IndexFault::Blocks),
    ];
    for (index, (edit, fault)) in cases.into_iter().enumerate() {
        assert_eq!(
            mount(&forged(edit)),
            Err(Refused::Index(fault)),
            "case {index}"
        );
    }
    assert_eq!(mount(&forged(|_| ())), Ok(3));
}

#[test]
fn a_rotten_object_is_never_given_out_and_can_be_put_again() {
    let data = object(0, 5000);
    let mut disk = volume(1);
    let at = disk
        .iter()
        .position(|block| *block == data[..4096])
        .unwrap();
    disk[at][17] ^= 1;
    let mut sim = Sim::holding(disk);
    let digest = sha256::digest(&data);
    let mut room = Room::new(64, BLOCKS);
    let mut findings = Vec::new();
    check(&mut sim, room.lend(), |finding| findings.push(finding)).unwrap();
    assert_eq!(findings, [Finding::CorruptObject(digest)]);
    let mut volume = Volume::mount(&mut sim, room.lend()).unwrap();
    let mut into = [ZERO; 8];
    assert_eq!(volume.get(&digest, &mut into), Ok(Get::Corrupt));
    assert_eq!(volume.put(&data), Ok(Put::Digest(digest)));
    assert_eq!(volume.get(&digest, &mut into), Ok(Get::Length(5000)));
    assert_eq!(into.as_flattened()[..5000], data);
    volume.commit().unwrap();
    assert_eq!(contents(&mut sim), Ok((3, vec![digest])));
}
