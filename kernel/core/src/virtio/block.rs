//! The block device (virtio 1.x, section 5.2): requests, one at a time.

use core::fmt;

use super::hardware::{Hardware, Window};
use super::queue::{END, Lie, Queue, Segment, Used};
use super::start::{Disk, RUNNING, Refused, SECTOR_BYTES, STATUS, start};
use super::stop;
use capos_abi::limits::TRANSFER_BYTES;

/// Bytes of a serial number.
pub const SERIAL_BYTES: usize = 20;
/// Bytes of memory that are shared with the device.
pub const SHARED_BYTES: usize = DATA + TRANSFER_BYTES;

const HEADER: usize = END;
const HEADER_BYTES: u32 = 16;
const OUTCOME: usize = HEADER + HEADER_BYTES as usize;
/// The data start on a page of their own.
const DATA: usize = 4096;
const _: () = assert!(OUTCOME < DATA);

const READ: u32 = 0;
const WRITE: u32 = 1;
const FLUSH: u32 = 4;
const TELL_SERIAL: u32 = 8;

const DONE: u8 = 0;
const FAILED: u8 = 1;
const UNSUPPORTED: u8 = 2;
/// What stands where the device writes the outcome, until it does.
const NO_OUTCOME: u8 = 0xff;

/// How long one call may take, however many requests it is made of: whoever calls waits for it, and so
/// does everybody else. A flush on a busy host takes seconds.
pub const CALL_NANOS: u64 = 10_000_000_000;
/// How often memory is looked at between two looks at the clock and the device's status.
const LOOKS: u32 = 256;

/// Why a device is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It said in the queue what cannot be.
    Queue(Lie),
    /// The outcome of a request is none that there is.
    Outcome(u8),
    /// It said that a read is done, and did not write all of it.
    Short,
    /// It was reset or wants to be; this is its status.
    Status(u8),
    /// It did not answer in time.
    Silent,
}

impl fmt::Display for Fault {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(Lie::Index) => into.write_str("it is done with more than it was given"),
            Self::Queue(Lie::Id) => into.write_str("it names a descriptor that there is not"),
            Self::Queue(Lie::NotHeld) => into.write_str("it is done with what it was not given"),
            Self::Queue(Lie::Length) => into.write_str("it wrote more than there is room for"),
            Self::Outcome(outcome) => write!(into, "it answers with outcome {outcome:#x}"),
            Self::Short => into.write_str("it wrote less than was read"),
            Self::Status(status) => write!(into, "it stopped by itself, status {status:#x}"),
            Self::Silent => into.write_str("it did not answer in time"),
        }
    }
}

/// Why a request was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not whole blocks, more than one call moves, or not all on the disk.
    Range,
    /// The disk can only be read.
    ReadOnly,
    /// The device says that it failed. It goes on.
    Failed,
    /// The device broke the rules, in this call or before: it is dead.
    Dead(Fault),
}

/// A disk's serial number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serial {
    bytes: [u8; SERIAL_BYTES],
    len: usize,
}

impl Serial {
    /// A serial number as a device tells it: up to the first NUL, or all of it. None that is not
    /// printable ASCII.
    pub fn from_device(bytes: [u8; SERIAL_BYTES]) -> Self {
        let end = bytes.iter().position(|byte| *byte == 0);
        let len = end.unwrap_or(SERIAL_BYTES);
        let text = bytes.get(..len).unwrap_or(&[]);
        if text.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            Self { bytes, len }
        } else {
            Self::default()
        }
    }

    /// Its characters; none if the disk has no serial number.
    pub fn text(&self) -> &str {
        let text = self.bytes.get(..self.len).unwrap_or(&[]);
        core::str::from_utf8(text).unwrap_or("")
    }
}

/// A disk that runs. Its hardware is passed with every call, always the same.
pub struct BlockDevice {
    disk: Disk,
    serial: Serial,
    queue: Queue,
    dead: Option<Fault>,
}

impl BlockDevice {
    /// Starts a disk and asks for its serial number. One that is refused has been stopped.
    pub fn start(hardware: &mut impl Hardware) -> Result<Self, Refused> {
        let queue = Queue::new();
        let disk = start(hardware, &queue)?;
        let mut device = Self {
            disk,
            serial: Serial::default(),
            queue,
            dead: None,
        };
        let mut serial = [0; SERIAL_BYTES];
        let deadline = deadline(hardware);
        match device.request(hardware, deadline, TELL_SERIAL, 0, Data::In(&mut serial)) {
            Ok(()) => device.serial = Serial::from_device(serial),
            // A disk need not have one.
            Err(Error::Failed) => {}
            Err(_) => return Err(Refused::Serial),
        }
        Ok(device)
    }

    /// What kind of disk it is.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Why it is dead, if it is.
    pub fn fault(&self) -> Option<Fault> {
        self.dead
    }

    /// Reads whole blocks from block `start` on, at most `TRANSFER_BYTES`. After an error `into` holds
    /// anything.
    pub fn read(
        &mut self,
        hardware: &mut impl Hardware,
        start: u64,
        into: &mut [u8],
    ) -> Result<(), Error> {
        let mut sector = self.sector(start, into.len())?;
        let deadline = deadline(hardware);
        for part in into.chunks_mut(self.disk.request_bytes.max(1) as usize) {
            let next = sector.saturating_add(sectors(part));
            self.request(hardware, deadline, READ, sector, Data::In(part))?;
            sector = next;
        }
        Ok(())
    }

    /// Writes whole blocks from block `start` on, at most `TRANSFER_BYTES`. After an error each block
    /// holds what it held or what was written.
    pub fn write(
        &mut self,
        hardware: &mut impl Hardware,
        start: u64,
        from: &[u8],
    ) -> Result<(), Error> {
        let mut sector = self.sector(start, from.len())?;
        if self.disk.read_only {
            return Err(Error::ReadOnly);
        }
        let deadline = deadline(hardware);
        for part in from.chunks(self.disk.request_bytes.max(1) as usize) {
            self.request(hardware, deadline, WRITE, sector, Data::Out(part))?;
            sector = sector.saturating_add(sectors(part));
        }
        Ok(())
    }

    /// Makes durable what was written before.
    pub fn flush(&mut self, hardware: &mut impl Hardware) -> Result<(), Error> {
        if !self.disk.flush {
            // Without a cache, every write was durable when it completed: see `Disk::flush`.
            return self.alive();
        }
        let deadline = deadline(hardware);
        self.request(hardware, deadline, FLUSH, 0, Data::Out(&[]))
    }

    /// The sector at which `bytes` bytes from block `start` on begin, if they are whole blocks of this
    /// disk and no more than one call moves.
    fn sector(&self, start: u64, bytes: usize) -> Result<u64, Error> {
        self.alive()?;
        let block = self.disk.block_bytes as usize;
        if bytes > TRANSFER_BYTES || bytes.checked_rem(block) != Some(0) {
            return Err(Error::Range);
        }
        let count = bytes.checked_div(block).ok_or(Error::Range)? as u64;
        let end = start.checked_add(count).ok_or(Error::Range)?;
        if end > self.disk.block_count {
            return Err(Error::Range);
        }
        let per_block = u64::from(self.disk.block_bytes / SECTOR_BYTES);
        start.checked_mul(per_block).ok_or(Error::Range)
    }

    fn alive(&self) -> Result<(), Error> {
        self.dead.map_or(Ok(()), |fault| Err(Error::Dead(fault)))
    }

    /// Carries out one request. A device that breaks the rules is stopped here.
    fn request(
        &mut self,
        hardware: &mut impl Hardware,
        deadline: u64,
        kind: u32,
        sector: u64,
        data: Data<'_>,
    ) -> Result<(), Error> {
        self.alive()?;
        match self.try_request(hardware, deadline, kind, sector, data) {
            Ok(DONE) => Ok(()),
            Ok(_) => Err(Error::Failed),
            Err(fault) => {
                stop(hardware);
                self.dead = Some(fault);
                Err(Error::Dead(fault))
            }
        }
    }

    /// Gives the request's outcome: `DONE`, `FAILED` or `UNSUPPORTED`.
    fn try_request(
        &mut self,
        hardware: &mut impl Hardware,
        deadline: u64,
        kind: u32,
        sector: u64,
        data: Data<'_>,
    ) -> Result<u8, Fault> {
        let bytes = data.len();
        let device_writes = matches!(data, Data::In(_));
        if let Data::Out(from) = data {
            hardware.copy_in(DATA, from);
        }
        let header = u128::from(kind) | u128::from(sector) << 64;
        hardware.copy_in(HEADER, &header.to_le_bytes());
        hardware.copy_in(OUTCOME, &[NO_OUTCOME]);
        let all = [
            segment(HEADER, HEADER_BYTES, false),
            segment(DATA, bytes as u32, device_writes),
            segment(OUTCOME, 1, true),
        ];
        let [header, _, outcome] = all;
        let without_data = [header, outcome];
        let segments = if bytes == 0 { &without_data[..] } else { &all };
        // Nothing else is under way: three descriptors are always free.
        let full = |_| Fault::Queue(Lie::Index);
        let head = self.queue.push(hardware, segments).map_err(full)?;
        hardware.notify(self.disk.notify);
        let used = self.wait(hardware, deadline)?;
        if used.head != head {
            return Err(Fault::Queue(Lie::NotHeld));
        }

        let mut outcome = [NO_OUTCOME];
        hardware.copy_out(OUTCOME, &mut outcome);
        let [outcome] = outcome;
        if !matches!(outcome, DONE | FAILED | UNSUPPORTED) {
            return Err(Fault::Outcome(outcome));
        }
        if let Data::In(into) = data
            && outcome == DONE
        {
            // What the device did not write are bytes of an earlier request, perhaps another's.
            if (used.written as usize) <= bytes {
                return Err(Fault::Short);
            }
            hardware.copy_out(DATA, into);
        }
        Ok(outcome)
    }

    /// Waits until the device is done with something, until the deadline and no longer.
    fn wait(&mut self, hardware: &mut impl Hardware, deadline: u64) -> Result<Used, Fault> {
        loop {
            for _ in 0..LOOKS {
                match self.queue.pop(hardware) {
                    Ok(Some(used)) => return Ok(used),
                    Ok(None) => hardware.relax(),
                    Err(lie) => return Err(Fault::Queue(lie)),
                }
            }
            let status = hardware.read8(Window::Common, STATUS);
            if status != RUNNING {
                return Err(Fault::Status(status));
            }
            if hardware.now() >= deadline {
                return Err(Fault::Silent);
            }
        }
    }
}

/// What a request moves.
enum Data<'a> {
    /// From the device.
    In(&'a mut [u8]),
    /// To the device.
    Out(&'a [u8]),
}

impl Data<'_> {
    fn len(&self) -> usize {
        match self {
            Data::In(bytes) => bytes.len(),
            Data::Out(bytes) => bytes.len(),
        }
    }
}

fn deadline(hardware: &impl Hardware) -> u64 {
    hardware.now().saturating_add(CALL_NANOS)
}

fn segment(offset: usize, bytes: u32, device_writes: bool) -> Segment {
    Segment {
        offset,
        bytes,
        device_writes,
    }
}

fn sectors(part: &[u8]) -> u64 {
    const SECTOR: usize = SECTOR_BYTES as usize;
    (part.len() / SECTOR) as u64
}
