//! Power cuts: at every write, with every subset of the writes that were not flushed.

use super::sim::{Broken, Event, Sim};
use super::{Room, contents, object};
use crate::device::{Block, Device, ZERO};
use crate::store::{Digest, Error, Finding, Put, Refused, Volume, check};

/// Eight of them are for objects, so that the life below has to use blocks again.
const BLOCKS: usize = 12;

/// A state that was committed: its generation and its objects, sorted.
type State = (u64, Vec<Digest>);

fn put<D: Device>(volume: &mut Volume<'_, D>, data: &[u8]) -> Digest
where
    D::Error: core::fmt::Debug,
{
    match volume.put(data).unwrap() {
        Put::Digest(digest) => digest,
        other => panic!("{other:?}"),
    }
}

fn contents_of<D: Device>(volume: &Volume<'_, D>) -> Vec<Digest> {
    volume
        .entries()
        .iter()
        .map(|entry| *entry.digest())
        .collect()
}

fn state<D: Device>(volume: &Volume<'_, D>) -> State {
    (volume.generation(), contents_of(volume))
}

/// A life with commits, deletes, reuse of freed blocks and uncommitted rests, as a log of writes and
/// the committed states in order.
fn life() -> (Sim, Vec<State>) {
    let mut sim = Sim::blank(BLOCKS);
    let mut room = Room::new(8, BLOCKS);
    let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
    let mut states = vec![state(&volume)];
    let mut commit = |volume: &mut Volume<'_, &mut Sim>| {
        volume.commit().unwrap();
        states.push(state(volume));
    };
    let first = put(&mut volume, &object(1, 5000));
    put(&mut volume, &object(2, 100));
    commit(&mut volume);
    volume.delete(&first).unwrap();
    put(&mut volume, &object(3, 4096));
    commit(&mut volume);
    let fourth = put(&mut volume, &object(4, 9000));
    put(&mut volume, &object(5, 0));
    commit(&mut volume);
    put(&mut volume, &object(6, 3 * 4096));
    // Its blocks are committed: they stay what they are, and the disk stays full.
    volume.delete(&fourth).unwrap();
    let _full = volume.put(&object(7, 4096)).unwrap();
    (sim, states)
}

/// Every disk that a power cut just after the first `events` of the log may leave.
fn disks(log: &[Event]) -> Vec<Vec<Block>> {
    let mut durable = vec![ZERO; BLOCKS];
    let mut waiting: Vec<(u64, Block)> = Vec::new();
    for event in log {
        match event {
            Event::Write(at, block) => waiting.push((*at, **block)),
            Event::Flush => {
                for (at, block) in waiting.drain(..) {
                    durable[at as usize] = block;
                }
            }
        }
    }
    assert!(waiting.len() <= 10, "too many subsets");
    (0..1_u32 << waiting.len())
        .map(|kept| {
            let mut disk = durable.clone();
            for (bit, (at, block)) in waiting.iter().enumerate() {
                if kept & (1 << bit) != 0 {
                    disk[*at as usize] = *block;
                }
            }
            disk
        })
        .collect()
}

/// The volume on `disk` is `old` or `new`, every object whole, and it can go on.
fn assert_one_of(disk: Vec<Block>, old: Option<&State>, new: Option<&State>, when: &str) {
    let mut sim = Sim::holding(disk);
    match contents(&mut sim) {
        Ok(found) => assert!(
            [old, new]
                .into_iter()
                .flatten()
                .any(|state| *state == found),
            "{when}: generation {} with {} objects",
            found.0,
            found.1.len()
        ),
        Err(Refused::Blank) => assert!(old.is_none(), "{when}: blank"),
        Err(refused) => panic!("{when}: {refused:?}"),
    }
    if old.is_none() {
        return;
    }
    let mut room = Room::new(64, 1024);
    check(&mut sim, room.lend(), |finding| match finding {
        Finding::TornSlot(_) => (),
        Finding::CorruptObject(_) => panic!("{when}: {finding:?}"),
    })
    .unwrap();
    let mut volume = Volume::mount(&mut sim, room.lend()).unwrap();
    for digest in contents_of(&volume) {
        volume.delete(&digest).unwrap();
    }
    volume.commit().unwrap();
    let late = put(&mut volume, &object(99, 4097));
    volume.commit().unwrap();
    assert!(contents(&mut sim).unwrap().1.contains(&late), "{when}");
}

#[test]
fn every_power_cut_leaves_the_old_state_or_the_new_one() {
    let (sim, states) = life();
    // A commit is durable with its second flush, formatting with its only one.
    let (mut flushes, mut tried) = (0, 0);
    for end in 0..=sim.log.len() {
        let done = if flushes == 0 {
            None
        } else {
            Some((flushes - 1) / 2)
        };
        let old = done.map(|index| &states[index]);
        let new = states.get(done.map_or(0, |index| index + 1));
        for disk in disks(&sim.log[..end]) {
            assert_one_of(disk, old, new, &format!("after {end} events"));
            tried += 1;
        }
        if let Some(Event::Flush) = sim.log.get(end) {
            flushes += 1;
        }
    }
    assert_eq!(states.len(), 4);
    assert!(tried > 90, "{tried} disks");
}

#[test]
fn a_torn_superblock_loses_nothing() {
    let (sim, states) = life();
    let is_superblock = |event: &Event| matches!(event, Event::Write(0 | 1, _));
    let writes: Vec<usize> = (0..sim.log.len())
        .filter(|at| is_superblock(&sim.log[*at]))
        .collect();
    assert_eq!(writes.len(), 4);
    for (index, at) in writes.into_iter().enumerate().skip(1) {
        let (before, Event::Write(slot, after)) = (disks(&sim.log[..at]), &sim.log[at]) else {
            panic!()
        };
        let before = before.last().unwrap();
        // Behind the 512 bytes of a superblock, old and new block are both zero.
        for torn in (0..=512).chain([after.len()]) {
            for from_the_end in [false, true] {
                let mut disk = before.clone();
                let kept = if from_the_end {
                    torn..after.len()
                } else {
                    0..torn
                };
                disk[*slot as usize][kept.clone()].copy_from_slice(&after[kept]);
                let when = format!("superblock {index} torn at {torn}");
                let (old, new) = (&states[index - 1], &states[index]);
                let found = contents(&mut Sim::holding(disk)).expect(&when);
                assert!(found == *old || found == *new, "{when}");
            }
        }
    }
}

#[test]
fn a_device_error_at_any_step_never_harms_the_committed_state() {
    for fails_after in 0..40 {
        let mut sim = Sim::blank(BLOCKS);
        let mut room = Room::new(8, BLOCKS);
        let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
        put(&mut volume, &object(1, 5000));
        volume.commit().unwrap();
        let before = state(&volume);
        let mut volume = Volume::mount(&mut sim, room.lend()).unwrap();
        volume.device.fails_after = Some(fails_after);
        let put = volume.put(&object(2, 9000));
        let commit = volume.commit();
        let after = state(&volume);
        if put.is_ok() && commit.is_err() {
            assert_eq!(volume.put(b"x"), Err(Error::Halted));
            assert_eq!(volume.commit(), Err(Error::Halted));
        }
        sim.fails_after = None;
        for disk in disks_of(&sim) {
            let found = contents(&mut Sim::holding(disk)).unwrap();
            let in_doubt = put.is_ok() && commit.is_err();
            let newer = (before.0 + 1, after.1.clone());
            assert!(
                if in_doubt {
                    found == before || found == newer
                } else {
                    found == after
                },
                "after {fails_after} steps"
            );
        }
    }
}

#[test]
fn what_a_failed_commit_left_in_the_cache_is_durable_before_it_is_built_on() {
    let mut sim = Sim::blank(BLOCKS);
    let mut room = Room::new(8, BLOCKS);
    let mut volume = Volume::format(&mut sim, room.lend(), [1; 16]).unwrap();
    let first = put(&mut volume, &object(1, 5000));
    volume.commit().unwrap();
    volume.delete(&first).unwrap();
    // Three blocks of the object, the index, a flush, the superblock: then the last flush fails.
    volume.device.fails_after = Some(6);
    let second = put(&mut volume, &object(2, 9000));
    assert_eq!(volume.commit(), Err(Error::Device(Broken)));
    sim.fails_after = None;
    let mut volume = Volume::mount(&mut sim, room.lend()).unwrap();
    assert_eq!(state(&volume), (3, vec![second]));
    // Takes every free block, among them those of the first object.
    put(&mut volume, &object(3, 5 * 4096));
    for disk in disks_of(&sim) {
        let mut room = Room::new(64, 1024);
        let summary = check(Sim::holding(disk), room.lend(), |finding| {
            panic!("{finding:?}")
        });
        assert_eq!(summary.map(|summary| summary.generation), Ok(3));
    }
}

/// Every disk that a power cut of `sim` may leave.
fn disks_of(sim: &Sim) -> Vec<Vec<Block>> {
    (0..1_u32 << sim.cache.len())
        .map(|kept| {
            let mut disk = sim.durable.clone();
            for (bit, (at, block)) in sim.cache.iter().enumerate() {
                if kept & (1 << bit) != 0 {
                    disk[*at as usize] = *block;
                }
            }
            disk
        })
        .collect()
}
