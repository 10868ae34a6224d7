//! What virtio's block device (1.0 and later, over PCI) says and is told, as numbers.

use crate::bytes::{u32_at, u64_at};

/// Vendor of every virtio device.
pub const VENDOR: u16 = 0x1af4;
/// The block device, modern and transitional.
pub const BLOCK_DEVICES: [u16; 2] = [0x1042, 0x1001];
/// Bytes of a sector, in which the device counts whatever its block size.
pub const SECTOR_BYTES: u64 = 512;

/// Feature bits of the block device.
pub mod feature {
    /// The device can only be read.
    pub const READ_ONLY: u64 = 1 << 5;
    /// The block size is in the configuration.
    pub const BLOCK_SIZE: u64 = 1 << 6;
    /// The device has a cache, and a command that flushes it.
    pub const FLUSH: u64 = 1 << 9;
    /// The device speaks virtio 1.0.
    pub const VERSION_1: u64 = 1 << 32;
    /// What the kernel understands.
    pub const KNOWN: u64 = READ_ONLY | BLOCK_SIZE | FLUSH | VERSION_1;
}

/// Kinds of request.
pub mod request {
    /// Read sectors.
    pub const READ: u32 = 0;
    /// Write sectors.
    pub const WRITE: u32 = 1;
    /// Make what was written durable.
    pub const FLUSH: u32 = 4;
    /// Read the serial number.
    pub const SERIAL: u32 = 8;
}

/// The shape of a device, from its configuration and the features that were agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Bytes of a block.
    pub block_bytes: u32,
    /// Blocks on the device.
    pub block_count: u64,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether a flush must be asked for.
    pub flushes: bool,
}

impl Shape {
    /// Reads the first 24 bytes of a block device's configuration. `None` where it is impossible.
    pub fn read(configuration: &[u8; 24], features: u64) -> Option<Shape> {
        let sectors = u64_at(configuration, 0)?;
        let said = u32_at(configuration, 20)?;
        let block_bytes = if features & feature::BLOCK_SIZE != 0 {
            said
        } else {
            SECTOR_BYTES as u32
        };
        if !block_bytes.is_power_of_two() || !(512..=4096).contains(&block_bytes) {
            return None;
        }
        let block_count = sectors
            .checked_mul(SECTOR_BYTES)?
            .checked_div(block_bytes.into())?;
        Some(Shape {
            block_bytes,
            block_count,
            read_only: features & feature::READ_ONLY != 0,
            flushes: features & feature::FLUSH != 0,
        })
    }

    /// The first sector of `bytes` that start at block `start`, if they are whole blocks and all on
    /// the device.
    pub fn sector(&self, start: u64, bytes: usize) -> Option<u64> {
        let blocks = (bytes as u64).checked_div(self.block_bytes.into())?;
        let whole = blocks.checked_mul(self.block_bytes.into())? == bytes as u64;
        let end = start.checked_add(blocks)?;
        if !whole || end > self.block_count {
            return None;
        }
        start
            .checked_mul(self.block_bytes.into())?
            .checked_div(SECTOR_BYTES)
    }
}

/// The header of a request: kind, reserved, first sector.
pub fn request_header(kind: u32, sector: u64) -> [u8; 16] {
    let mut header = [0; 16];
    for (to, from) in header.iter_mut().zip(
        kind.to_le_bytes()
            .into_iter()
            .chain([0; 4])
            .chain(sector.to_le_bytes()),
    ) {
        *to = from;
    }
    header
}

/// A place in a device's registers, as a vendor capability of its PCI configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which base address register.
    pub bar: u8,
    /// Offset there.
    pub offset: u32,
    /// Bytes.
    pub length: u32,
}

/// Where a virtio device keeps what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Common configuration.
    pub common: Place,
    /// Notification registers.
    pub notify: Place,
    /// Bytes between two queues' notification registers.
    pub notify_step: u32,
    /// The device's own configuration.
    pub device: Place,
}

/// Reads the virtio capabilities in the 256 bytes of a PCI function's configuration.
pub fn places(configuration: &[u8; 256]) -> Option<Places> {
    const VENDOR_CAPABILITY: u8 = 9;
    const CAPABILITIES_MAX: usize = 48;
    let byte = |at: usize| configuration.get(at).copied();
    let mut at = usize::from(byte(0x34)? & !3);
    let (mut common, mut notify, mut device) = (None, None, None);
    for _ in 0..CAPABILITIES_MAX {
        if at < 0x40 {
            break;
        }
        if byte(at)? == VENDOR_CAPABILITY {
            let field = |offset: usize| u32_at(configuration, at.checked_add(offset)?);
            let place = Place {
                bar: byte(at.checked_add(4)?)?,
                offset: field(8)?,
                length: field(12)?,
            };
            if place.bar < 6 {
                match byte(at.checked_add(3)?)? {
                    1 => common = common.or(Some(place)),
                    2 => notify = notify.or(Some((place, field(16)?))),
                    4 => device = device.or(Some(place)),
                    _ => {}
                }
            }
        }
        at = usize::from(byte(at.checked_add(1)?)? & !3);
    }
    let (notify, notify_step) = notify?;
    Some(Places {
        common: common?,
        notify,
        notify_step,
        device: device?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Place, Shape, feature, places, request_header};

    fn configuration(sectors: u64, block: u32) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&sectors.to_le_bytes());
        bytes[20..].copy_from_slice(&block.to_le_bytes());
        bytes
    }

    #[test]
    fn shapes() {
        let small = Shape::read(&configuration(32768, 0), feature::FLUSH).unwrap();
        assert_eq!(
            (small.block_bytes, small.block_count, small.flushes),
            (512, 32768, true)
        );
        let large = Shape::read(&configuration(32768, 4096), feature::BLOCK_SIZE).unwrap();
        assert_eq!((large.block_bytes, large.block_count), (4096, 4096));
        for lie in [0, 256, 513, 8192, u32::MAX] {
            assert_eq!(
                Shape::read(&configuration(8, lie), feature::BLOCK_SIZE),
                None
            );
        }
        assert_eq!(Shape::read(&configuration(u64::MAX, 0), 0), None);
    }

    #[test]
    fn only_whole_blocks_on_the_device() {
        let shape = Shape::read(&configuration(80, 4096), feature::BLOCK_SIZE).unwrap();
        assert_eq!(shape.sector(9, 4096), Some(72));
        assert_eq!(shape.sector(10, 0), Some(80));
        for (start, bytes) in [
            (10, 4096),
            (9, 8192),
            (0, 512),
            (u64::MAX, 4096),
            (u64::MAX / 4096, 0),
        ] {
            assert_eq!(shape.sector(start, bytes), None);
        }
    }

    #[test]
    fn headers() {
        assert_eq!(
            request_header(1, 2),
            [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
        );
    }

    fn capability(bytes: &mut [u8; 256], at: usize, next: u8, kind: u8, offset: u8) {
        bytes[at..at + 5].copy_from_slice(&[9, next, 20, kind, 4]);
        bytes[at + 8] = offset;
        bytes[at + 13] = 16;
    }

    #[test]
    fn capabilities_are_found() {
        let mut bytes = [0; 256];
        bytes[0x34] = 0x40;
        capability(&mut bytes, 0x40, 0x60, 1, 0);
        capability(&mut bytes, 0x60, 0x80, 2, 0x30);
        bytes[0x70] = 4;
        capability(&mut bytes, 0x80, 0, 4, 0x20);
        let found = places(&bytes).unwrap();
        assert_eq!(
            found.common,
            Place {
                bar: 4,
                offset: 0,
                length: 4096
            }
        );
        assert_eq!(
            (found.notify.offset, found.notify_step, found.device.offset),
            (0x30, 4, 0x20)
        );
        bytes[0x44] = 6;
        assert_eq!(places(&bytes), None);
    }

    #[test]
    fn a_list_that_goes_round_ends() {
        let mut bytes = [0; 256];
        bytes[0x34] = 0x40;
        capability(&mut bytes, 0x40, 0x40, 1, 0);
        assert_eq!(places(&bytes), None);
        assert_eq!(places(&[0xff; 256]), None);
    }
}
