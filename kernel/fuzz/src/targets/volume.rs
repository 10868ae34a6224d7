//! The volumes of the store: whatever lies on the disk, it is refused untouched, or what it holds is whole, stands
//! in blocks of its own, and is still there when more was put and committed.

use super::Target;
use capos_core::bytes::{u32_at, u64_at};
use capos_core::sha256;
use capos_formats::device::{BLOCK, Block, Device, ZERO};
use capos_formats::store::{Digest, Entry, Get, Memory, OBJECT_BLOCKS, Put, Volume, check};
use std::collections::BTreeSet;

pub const TARGET: Target = Target {
    name: "store-volume",
    seeds,
    run: |input| mount(disk_of(input)),
};

/// Blocks of a disk, and objects that there is memory for: one block of an index.
const BLOCKS: usize = 12;
const OBJECTS: usize = 56;
/// What an input gives of each block, zeros behind: how to seal it, then the parts that matter.
const SUPERBLOCK: usize = 88;
const INDEX: usize = 4 * 72;
const CONTENT: usize = 64;
/// Seal a superblock, and first let it name the index that is there.
const SEALS: [u8; 2] = [1, 2];
const NAMES_INDEX: [u8; 2] = [4, 8];

/// The bytes of each block that come from the input, in its order.
fn given() -> impl Iterator<Item = (usize, usize)> {
    let sizes = [SUPERBLOCK, SUPERBLOCK, INDEX, INDEX];
    (0..BLOCKS).map(move |block| (block, sizes.get(block).copied().unwrap_or(CONTENT)))
}

fn disk_of(input: &[u8]) -> Disk {
    let mut blocks = vec![ZERO; BLOCKS];
    let (how, mut rest) = input.split_first().unwrap_or((&0, &[]));
    for (block, size) in given() {
        let (now, later) = rest.split_at(size.min(rest.len()));
        blocks[block][..now.len()].copy_from_slice(now);
        rest = later;
    }
    for slot in [0, 1] {
        if how & NAMES_INDEX[slot] != 0 {
            name_index(&mut blocks, slot);
        }
        if how & SEALS[slot] != 0 {
            let seal = sha256::digest(&blocks[slot][..480]);
            blocks[slot][480..512].copy_from_slice(&seal);
        }
    }
    Disk { blocks }
}

/// Makes a superblock name the index that lies where it says.
fn name_index(blocks: &mut [Block], slot: usize) {
    let index = u32_at(&blocks[slot], 44).unwrap_or(0) as usize;
    let objects = u64_at(&blocks[slot], 48).unwrap_or(0) as usize;
    let start = index.saturating_mul(slot).saturating_add(2);
    let end = start.saturating_add(objects.div_ceil(OBJECTS));
    if let Some(area) = blocks.get(start..end) {
        let digest = sha256::digest(area.as_flattened());
        blocks[slot][56..88].copy_from_slice(&digest);
    }
}

/// Real volumes after some commits, with their seals and with seals to be made.
fn seeds() -> Vec<Vec<u8>> {
    let mut disk = Disk {
        blocks: vec![ZERO; BLOCKS],
    };
    let mut room = Room::new();
    let mut found = Vec::new();
    let mut volume = Volume::format(&mut disk, room.lend(), [7; 16]).ok();
    for commit in 0..3_u8 {
        if let Some(volume) = &mut volume {
            let mut object = vec![0; BLOCK + 4];
            object[..8].fill(commit + 1);
            let _ = volume.put(&object[..60]);
            let _ = volume.put(&object);
            let _ = volume.commit();
        }
        drop(volume.take());
        for how in [0, 15] {
            let parts = given().map(|(block, size)| &disk.blocks[block][..size]);
            let mut input = vec![how];
            parts.for_each(|part| input.extend_from_slice(part));
            found.push(input);
        }
        volume = Volume::mount(&mut disk, room.lend()).ok();
    }
    found
}

fn mount(mut disk: Disk) {
    let before = disk.blocks.clone();
    let mut room = Room::new();
    let mut whole: Vec<(Digest, Vec<u8>)> = Vec::new();
    let generation = match Volume::mount(&mut disk, room.lend()) {
        Ok(mut volume) => {
            let mut into = [ZERO; OBJECT_BLOCKS];
            let mut taken = BTreeSet::new();
            let sorted = volume
                .entries()
                .is_sorted_by(|a, b| a.digest() < b.digest());
            assert!(sorted, "out of order, or one digest twice");
            for entry in volume.entries().to_vec() {
                for block in entry.blocks() {
                    assert!((4..BLOCKS as u32).contains(block), "no object's block");
                    assert!(taken.insert(*block), "one block of two objects");
                }
                match volume.get(entry.digest(), &mut into) {
                    Ok(Get::Length(length)) => {
                        let bytes = &into.as_flattened()[..length];
                        assert_eq!(length, entry.length(), "another length");
                        assert_eq!(sha256::digest(bytes), *entry.digest(), "another object");
                        whole.push((*entry.digest(), bytes.to_vec()));
                    }
                    Ok(Get::Corrupt) => {}
                    other => panic!("an object that is listed: {other:?}"),
                }
            }
            assert!(
                taken.len() + volume.free_blocks() <= BLOCKS - 4,
                "more blocks than there are"
            );
            volume.generation()
        }
        Err(reason) => {
            assert!(!reason.to_string().is_empty(), "refused without a reason");
            assert!(disk.blocks == before, "written to, and refused");
            return;
        }
    };
    assert!(disk.blocks == before, "written to by reading");
    let summary = check(&mut disk, room.lend(), |_| {});
    assert_eq!(summary.map(|found| found.generation), Ok(generation));
    put_more(disk, generation, &whole);
}

fn put_more(mut disk: Disk, generation: u64, whole: &[(Digest, Vec<u8>)]) {
    let mut room = Room::new();
    let Ok(mut volume) = Volume::mount(&mut disk, room.lend()) else {
        panic!("it is mounted once and not again");
    };
    let new = [0x5a; 70];
    let put = volume.put(&new);
    assert!(matches!(put, Ok(Put::Digest(_) | Put::Full)), "{put:?}");
    // No generation follows the last one.
    let Ok(committed) = volume.commit() else {
        assert_eq!(generation, u64::MAX, "a commit that fails");
        return;
    };
    drop(volume);
    let Ok(mut volume) = Volume::mount(&mut disk, room.lend()) else {
        panic!("what was committed is refused");
    };
    assert_eq!(volume.generation(), committed);
    assert!(committed == generation || committed == generation + 1);
    let mut into = [ZERO; OBJECT_BLOCKS];
    let new = matches!(put, Ok(Put::Digest(_))).then(|| (sha256::digest(&new), new.to_vec()));
    for (digest, bytes) in whole.iter().chain(&new) {
        assert_eq!(
            volume.get(digest, &mut into),
            Ok(Get::Length(bytes.len())),
            "it is lost"
        );
        assert_eq!(&into.as_flattened()[..bytes.len()], bytes, "it is another");
    }
}

struct Disk {
    blocks: Vec<Block>,
}

impl Device for Disk {
    type Error = &'static str;

    fn blocks(&self) -> u64 {
        self.blocks.len() as u64
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), Self::Error> {
        let from = self.blocks.get(start as usize..).unwrap_or(&[]);
        let from = from.get(..into.len()).ok_or("read outside")?;
        into.copy_from_slice(from);
        Ok(())
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), Self::Error> {
        let into = self.blocks.get_mut(start as usize..).unwrap_or(&mut []);
        let into = into.get_mut(..from.len()).expect("written outside");
        into.copy_from_slice(from);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

struct Room {
    entries: Vec<Entry>,
    maps: [u64; 2],
}

impl Room {
    fn new() -> Self {
        Self {
            entries: vec![Entry::EMPTY; OBJECTS],
            maps: [u64::MAX; 2],
        }
    }

    fn lend(&mut self) -> Memory<'_> {
        Memory {
            entries: &mut self.entries,
            maps: &mut self.maps,
        }
    }
}
