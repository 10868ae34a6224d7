//! `BlockDevice`: blocks of a disk.

use super::client;
use crate::error::Error;
use crate::transport::{LargeBuffer, SmallBuffer, Transport};
use capos_abi::generated::block_device::{flush, info, read, write};
use capos_abi::wire::{MessageWriter, WireError};

client! {
    /// Reads and writes blocks.
    BlockDevice of block_device
}

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
        let mut params = [0; 16];
        let mut message = MessageWriter::new(&mut params);
        info::ParamsWriter::root(&mut message)?;
        let reply = self
            .0
            .call(info::METHOD, message.finish(), &[], &mut buffer.0)?;
        let info = info::ResultsReader::read(reply.payload)?.info()?;
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
        let mut params = [0; 64];
        let mut message = MessageWriter::new(&mut params);
        let mut writer = read::ParamsWriter::root(&mut message)?;
        writer.set_start(start);
        writer.set_count(count);
        let reply = self
            .0
            .call(read::METHOD, message.finish(), &[], &mut buffer.0)?;
        let data = read::ResultsReader::read(reply.payload)?.data()?;
        if data.len() != into.len() {
            return Err(Error::Message(WireError::Size));
        }
        into.copy_from_slice(data);
        Ok(())
    }

    /// Writes `data`, whole blocks, at most 32 KiB, to the blocks at `start`.
    pub fn write(&self, start: u64, data: &[u8], buffer: &mut LargeBuffer) -> Result<(), Error> {
        let mut message = MessageWriter::new(&mut buffer.0);
        let mut writer = write::ParamsWriter::root(&mut message)?;
        writer.set_start(start);
        writer.set_data(data)?;
        let mut results = SmallBuffer::ZERO;
        self.0
            .call(write::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(())
    }

    /// Makes every write that has completed durable.
    pub fn flush(&self) -> Result<(), Error> {
        let mut params = [0; 16];
        let mut message = MessageWriter::new(&mut params);
        flush::ParamsWriter::root(&mut message)?;
        let mut results = SmallBuffer::ZERO;
        self.0
            .call(flush::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(())
    }
}
