//! What a format needs of a block device.

/// Bytes of a block, the unit in which the formats here count. A device with smaller sectors is
/// adapted by whoever implements [`Device`].
pub const BLOCK: usize = 4096;

/// One block.
pub type Block = [u8; BLOCK];

/// A block of zeros.
pub const ZERO: Block = [0; BLOCK];

/// A device that keeps blocks.
///
/// A write is durable only after a `flush` that was called after it. Until then a power cut may
/// lose it, keep it, or tear it between sectors of 512 bytes, whatever became of the writes before
/// and after it.
pub trait Device {
    /// Why an operation failed.
    type Error;

    /// Whole blocks on the device.
    fn blocks(&self) -> u64;

    /// Fills `into` from the blocks at `start`.
    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), Self::Error>;

    /// Writes `from` to the blocks at `start`.
    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), Self::Error>;

    /// Makes every write that has returned durable.
    fn flush(&mut self) -> Result<(), Self::Error>;
}

impl<D: Device> Device for &mut D {
    type Error = D::Error;

    fn blocks(&self) -> u64 {
        (**self).blocks()
    }

    fn read(&mut self, start: u64, into: &mut [Block]) -> Result<(), Self::Error> {
        (**self).read(start, into)
    }

    fn write(&mut self, start: u64, from: &[Block]) -> Result<(), Self::Error> {
        (**self).write(start, from)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        (**self).flush()
    }
}
