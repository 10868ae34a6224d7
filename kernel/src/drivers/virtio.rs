//! A virtio device behind PCI, and the memory that it shares with the kernel.

use core::fmt;
use core::ops::Range;

use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::pci::{Function, cut_off, enable};
use capos_core::virtio::block::SHARED_BYTES;
use capos_core::virtio::hardware::{Hardware, SharedMemory, Window};
use capos_core::virtio::pci::{BadLayout, Layout, layout};

use super::pci::Ports;
use super::registers::Registers;
use crate::arch::{apic, phys};
use crate::memory;

const PAGE: usize = FRAME_BYTES as usize;
const SHARED_FRAMES: usize = SHARED_BYTES.div_ceil(PAGE);

/// Why a device cannot be reached.
pub enum Unreachable {
    /// Its registers cannot be found.
    Layout(BadLayout),
    /// There is no memory to map its registers with, or to share with it.
    Memory,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(reason) => reason.fmt(into),
            Self::Memory => into.write_str("there is not enough memory for it"),
        }
    }
}

/// A device: its registers, and frames that nobody else uses for as long as the machine runs.
pub struct Device {
    function: Function,
    layout: Layout,
    common: Registers,
    own: Registers,
    notify: Registers,
    /// The first of `SHARED_FRAMES` frames that lie one after the other.
    shared: Frame,
}

impl Device {
    /// Finds and maps a device's registers, shares memory with it and lets it reach memory.
    pub fn new(function: Function) -> Result<Self, Unreachable> {
        let layout = layout(&mut Ports, function).map_err(Unreachable::Layout)?;
        let map = |range: &Range<u64>| Registers::map(range).ok_or(Unreachable::Memory);
        let (common, own, notify) = (
            map(&layout.common)?,
            map(&layout.device)?,
            map(&layout.notify)?,
        );
        let shared = memory::FRAMES.lock().take_run(SHARED_FRAMES);
        let device = Self {
            function,
            layout,
            common,
            own,
            notify,
            shared: shared.ok_or(Unreachable::Memory)?,
        };
        for page in 0..SHARED_FRAMES {
            phys::clear(device.frame(page * PAGE));
        }
        enable(&mut Ports, function);
        Ok(device)
    }

    /// The frame that holds an offset of the shared memory.
    fn frame(&self, offset: usize) -> Frame {
        let page = offset / PAGE;
        assert!(page < SHARED_FRAMES, "no memory is shared at {offset:#x}");
        Frame(self.shared.0 + page as u32)
    }

    fn window(&self, window: Window) -> &Registers {
        match window {
            Window::Common => &self.common,
            Window::Device => &self.own,
        }
    }
}

impl SharedMemory for Device {
    fn address(&self) -> u64 {
        self.shared.address()
    }

    fn copy_out(&self, offset: usize, into: &mut [u8]) {
        each_page(offset, into.len(), |at, range| {
            phys::copy_from(self.frame(at), at % PAGE, &mut into[range]);
        });
    }

    fn copy_in(&mut self, offset: usize, from: &[u8]) {
        each_page(offset, from.len(), |at, range| {
            phys::copy_to(self.frame(at), at % PAGE, &from[range]);
        });
    }

    fn load(&self, offset: usize) -> u32 {
        phys::load32(self.frame(offset), offset % PAGE)
    }

    fn store(&mut self, offset: usize, value: u32) {
        phys::store32(self.frame(offset), offset % PAGE, value);
    }
}

impl Hardware for Device {
    fn read8(&self, window: Window, offset: u32) -> u8 {
        self.window(window).read(offset.into())
    }

    fn read16(&self, window: Window, offset: u32) -> u16 {
        self.window(window).read(offset.into())
    }

    fn read32(&self, window: Window, offset: u32) -> u32 {
        self.window(window).read(offset.into())
    }

    fn write8(&mut self, offset: u32, value: u8) {
        self.common.write(offset.into(), value);
    }

    fn write16(&mut self, offset: u32, value: u16) {
        self.common.write(offset.into(), value);
    }

    fn write32(&mut self, offset: u32, value: u32) {
        self.common.write(offset.into(), value);
    }

    fn can_notify(&self, queue_offset: u16) -> bool {
        self.layout.notify_at(queue_offset).is_some()
    }

    fn notify(&mut self, queue_offset: u16) {
        const QUEUE: u16 = 0;
        if let Some(at) = self.layout.notify_at(queue_offset) {
            // The device must not look before it can see what it is notified of.
            phys::barrier();
            self.notify.write(at, QUEUE);
        }
    }

    fn cut_off(&mut self) {
        cut_off(&mut Ports, self.function);
    }

    fn now(&self) -> u64 {
        apic::now()
    }
}

/// Cuts a range of the shared memory at the borders of its frames: where each part starts, and which
/// bytes of the whole it is.
fn each_page(offset: usize, len: usize, mut act: impl FnMut(usize, Range<usize>)) {
    let mut done = 0;
    while done < len {
        let at = offset + done;
        let part = (PAGE - at % PAGE).min(len - done);
        act(at, done..done + part);
        done += part;
    }
}
