//! `BlockDevice`: blocks of a disk.

use super::BlockDevice;
use crate::error::Error;
use crate::transport::{LargeBuffer, SmallBuffer, Transport};
use capos_abi::wire::WireError;

/// What a block device is. The serial number is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockInfo<'r> {
    /// Bytes of a block.
    pub block_size: u32,
    /// Blocks on the device.
    pub block_count: u64,
    /// True if writes are refused.
    pub read_only: bool,
    /// The serial number.
    pub serial: &'r str,
}

impl<T: Transport> BlockDevice<T> {
    /// What the device is.
    pub fn info<'r>(&self, buffer: &'r mut SmallBuffer) -> Result<BlockInfo<'r>, Error> {
        let info = self.call_info(&mut buffer.0)?;
        Ok(BlockInfo {
            block_size: info.block_size(),
            block_count: info.block_count(),
            read_only: info.read_only(),
            serial: info.serial()?,
        })
    }

    /// Reads blocks from `start` until `into` is full: whole blocks, at most 32 KiB.
    pub fn read(
        &self,
        start: u64,
        count: u32,
        into: &mut [u8],
        buffer: &mut LargeBuffer,
    ) -> Result<(), Error> {
        let data = self.call_read(start, count, &mut buffer.0)?;
        if data.len() != into.len() {
            return Err(Error::Message(WireError::Size));
        }
        into.copy_from_slice(data);
        Ok(())
    }

    /// Writes `data`, whole blocks, at most 32 KiB, to the blocks at `start`.
    pub fn write(&self, start: u64, data: &[u8], buffer: &mut LargeBuffer) -> Result<(), Error> {
        self.call_write(start, data, &mut buffer.0, &mut SmallBuffer::zeroed().0)
    }
}
