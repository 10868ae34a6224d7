//! Block devices, named by their serial numbers.

mod disk;
mod registers;

use capos_core::system::{BlockError, BlockFacts};

use crate::pci;
use disk::Disk;

/// Block devices that are used; further ones are left alone.
const DISKS: usize = 8;

/// The machine's block devices.
pub struct Disks {
    disks: [Option<Disk>; DISKS],
}

impl Disks {
    /// No devices.
    pub const fn new() -> Self {
        Self {
            disks: [const { None }; DISKS],
        }
    }

    /// Finds the virtio block devices of the machine. A device that cannot be used is passed over.
    pub fn find_all() -> Self {
        let mut disks = Self::new();
        pci::each_function(|function| {
            if let Some(free) = disks.disks.iter_mut().find(|disk| disk.is_none()) {
                *free = Disk::start(function);
            }
        });
        disks
    }

    /// The device with this serial number, if it is the only one.
    pub fn find(&self, serial: &str) -> Option<u16> {
        let mut found = (0_u16..).zip(&self.disks).filter(|(_, disk)| {
            disk.as_ref()
                .is_some_and(|disk| !serial.is_empty() && disk.serial() == serial.as_bytes())
        });
        let first = found.next()?.0;
        found.next().is_none().then_some(first)
    }

    /// What a device is.
    pub fn facts(&self, device: u16) -> Option<BlockFacts> {
        self.disks
            .get(usize::from(device))?
            .as_ref()
            .map(Disk::facts)
    }

    /// Reads whole blocks.
    pub fn read(&mut self, device: u16, start: u64, into: &mut [u8]) -> Result<(), BlockError> {
        self.disk(device)?.read(start, into)
    }

    /// Writes whole blocks.
    pub fn write(&mut self, device: u16, start: u64, from: &[u8]) -> Result<(), BlockError> {
        self.disk(device)?.write(start, from)
    }

    /// Makes what was written durable.
    pub fn flush(&mut self, device: u16) -> Result<(), BlockError> {
        self.disk(device)?.flush()
    }

    fn disk(&mut self, device: u16) -> Result<&mut Disk, BlockError> {
        self.disks
            .get_mut(usize::from(device))
            .and_then(Option::as_mut)
            .ok_or(BlockError::Device)
    }
}
