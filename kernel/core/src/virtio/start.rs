//! From a device that was found to one that runs (virtio 1.x, section 3.1), and what kind of disk it
//! is (section 5.2).

use core::fmt;

use super::hardware::{Hardware, Window};
use super::queue::{AVAILABLE, DESCRIPTORS, Queue, SIZE, USED};
use super::stop;

const OFFERED_SELECT: u32 = 0;
const OFFERED: u32 = 4;
const WANTED_SELECT: u32 = 8;
const WANTED: u32 = 12;
const QUEUES: u32 = 18;
/// The register of the device's status.
pub(super) const STATUS: u32 = 20;
const GENERATION: u32 = 21;
const QUEUE_SELECT: u32 = 22;
const QUEUE_SIZE: u32 = 24;
const QUEUE_ENABLE: u32 = 28;
const QUEUE_NOTIFY: u32 = 30;
const QUEUE_DESCRIPTORS: u32 = 32;
const QUEUE_AVAILABLE: u32 = 40;
const QUEUE_USED: u32 = 48;

const ACKNOWLEDGE: u8 = 1;
const DRIVER: u8 = 2;
const DRIVER_OK: u8 = 4;
const FEATURES_OK: u8 = 8;
/// The status of a device that runs and has no complaint.
pub(super) const RUNNING: u8 = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;

const CAPACITY: u32 = 0;
const LONGEST_SEGMENT: u32 = 8;
const BLOCK_SIZE: u32 = 20;

/// Bytes of the unit in which a disk's size and places are told.
pub(super) const SECTOR_BYTES: u32 = 512;
/// Blocks longer than this would not fit into one call.
const BLOCK_BYTES_MAX: u32 = capos_abi::limits::TRANSFER_BYTES as u32;
/// How long a reset may take, in nanoseconds.
const RESET_NANOS: u64 = 1_000_000_000;
/// How often a configuration that keeps changing is read again.
const TRIES: u32 = 16;

/// Feature bits, of the block device and of virtio as a whole. What is not here is never accepted.
mod feature {
    /// The longest segment is told.
    pub const LONGEST_SEGMENT: u64 = 1 << 1;
    /// The disk can only be read.
    pub const READ_ONLY: u64 = 1 << 5;
    /// The block size is told.
    pub const BLOCK_SIZE: u64 = 1 << 6;
    /// There may be a write cache, and a command that empties it.
    pub const FLUSH: u64 = 1 << 9;
    /// The write cache can be switched.
    pub const CACHE_SWITCH: u64 = 1 << 11;
    /// The device follows virtio 1.x.
    pub const VERSION_1: u64 = 1 << 32;
}

/// Why a device cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It does not reset.
    Reset,
    /// It does not follow virtio 1.x.
    Version,
    /// It has a write cache, and nothing that empties it.
    CacheWithoutFlush,
    /// It insists on a feature that the driver does not know.
    Features,
    /// It has no queue, a queue that is too short or in use, or cannot be notified.
    Queue,
    /// Its configuration keeps changing.
    Unsteady,
    /// Its blocks are of a size that cannot be.
    BlockSize(u32),
    /// A segment that it takes is shorter than a block.
    SegmentSize(u32),
    /// It failed while it was started, with this status.
    Failed(u8),
    /// It did not tell its serial number as it should.
    Serial,
}

impl fmt::Display for Refused {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reset => into.write_str("it does not reset"),
            Self::Version => into.write_str("it does not follow virtio 1"),
            Self::CacheWithoutFlush => into.write_str("its write cache cannot be flushed"),
            Self::Features => into.write_str("it insists on a feature that the driver lacks"),
            Self::Queue => into.write_str("its queue cannot be used"),
            Self::Unsteady => into.write_str("its configuration keeps changing"),
            Self::BlockSize(bytes) => write!(into, "blocks of {bytes} bytes cannot be used"),
            Self::SegmentSize(bytes) => write!(into, "segments of {bytes} bytes are too short"),
            Self::Failed(status) => write!(into, "it failed at the start, status {status:#x}"),
            Self::Serial => into.write_str("it did not tell its serial number"),
        }
    }
}

/// What a started disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes of a block: a power of two, at least 512.
    pub block_bytes: u32,
    /// Whole blocks on the disk.
    pub block_count: u64,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether it has a write cache that a command empties. Without one, virtio 1.x (5.2.6.2) has a
    /// write complete only when it is durable, so that there is nothing to flush.
    pub flush: bool,
    /// Bytes that one request moves at most: whole blocks.
    pub request_bytes: u32,
    /// Which notification register is queue 0's.
    pub notify: u16,
}

/// Starts a device with `queue`, whose memory it shares. One that is refused has been stopped.
pub fn start(hardware: &mut impl Hardware, queue: &Queue) -> Result<Disk, Refused> {
    let disk = try_start(hardware, queue);
    if disk.is_err() {
        stop(hardware);
    }
    disk
}

fn try_start(hardware: &mut impl Hardware, queue: &Queue) -> Result<Disk, Refused> {
    reset(hardware)?;
    hardware.write8(STATUS, ACKNOWLEDGE);
    hardware.write8(STATUS, ACKNOWLEDGE | DRIVER);
    let features = choose(offered(hardware))?;
    for (select, half) in [(0, features), (1, features >> 32)] {
        hardware.write32(WANTED_SELECT, select);
        hardware.write32(WANTED, half as u32);
    }
    hardware.write8(STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    if hardware.read8(Window::Common, STATUS) & FEATURES_OK == 0 {
        return Err(Refused::Features);
    }
    let notify = start_queue(hardware, queue)?;
    let disk = describe(hardware, features, notify)?;
    hardware.write8(STATUS, RUNNING);
    match hardware.read8(Window::Common, STATUS) {
        RUNNING => Ok(disk),
        status => Err(Refused::Failed(status)),
    }
}

/// Resets the device, which is done when its status reads as 0.
fn reset(hardware: &mut impl Hardware) -> Result<(), Refused> {
    hardware.write8(STATUS, 0);
    let deadline = hardware.now().saturating_add(RESET_NANOS);
    while hardware.read8(Window::Common, STATUS) != 0 {
        if hardware.now() >= deadline {
            return Err(Refused::Reset);
        }
        hardware.relax();
    }
    Ok(())
}

fn offered(hardware: &mut impl Hardware) -> u64 {
    hardware.write32(OFFERED_SELECT, 0);
    let low = hardware.read32(Window::Common, OFFERED);
    hardware.write32(OFFERED_SELECT, 1);
    let high = hardware.read32(Window::Common, OFFERED);
    u64::from(high) << 32 | u64::from(low)
}

/// Which of the offered features the driver accepts.
fn choose(offered: u64) -> Result<u64, Refused> {
    use feature::{BLOCK_SIZE, CACHE_SWITCH, FLUSH, LONGEST_SEGMENT, READ_ONLY, VERSION_1};
    if offered & VERSION_1 == 0 {
        return Err(Refused::Version);
    }
    // Against the specification: whoever can switch a cache on must be able to empty it.
    if offered & CACHE_SWITCH != 0 && offered & FLUSH == 0 {
        return Err(Refused::CacheWithoutFlush);
    }
    Ok(offered & (LONGEST_SEGMENT | READ_ONLY | BLOCK_SIZE | FLUSH | VERSION_1))
}

/// Gives queue 0 to the device; answers which notification register is its own.
fn start_queue(hardware: &mut impl Hardware, queue: &Queue) -> Result<u16, Refused> {
    if hardware.read16(Window::Common, QUEUES) == 0 {
        return Err(Refused::Queue);
    }
    hardware.write16(QUEUE_SELECT, 0);
    let longest = hardware.read16(Window::Common, QUEUE_SIZE);
    let in_use = hardware.read16(Window::Common, QUEUE_ENABLE) != 0;
    let notify = hardware.read16(Window::Common, QUEUE_NOTIFY);
    if longest < SIZE || in_use || !hardware.can_notify(notify) {
        return Err(Refused::Queue);
    }
    queue.start(hardware);
    hardware.write16(QUEUE_SIZE, SIZE);
    let parts = [
        (QUEUE_DESCRIPTORS, DESCRIPTORS),
        (QUEUE_AVAILABLE, AVAILABLE),
        (QUEUE_USED, USED),
    ];
    for (register, offset) in parts {
        let address = hardware.address().wrapping_add(offset as u64);
        hardware.write32(register, address as u32);
        hardware.write32(register.wrapping_add(4), (address >> 32) as u32);
    }
    hardware.write16(QUEUE_ENABLE, 1);
    Ok(notify)
}

/// Reads what kind of disk it is.
fn describe(hardware: &impl Hardware, features: u64, notify: u16) -> Result<Disk, Refused> {
    let has = |feature: u64| features & feature != 0;
    let config = steady(hardware)?;
    let block_bytes = if has(feature::BLOCK_SIZE) {
        config.block_bytes
    } else {
        SECTOR_BYTES
    };
    if !block_bytes.is_power_of_two() || !(SECTOR_BYTES..=BLOCK_BYTES_MAX).contains(&block_bytes) {
        return Err(Refused::BlockSize(block_bytes));
    }
    let longest = if has(feature::LONGEST_SEGMENT) {
        config.longest_segment.min(BLOCK_BYTES_MAX)
    } else {
        BLOCK_BYTES_MAX
    };
    // The block size is a power of two: this rounds down to whole blocks.
    let request_bytes = longest & block_bytes.wrapping_neg();
    if request_bytes == 0 {
        return Err(Refused::SegmentSize(longest));
    }
    Ok(Disk {
        block_bytes,
        block_count: config
            .sectors
            .checked_div(u64::from(block_bytes / SECTOR_BYTES))
            .unwrap_or(0),
        read_only: has(feature::READ_ONLY),
        flush: has(feature::FLUSH),
        request_bytes,
        notify,
    })
}

#[derive(Clone, Copy)]
struct Config {
    sectors: u64,
    longest_segment: u32,
    block_bytes: u32,
}

/// The configuration, read as often as it takes to see all of it from between two changes.
fn steady(hardware: &impl Hardware) -> Result<Config, Refused> {
    let word = |offset: u32| hardware.read32(Window::Device, offset);
    for _ in 0..TRIES {
        let before = hardware.read8(Window::Common, GENERATION);
        let low = word(CAPACITY);
        let high = word(CAPACITY.wrapping_add(4));
        let config = Config {
            sectors: u64::from(high) << 32 | u64::from(low),
            longest_segment: word(LONGEST_SEGMENT),
            block_bytes: word(BLOCK_SIZE),
        };
        if hardware.read8(Window::Common, GENERATION) == before {
            return Ok(config);
        }
    }
    Err(Refused::Unsteady)
}
