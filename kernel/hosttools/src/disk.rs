//! A disk in memory that holds only what is not zero, with changes on top that can be taken back.

use capos_formats::device::{BLOCK, Block, Device, ZERO};
use std::collections::HashMap;

/// Blocks by number; those that are absent are zero.
type Blocks = HashMap<u64, Box<Block>>;

/// A disk: what it holds for good, and what it holds for the state at hand.
pub struct Disk {
    blocks: u64,
    base: Blocks,
    overlay: Blocks,
}

/// A read or write behind the end of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside;

impl std::fmt::Display for Outside {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("behind the end of the disk")
    }
}

impl Disk {
    /// A blank disk of whole blocks; a rest of `bytes` is not there.
    pub fn blank(bytes: u64) -> Disk {
        Disk {
            blocks: bytes / BLOCK as u64,
            base: Blocks::new(),
            overlay: Blocks::new(),
        }
    }

    /// Writes for good. Taking back does not undo it.
    pub fn apply(&mut self, offset: u64, data: &[u8]) -> Result<(), Outside> {
        let Disk { blocks, base, .. } = self;
        each_block(*blocks, offset, data, |number, at, part| {
            let block = base.entry(number).or_insert_with(|| Box::new(ZERO));
            block[at..at + part.len()].copy_from_slice(part);
        })
    }

    /// Writes for the state at hand.
    pub fn overlay(&mut self, offset: u64, data: &[u8]) -> Result<(), Outside> {
        let Disk {
            blocks,
            base,
            overlay,
        } = self;
        each_block(*blocks, offset, data, |number, at, part| {
            let block = overlay
                .entry(number)
                .or_insert_with(|| base.get(&number).cloned().unwrap_or(Box::new(ZERO)));
            block[at..at + part.len()].copy_from_slice(part);
        })
    }

    /// Takes back everything that was only for the state at hand.
    pub fn take_back(&mut self) {
        self.overlay.clear();
    }
}

/// Calls `write` with each block's number, the place in it and the bytes for it.
fn each_block(
    blocks: u64,
    offset: u64,
    mut data: &[u8],
    mut write: impl FnMut(u64, usize, &[u8]),
) -> Result<(), Outside> {
    let end = offset.checked_add(data.len() as u64).ok_or(Outside)?;
    if end > blocks.checked_mul(BLOCK as u64).ok_or(Outside)? {
        return Err(Outside);
    }
    let mut at = offset;
    while !data.is_empty() {
        let within = (at % BLOCK as u64) as usize;
        let (part, rest) = data.split_at(data.len().min(BLOCK - within));
        write(at / BLOCK as u64, within, part);
        at += part.len() as u64;
        data = rest;
    }
    Ok(())
}

impl Device for Disk {
    type Error = Outside;

    fn blocks(&self) -> u64 {
        self.blocks
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), Outside> {
        for (number, block) in (start..).zip(into) {
            if number >= self.blocks {
                return Err(Outside);
            }
            let found = self.overlay.get(&number).or_else(|| self.base.get(&number));
            *block = found.map_or(ZERO, |found| **found);
        }
        Ok(())
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), Outside> {
        self.overlay(start * BLOCK as u64, from.as_flattened())
    }

    fn flush(&mut self) -> Result<(), Outside> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Disk, Outside};
    use capos_formats::device::{BLOCK, Device, ZERO};

    #[test]
    fn changes_can_be_taken_back_and_what_is_applied_stays() {
        let mut disk = Disk::blank(4 * BLOCK as u64);
        disk.apply(BLOCK as u64 - 1, &[1, 2]).unwrap();
        disk.overlay(BLOCK as u64, &[9]).unwrap();
        let mut blocks = [ZERO; 2];
        disk.read(0, &mut blocks).unwrap();
        assert_eq!((blocks[0][BLOCK - 1], blocks[1][0]), (1, 9));
        disk.take_back();
        disk.read(0, &mut blocks).unwrap();
        assert_eq!((blocks[0][BLOCK - 1], blocks[1][0]), (1, 2));
    }

    #[test]
    fn nothing_lies_behind_the_end() {
        let mut disk = Disk::blank(2 * BLOCK as u64 + 100);
        assert_eq!(disk.blocks(), 2);
        assert_eq!(disk.overlay(2 * BLOCK as u64 - 1, &[0, 0]), Err(Outside));
        assert_eq!(disk.apply(u64::MAX, &[0]), Err(Outside));
        assert_eq!(disk.read(1, &mut [ZERO; 2]), Err(Outside));
    }
}
