//! A virtio device's registers over PCI: agreeing on features and setting the one queue up.

use capos_core::block_protocol::{self, Place, feature};
use capos_core::frames::Frame;
use capos_core::virtqueue::DESCRIPTORS;

use crate::arch::phys;
use crate::memory;
use crate::pci::Function;

/// Offsets in the common configuration.
mod at {
    pub const DEVICE_FEATURE_SELECT: usize = 0;
    pub const DEVICE_FEATURE: usize = 4;
    pub const DRIVER_FEATURE_SELECT: usize = 8;
    pub const DRIVER_FEATURE: usize = 12;
    pub const STATUS: usize = 20;
    pub const QUEUE_SELECT: usize = 22;
    pub const QUEUE_SIZE: usize = 24;
    pub const QUEUE_ENABLE: usize = 28;
    pub const QUEUE_NOTIFY_OFFSET: usize = 30;
    pub const QUEUE_DESCRIPTORS: usize = 32;
    pub const QUEUE_DRIVER: usize = 40;
    pub const QUEUE_DEVICE: usize = 48;
    pub const END: u32 = 56;
}

const ACKNOWLEDGE: u8 = 1;
const DRIVER: u8 = 2;
const DRIVER_OK: u8 = 4;
const FEATURES_OK: u8 = 8;

/// Bytes of the block device's configuration that are read.
const CONFIGURATION: u32 = 24;
/// Readings of the status after which a reset is given up.
const RESET_PATIENCE: u32 = 100_000;
/// No part of a device is larger than this.
const PART_MAX: u32 = 1 << 20;

/// A device's registers, mapped.
pub struct Registers {
    common: u64,
    notify: u64,
    notify_step: u32,
    notify_bytes: u32,
    device: u64,
    /// Where the queue's notifications are written, once the queue was set up.
    bell: u64,
}

impl Registers {
    /// Maps the registers of a virtio block device; `None` for any other function.
    pub fn map(function: Function) -> Option<Self> {
        let (vendor, device) = function.identity();
        if vendor != block_protocol::VENDOR || !block_protocol::BLOCK_DEVICES.contains(&device) {
            return None;
        }
        let places = block_protocol::places(&function.configuration())?;
        let map = |place: Place, least: u32| -> Option<u64> {
            if place.length < least || place.length > PART_MAX {
                return None;
            }
            let address = function
                .memory(place.bar)?
                .checked_add(place.offset.into())?;
            memory::map_device(address, place.length.into())
        };
        function.enable();
        let notify = map(places.notify, 2)?;
        Some(Self {
            common: map(places.common, at::END)?,
            notify,
            notify_step: places.notify_step,
            notify_bytes: places.notify.length,
            device: map(places.device, CONFIGURATION)?,
            bell: notify,
        })
    }

    /// Resets the device and agrees on features; gives those that both sides have.
    pub fn agree(&self) -> Option<u64> {
        self.reset()?;
        self.set_status(ACKNOWLEDGE | DRIVER);
        let mut offered = 0;
        for half in [0_u32, 1] {
            phys::write_register(self.common, at::DEVICE_FEATURE_SELECT, half);
            let bits: u32 = phys::read_register(self.common, at::DEVICE_FEATURE);
            offered |= u64::from(bits) << (32 * half);
        }
        let agreed = offered & feature::KNOWN;
        if agreed & feature::VERSION_1 == 0 {
            return None;
        }
        for half in [0_u32, 1] {
            phys::write_register(self.common, at::DRIVER_FEATURE_SELECT, half);
            phys::write_register(
                self.common,
                at::DRIVER_FEATURE,
                (agreed >> (32 * half)) as u32,
            );
        }
        self.set_status(ACKNOWLEDGE | DRIVER | FEATURES_OK);
        (self.status() & FEATURES_OK != 0).then_some(agreed)
    }

    /// Gives the device its one queue, and lets it start.
    pub fn start_queue(&mut self, descriptors: u64, driver: u64, device: u64) -> Option<()> {
        phys::write_register(self.common, at::QUEUE_SELECT, 0_u16);
        let most: u16 = phys::read_register(self.common, at::QUEUE_SIZE);
        if most < DESCRIPTORS {
            return None;
        }
        phys::write_register(self.common, at::QUEUE_SIZE, DESCRIPTORS);
        let places = [
            (at::QUEUE_DESCRIPTORS, descriptors),
            (at::QUEUE_DRIVER, driver),
            (at::QUEUE_DEVICE, device),
        ];
        for (register, address) in places {
            phys::write_register(self.common, register, address as u32);
            phys::write_register(self.common, register + 4, (address >> 32) as u32);
        }
        let offset: u16 = phys::read_register(self.common, at::QUEUE_NOTIFY_OFFSET);
        let offset = u32::from(offset).checked_mul(self.notify_step)?;
        if offset.checked_add(2)? > self.notify_bytes {
            return None;
        }
        self.bell = self.notify + u64::from(offset);
        phys::write_register(self.common, at::QUEUE_ENABLE, 1_u16);
        self.set_status(ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
        Some(())
    }

    /// The first bytes of the device's own configuration.
    pub fn configuration(&self) -> [u8; CONFIGURATION as usize] {
        let mut bytes = [0; CONFIGURATION as usize];
        for (number, word) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let value: u32 = phys::read_register(self.device, number * 4);
            *word = value.to_le_bytes();
        }
        bytes
    }

    /// Tells the device that the queue has something new.
    pub fn ring_bell(&self) {
        phys::barrier();
        phys::write_register(self.bell, 0, 0_u16);
    }

    /// Stops the device: it touches memory no more. `None` if it does not say so in time.
    pub fn reset(&self) -> Option<()> {
        self.set_status(0);
        (0..RESET_PATIENCE).find(|_| self.status() == 0).map(|_| ())
    }

    fn status(&self) -> u8 {
        phys::read_register(self.common, at::STATUS)
    }

    fn set_status(&self, status: u8) {
        phys::write_register(self.common, at::STATUS, status);
    }
}

/// The first of `count` frames in a row for a device's use, cleared.
pub fn device_frames(count: u32) -> Option<Frame> {
    let first = memory::FRAMES.lock().take_run(count as usize)?;
    for number in 0..count {
        phys::clear(Frame(first.0 + number));
    }
    Some(first)
}
