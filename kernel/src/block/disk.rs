//! One virtio block device: one request at a time, polled.
//!
//! The device reads and writes only the driver's own frames: data is copied through them, so that a
//! device that writes late or too much never touches a program or the kernel.

use capos_abi::limits::TRANSFER_BYTES;
use capos_core::block_protocol::{Shape, request, request_header};
use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::system::{BlockError, BlockFacts};
use capos_core::virtqueue::{Buffer, Descriptor, Progress, Queue, QueueMemory};

use super::registers::{Registers, device_frames};
use crate::arch::{apic, phys};
use crate::pci::Function;

const DESCRIPTORS_AT: usize = 0;
const AVAILABLE_AT: usize = 64;
const USED_AT: usize = 128;
const HEADER_AT: usize = 256;
const HEADER_BYTES: u32 = 16;
const STATUS_AT: usize = 512;
const SERIAL_AT: usize = 768;
const SERIAL_BYTES: usize = 20;
/// Flag of the available ring: no interrupt is wanted.
const NO_INTERRUPT: u32 = 1;
const STATUS_OK: u8 = 0;
/// What the status byte holds until the device writes it.
const STATUS_UNSET: u8 = 0xff;
/// How long the device may take over one request.
const PATIENCE_NANOS: u64 = 30_000_000_000;

/// The queue's page: descriptors, both rings, the request's header and status, the serial number.
struct Page(Frame);

impl QueueMemory for Page {
    fn set_descriptor(&mut self, number: u16, descriptor: Descriptor) {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&descriptor.address.to_le_bytes());
        bytes[8..12].copy_from_slice(&descriptor.len.to_le_bytes());
        bytes[12..14].copy_from_slice(&descriptor.flags.to_le_bytes());
        bytes[14..].copy_from_slice(&descriptor.next.to_le_bytes());
        phys::copy_to(self.0, DESCRIPTORS_AT + usize::from(number) * 16, &bytes);
    }

    fn offer(&mut self, slot: u16, head: u16, index: u16) {
        phys::copy_to(
            self.0,
            AVAILABLE_AT + 4 + usize::from(slot) * 2,
            &head.to_le_bytes(),
        );
        phys::store32(self.0, AVAILABLE_AT, NO_INTERRUPT | u32::from(index) << 16);
    }

    fn finished_index(&self) -> u16 {
        (phys::load32(self.0, USED_AT) >> 16) as u16
    }

    fn finished(&self, slot: u16) -> (u32, u32) {
        let at = USED_AT + 4 + usize::from(slot) * 8;
        (phys::load32(self.0, at), phys::load32(self.0, at + 4))
    }
}

impl Page {
    fn at(&self, offset: usize) -> u64 {
        self.0.address() + offset as u64
    }
}

/// A device that is ready.
pub struct Disk {
    registers: Registers,
    queue: Queue,
    page: Page,
    /// The first frame of the data buffer.
    data: Frame,
    shape: Shape,
    serial: [u8; SERIAL_BYTES],
}

impl Disk {
    /// Sets a device up; `None` for a function that is no virtio block device, or one that cannot be
    /// used.
    pub fn start(function: Function) -> Option<Disk> {
        let mut registers = Registers::map(function)?;
        let features = registers.agree()?;
        let shape = Shape::read(&registers.configuration(), features)?;
        let page = Page(device_frames(1)?);
        let data = device_frames(TRANSFER_BYTES.div_ceil(FRAME_BYTES as usize) as u32)?;
        registers.start_queue(
            page.at(DESCRIPTORS_AT),
            page.at(AVAILABLE_AT),
            page.at(USED_AT),
        )?;
        let mut disk = Disk {
            registers,
            queue: Queue::new(),
            page,
            data,
            shape,
            serial: [0; SERIAL_BYTES],
        };
        let serial = Buffer {
            address: disk.page.at(SERIAL_AT),
            len: SERIAL_BYTES as u32,
            device_writes: true,
        };
        disk.request(request::SERIAL, 0, Some(serial)).ok()?;
        phys::copy_from(disk.page.0, SERIAL_AT, &mut disk.serial);
        Some(disk)
    }

    /// The serial number.
    pub fn serial(&self) -> &[u8] {
        self.serial.split(|byte| *byte == 0).next().unwrap_or(&[])
    }

    /// What the device is.
    pub fn facts(&self) -> BlockFacts {
        BlockFacts {
            block_bytes: self.shape.block_bytes,
            block_count: self.shape.block_count,
            read_only: self.shape.read_only,
            serial: self.serial,
            serial_len: self.serial().len(),
        }
    }

    /// Reads whole blocks.
    pub fn read(&mut self, start: u64, into: &mut [u8]) -> Result<(), BlockError> {
        let Some(data) = self.data(start, into.len(), true)? else {
            return Ok(());
        };
        self.request(request::READ, data.0, Some(data.1))?;
        for (number, part) in (0..).zip(into.chunks_mut(FRAME_BYTES as usize)) {
            phys::copy_from(Frame(self.data.0 + number), 0, part);
        }
        Ok(())
    }

    /// Writes whole blocks.
    pub fn write(&mut self, start: u64, from: &[u8]) -> Result<(), BlockError> {
        if self.shape.read_only {
            return Err(BlockError::ReadOnly);
        }
        let Some(data) = self.data(start, from.len(), false)? else {
            return Ok(());
        };
        for (number, part) in (0..).zip(from.chunks(FRAME_BYTES as usize)) {
            phys::copy_to(Frame(self.data.0 + number), 0, part);
        }
        self.request(request::WRITE, data.0, Some(data.1))
    }

    /// Makes what was written durable. A device without a cache has nothing to do.
    pub fn flush(&mut self) -> Result<(), BlockError> {
        if self.shape.flushes {
            self.request(request::FLUSH, 0, None)
        } else {
            Ok(())
        }
    }

    /// The first sector and the buffer for a transfer; `None` for one of no bytes.
    fn data(
        &self,
        start: u64,
        bytes: usize,
        reads: bool,
    ) -> Result<Option<(u64, Buffer)>, BlockError> {
        let sector = self
            .shape
            .sector(start, bytes)
            .filter(|_| bytes <= TRANSFER_BYTES);
        let sector = sector.ok_or(BlockError::Range)?;
        let buffer = Buffer {
            address: self.data.address(),
            len: bytes as u32,
            device_writes: reads,
        };
        Ok((bytes > 0).then_some((sector, buffer)))
    }

    /// Carries one request out and waits for it.
    fn request(&mut self, kind: u32, sector: u64, data: Option<Buffer>) -> Result<(), BlockError> {
        phys::copy_to(self.page.0, HEADER_AT, &request_header(kind, sector));
        phys::copy_to(self.page.0, STATUS_AT, &[STATUS_UNSET]);
        let header = Buffer {
            address: self.page.at(HEADER_AT),
            len: HEADER_BYTES,
            device_writes: false,
        };
        let status = Buffer {
            address: self.page.at(STATUS_AT),
            len: 1,
            device_writes: true,
        };
        let all = [header, data.unwrap_or(status), status];
        let chain = &all[..if data.is_some() { 3 } else { 2 }];
        self.queue
            .start(&mut self.page, chain)
            .map_err(|_| BlockError::Device)?;
        self.registers.ring_bell();
        self.wait()?;
        let mut answer = [STATUS_UNSET];
        phys::copy_from(self.page.0, STATUS_AT, &mut answer);
        if answer == [STATUS_OK] {
            Ok(())
        } else {
            Err(BlockError::Device)
        }
    }

    fn wait(&mut self) -> Result<(), BlockError> {
        let end = apic::now().saturating_add(PATIENCE_NANOS);
        loop {
            match self.queue.poll(&self.page) {
                Ok(Progress::Finished(_)) => return Ok(()),
                Ok(Progress::Waiting) if apic::now() < end => core::hint::spin_loop(),
                Ok(Progress::Waiting) | Err(_) => {
                    // A device that does not answer, or lies, is stopped for good.
                    self.queue.give_up();
                    let _ = self.registers.reset();
                    return Err(BlockError::Device);
                }
            }
        }
    }
}
