//! What the driver sees of the double: its registers, the shared memory and a clock that runs 0.1 s
//! at each look.

use super::{BASE, Double, OTHERS};
use crate::virtio::hardware::{Hardware, SharedMemory, Window};

impl SharedMemory for Double {
    fn address(&self) -> u64 {
        BASE
    }

    fn copy_out(&self, offset: usize, into: &mut [u8]) {
        into.copy_from_slice(&self.memory[offset..offset + into.len()]);
    }

    fn copy_in(&mut self, offset: usize, from: &[u8]) {
        self.memory[offset..offset + from.len()].copy_from_slice(from);
    }

    fn load(&self, offset: usize) -> u32 {
        assert_eq!(offset % 4, 0);
        u32::from_le_bytes(self.memory[offset..offset + 4].try_into().unwrap())
    }

    fn store(&mut self, offset: usize, value: u32) {
        assert_eq!(offset % 4, 0);
        self.copy_in(offset, &value.to_le_bytes());
    }
}

impl Hardware for Double {
    fn read8(&self, window: Window, offset: u32) -> u8 {
        assert_eq!(window, Window::Common);
        match offset {
            20 => self.status,
            21 => {
                if self.changes.get() > 0 {
                    self.changes.set(self.changes.get() - 1);
                    self.generation.set(self.generation.get().wrapping_add(1));
                }
                self.generation.get()
            }
            _ => panic!("no such register of one byte: {offset}"),
        }
    }

    fn read16(&self, window: Window, offset: u32) -> u16 {
        assert_eq!(window, Window::Common);
        match offset {
            18 => self.queues,
            24 => self.queue_max,
            28 => self.enabled.into(),
            30 => 0,
            _ => panic!("no such register of two bytes: {offset}"),
        }
    }

    fn read32(&self, window: Window, offset: u32) -> u32 {
        if window == Window::Device {
            let at = offset as usize;
            return u32::from_le_bytes(self.config()[at..at + 4].try_into().unwrap());
        }
        match (offset, self.select) {
            (4, 0) => self.offered as u32,
            (4, 1) => (self.offered >> 32) as u32,
            _ => panic!("no such register of four bytes: {offset}"),
        }
    }

    fn write8(&mut self, offset: u32, value: u8) {
        assert_eq!(offset, 20);
        if value == 0 {
            self.status = if self.resets { 0 } else { self.status };
            (self.enabled, self.waiting) = (false, None);
            return;
        }
        assert_eq!(value & self.status, self.status, "no bit is taken back");
        self.status = value;
        if value & 8 != 0 && self.refuses_features {
            self.status &= !8;
        }
        if value & 4 != 0 {
            assert!(self.enabled);
            self.status = self.status_at_start.unwrap_or(value);
        }
    }

    fn write16(&mut self, offset: u32, value: u16) {
        match offset {
            22 => assert_eq!(value, 0),
            24 => {
                assert!(value.is_power_of_two() && value <= self.queue_max);
                self.queue_size = value;
            }
            28 => {
                assert_eq!((value, self.status), (1, 1 | 2 | 8));
                let [descriptors, available, used] = self.addresses;
                assert!(descriptors % 16 == 0 && available % 2 == 0 && used % 4 == 0);
                (self.enabled, self.seen, self.done) = (true, 0, 0);
            }
            _ => panic!("no such register of two bytes: {offset}"),
        }
    }

    fn write32(&mut self, offset: u32, value: u32) {
        match offset {
            0 => self.select = value,
            8 => self.wanted_select = value,
            12 => {
                let shift = 32 * self.wanted_select;
                self.wanted &= !(0xffff_ffff << shift);
                self.wanted |= u64::from(value) << shift;
                assert_eq!(
                    self.wanted & !self.offered,
                    0,
                    "accepts what is not offered"
                );
                assert_eq!(self.wanted & OTHERS, 0);
            }
            32..56 => {
                let address = &mut self.addresses[(offset as usize - 32) / 8];
                let shift = offset % 8 * 8;
                *address = *address & !(0xffff_ffff << shift) | u64::from(value) << shift;
            }
            _ => panic!("no such register of four bytes: {offset}"),
        }
    }

    fn can_notify(&self, queue_offset: u16) -> bool {
        queue_offset == 0 && self.notify_exists
    }

    fn notify(&mut self, queue_offset: u16) {
        assert_eq!((queue_offset, self.status), (0, 1 | 2 | 8 | 4));
        assert!(!self.cut_off);
        self.notified += 1;
        self.waiting = Some(self.delay);
        if self.delay == 0 {
            self.work();
        }
    }

    fn cut_off(&mut self) {
        self.cut_off = true;
        self.answer_late();
    }

    fn now(&self) -> u64 {
        self.nanos.set(self.nanos.get() + 100_000_000);
        self.nanos.get()
    }

    fn relax(&mut self) {
        self.work();
    }
}
