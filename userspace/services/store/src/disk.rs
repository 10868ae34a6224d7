//! The block device as the on-disk format wants it: in blocks of 4096 bytes.

use capos_core::sha256::Sha256;
use capos_formats::device::{BLOCK, Block, Device};
use capos_rt::Error;
use capos_rt::client::BlockDevice;
use capos_rt::transport::{LargeBuffer, SmallBuffer};
use core::fmt;

/// Blocks that one call moves: 32 KiB.
const STEP: usize = 8;

/// A block device and the memory for its messages.
pub struct Disk {
    device: BlockDevice,
    buffer: &'static mut LargeBuffer,
    sectors_per_block: u32,
    blocks: u64,
    id: [u8; 16],
}

/// Why the disk cannot be used.
#[derive(Clone, Copy, Debug)]
pub enum DiskError {
    /// The device refused.
    Call(Error),
    /// Its blocks do not divide 4096 bytes.
    BlockSize(u32),
    /// It cannot be written.
    ReadOnly,
}

impl From<Error> for DiskError {
    fn from(error: Error) -> Self {
        DiskError::Call(error)
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiskError::Call(error) => write!(out, "{error:#}"),
            DiskError::BlockSize(size) => write!(out, "blocks of {size} bytes"),
            DiskError::ReadOnly => out.write_str("it can only be read"),
        }
    }
}

impl Disk {
    /// Asks the device what it is.
    pub fn open(device: BlockDevice, buffer: &'static mut LargeBuffer) -> Result<Disk, DiskError> {
        let mut small = SmallBuffer::ZERO;
        let info = device.info(&mut small)?;
        let sectors_per_block = (BLOCK as u32).checked_div(info.block_size).unwrap_or(0);
        if sectors_per_block.checked_mul(info.block_size) != Some(BLOCK as u32) {
            return Err(DiskError::BlockSize(info.block_size));
        }
        if info.read_only {
            return Err(DiskError::ReadOnly);
        }
        let mut hash = Sha256::default();
        hash.update(info.serial.as_bytes());
        hash.update(&info.block_count.to_le_bytes());
        let mut id = [0; 16];
        id.iter_mut()
            .zip(hash.finish())
            .for_each(|(to, from)| *to = from);
        let blocks = info.block_count / u64::from(sectors_per_block);
        Ok(Disk {
            device,
            buffer,
            sectors_per_block,
            blocks,
            id,
        })
    }

    /// The id for a new volume. It follows from the device alone, so that the same run writes the same
    /// bytes.
    pub fn volume_id(&self) -> [u8; 16] {
        self.id
    }

    fn sector(&self, block: u64) -> u64 {
        block.saturating_mul(u64::from(self.sectors_per_block))
    }
}

impl Device for Disk {
    type Error = DiskError;

    fn blocks(&self) -> u64 {
        self.blocks
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), DiskError> {
        let mut at = start;
        for part in into.chunks_mut(STEP) {
            let count = part.len() as u32 * self.sectors_per_block;
            self.device
                .read(self.sector(at), count, part.as_flattened_mut(), self.buffer)?;
            at += part.len() as u64;
        }
        Ok(())
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), DiskError> {
        let mut at = start;
        for part in from.chunks(STEP) {
            self.device
                .write(self.sector(at), part.as_flattened(), self.buffer)?;
            at += part.len() as u64;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), DiskError> {
        Ok(self.device.flush()?)
    }
}
