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
use crate::arch::phys::Page;
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
        let frames = (0..SHARED_FRAMES).filter_map(|page| device.frame(page * PAGE));
        frames.for_each(phys::clear);
        enable(&mut Ports, function);
        Ok(device)
    }

    /// The frame that holds an offset of the shared memory.
    fn frame(&self, offset: usize) -> Option<Frame> {
        let page = offset / PAGE;
        (page < SHARED_FRAMES).then_some(Frame(self.shared.0.wrapping_add(page as u32)))
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
        let (mut at, mut rest) = (offset, into);
        while let (Some(frame), false) = (self.frame(at), rest.is_empty()) {
            let (part, behind) = rest.split_at_mut(left_in_page(at).min(rest.len()));
            phys::copy_from(frame, at % PAGE, part);
            at = at.wrapping_add(part.len());
            rest = behind;
        }
    }

    fn copy_in(&mut self, offset: usize, from: &[u8]) {
        let (mut at, mut rest) = (offset, from);
        while let (Some(frame), false) = (self.frame(at), rest.is_empty()) {
            let (part, behind) = rest.split_at(left_in_page(at).min(rest.len()));
            phys::copy_to(frame, at % PAGE, part);
            at = at.wrapping_add(part.len());
            rest = behind;
        }
    }

    fn load(&self, offset: usize) -> u32 {
        let frame = self.frame(offset);
        frame.map_or(0, |frame| phys::load32(Page::of(frame), offset % PAGE))
    }

    fn store(&mut self, offset: usize, value: u32) {
        if let Some(frame) = self.frame(offset) {
            phys::store32(Page::of(frame), offset % PAGE, value);
        }
    }
}

impl Hardware for Device {
    fn read8(&self, window: Window, offset: u32) -> u8 {
        self.window(window).read(offset.into(), u8::MAX)
    }

    fn read16(&self, window: Window, offset: u32) -> u16 {
        self.window(window).read(offset.into(), u16::MAX)
    }

    fn read32(&self, window: Window, offset: u32) -> u32 {
        self.window(window).read(offset.into(), u32::MAX)
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

/// Bytes from an offset of the shared memory to the end of its frame.
fn left_in_page(offset: usize) -> usize {
    PAGE - offset % PAGE
}
