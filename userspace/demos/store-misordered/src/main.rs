//! A store that is wrong on purpose: the same code on a disk that writes a commit's superblock before the data that it
//! names. While nothing crashes nobody can tell the difference, which is why crash states must.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_formats::device::{Block, Device, ZERO};
use capos_rt::{Env, Once};
use capos_store::{Disk, DiskError};

capos_rt::program!(run);

/// Blocks that are held back; what does not fit is written at once.
const HELD: usize = 64;
/// Blocks for superblocks, at the beginning of the disk.
const SUPERBLOCKS: u64 = 2;

static BLOCKS: Once<[Block; HELD]> = Once::new([ZERO; HELD]);

fn run(env: Env) -> i32 {
    let Some(blocks) = BLOCKS.take() else {
        return 2;
    };
    capos_store::run(env, |disk| Misordered {
        disk,
        blocks,
        places: [0; HELD],
        held: 0,
    })
}

/// Holds back what is written until a superblock is, lets that one go first, and makes nothing durable in between.
struct Misordered {
    disk: Disk,
    blocks: &'static mut [Block; HELD],
    /// Where the blocks that are held back belong.
    places: [u64; HELD],
    held: usize,
}

impl Misordered {
    /// Writes what was held back, in its order.
    fn release(&mut self) -> Result<(), DiskError> {
        for (place, block) in self.places.iter().zip(&*self.blocks).take(self.held) {
            self.disk.write(*place, core::slice::from_ref(block))?;
        }
        self.held = 0;
        Ok(())
    }
}

impl Device for Misordered {
    type Error = DiskError;

    fn blocks(&self) -> u64 {
        self.disk.blocks()
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), DiskError> {
        self.disk.read(start, into)?;
        for (place, held) in self.places.iter().zip(&*self.blocks).take(self.held) {
            let at = place.checked_sub(start).map(|at| at as usize);
            if let Some(block) = at.and_then(|at| into.get_mut(at)) {
                *block = *held;
            }
        }
        Ok(())
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), DiskError> {
        if start < SUPERBLOCKS {
            self.disk.write(start, from)?;
            return self.release();
        }
        if self.held + from.len() > HELD {
            return self.disk.write(start, from);
        }
        for (place, block) in (start..).zip(from) {
            self.places[self.held] = place;
            self.blocks[self.held] = *block;
            self.held += 1;
        }
        Ok(())
    }

    /// A flush with something held back is the one that should have come before the superblock.
    fn flush(&mut self) -> Result<(), DiskError> {
        if self.held > 0 {
            return Ok(());
        }
        self.disk.flush()
    }
}
