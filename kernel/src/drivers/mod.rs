//! Devices: the machine's disks.

mod pci;
mod registers;
mod virtio;

use capos_core::pci::{Function, scan};
use capos_core::system::{BlockError, BlockFacts};
use capos_core::virtio::block::{BlockDevice, Error, SERIAL_BYTES};
use capos_core::virtio::pci::is_block_device;

use crate::console;
use pci::Ports;
use virtio::Device;

/// Disks that are used; further ones are left alone.
const DISKS: usize = 8;

struct Disk {
    function: Function,
    hardware: Device,
    device: BlockDevice,
}

/// The machine's disks, named by their serial numbers.
///
/// Requests are polled, one at a time, by whoever asks: there can be no two at once, because every
/// call needs the whole value.
pub struct Disks {
    disks: [Option<Disk>; DISKS],
}

impl Disks {
    /// No disks.
    pub const fn new() -> Self {
        Self {
            disks: [const { None }; DISKS],
        }
    }

    /// Finds and starts the virtio block devices of the machine; memory and clock must have been
    /// started. Of a device that cannot be used, the console says why.
    pub fn probe() -> Self {
        let mut disks = Self::new();
        let mut free = disks.disks.iter_mut();
        scan(&Ports, &mut |function, identity| {
            if !is_block_device(identity) {
                return;
            }
            let Some(slot) = free.next() else {
                console::kernel_line(format_args!("disk {function} is one too many: left alone"));
                return;
            };
            *slot = start(function);
        });
        disks
    }

    /// The disk with this serial number, if it is the only one.
    pub fn find(&self, serial: &str) -> Option<u16> {
        if serial.is_empty() {
            return None;
        }
        let mut found = (0_u16..).zip(&self.disks).filter(|(_, disk)| {
            let device = disk.as_ref().map(|disk| &disk.device);
            device.is_some_and(|device| device.serial().text() == serial)
        });
        let (first, _) = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// What a disk is.
    pub fn facts(&self, disk: u16) -> Option<BlockFacts> {
        let device = &self.disks.get(usize::from(disk))?.as_ref()?.device;
        let (facts, text) = (device.disk(), device.serial().text().as_bytes());
        let mut serial = [0; SERIAL_BYTES];
        for (into, byte) in serial.iter_mut().zip(text) {
            *into = *byte;
        }
        Some(BlockFacts {
            block_bytes: facts.block_bytes,
            block_count: facts.block_count,
            read_only: facts.read_only,
            serial,
            serial_len: text.len(),
        })
    }

    /// Reads whole blocks, at most `limits::TRANSFER_BYTES`.
    pub fn read(&mut self, disk: u16, start: u64, into: &mut [u8]) -> Result<(), BlockError> {
        self.on(disk, |device, hardware| device.read(hardware, start, into))
    }

    /// Writes whole blocks, at most `limits::TRANSFER_BYTES`.
    pub fn write(&mut self, disk: u16, start: u64, from: &[u8]) -> Result<(), BlockError> {
        self.on(disk, |device, hardware| device.write(hardware, start, from))
    }

    /// Makes durable what was written.
    pub fn flush(&mut self, disk: u16) -> Result<(), BlockError> {
        self.on(disk, |device, hardware| device.flush(hardware))
    }

    fn on(
        &mut self,
        disk: u16,
        act: impl FnOnce(&mut BlockDevice, &mut Device) -> Result<(), Error>,
    ) -> Result<(), BlockError> {
        let place = self.disks.get_mut(usize::from(disk));
        let disk = place.and_then(Option::as_mut).ok_or(BlockError::Device)?;
        let was_alive = disk.device.fault().is_none();
        let done = act(&mut disk.device, &mut disk.hardware);
        if let (true, Err(Error::Dead(fault))) = (was_alive, done) {
            let function = disk.function;
            console::kernel_line(format_args!(
                "disk {function} is not used any more: {fault}"
            ));
        }
        done.map_err(|error| match error {
            Error::Range => BlockError::Range,
            Error::ReadOnly => BlockError::ReadOnly,
            Error::Failed | Error::Dead(_) => BlockError::Device,
        })
    }
}

/// Starts one disk.
fn start(function: Function) -> Option<Disk> {
    let refused = |reason: core::fmt::Arguments<'_>| {
        console::kernel_line(format_args!("disk {function} cannot be used: {reason}"));
    };
    let mut hardware = match Device::new(function) {
        Ok(hardware) => hardware,
        Err(reason) => {
            refused(format_args!("{reason}"));
            return None;
        }
    };
    // The shared memory of a refused device stays out: it may not have stopped writing there.
    match BlockDevice::start(&mut hardware) {
        Ok(device) => {
            announce(&device);
            Some(Disk {
                function,
                hardware,
                device,
            })
        }
        Err(reason) => {
            refused(format_args!("{reason}"));
            None
        }
    }
}

/// Tells the console what the kernel itself has found, for proofs that are about a device. The serial
/// number comes last, because it may hold anything printable.
fn announce(device: &BlockDevice) {
    let disk = device.disk();
    let bytes = disk.block_count.saturating_mul(disk.block_bytes.into());
    let serial = device.serial().text();
    console::kernel_line(format_args!(
        "device virtio-blk bytes={bytes} serial={serial}"
    ));
}
