//! The driver of virtio disks, whose device answers every read of a register and of memory with what the input says
//! next: it keeps to its registers and its memory, ends in time, and lets a dead device be.

use super::Target;
use capos_core::virtio::block::{BlockDevice, CALL_NANOS, Error, SHARED_BYTES};
use capos_core::virtio::hardware::{Hardware, SharedMemory, Window};
use capos_core::virtio::queue::USED;
use std::cell::Cell;

pub const TARGET: Target = Target {
    name: "virtio-disk",
    seeds: || vec![well(), vec![0; 64]],
    run: |input| play(input),
};

const SECOND: u64 = 1_000_000_000;

/// What a disk of eight sectors answers while it is started; its serial number is refused.
fn well() -> Vec<u8> {
    let mut input = vec![0]; // reset
    input.extend_from_slice(&[0x40, 2, 0, 0, 1, 0, 0, 0]); // features
    input.push(0); // accepted
    input.extend_from_slice(&[1, 0, 8, 0, 0, 0, 0, 0]); // queues, size, in use, notification
    input.push(0);
    for word in [8_u32, 0, 0, 512] {
        input.extend_from_slice(&word.to_le_bytes());
    }
    input.extend_from_slice(&[0, 0]); // steady, and it runs
    for done in 1..8 {
        // The index, then the entry of the ring with the bytes written, the outcome, and the data.
        input.extend_from_slice(&[1, 0, 0, done, 0, 3 * (done - 1) % 8, 0, 0, 0, 1, 2, 0, 0, 0]);
    }
    input
}

/// The registers that hold what was written are not there: every answer is the input's.
struct Liar<'a> {
    input: &'a [u8],
    at: Cell<usize>,
    status: u8,
    used: Cell<u32>,
    clock: Cell<u64>,
    cut_off: bool,
    touched: u64,
}

impl Liar<'_> {
    fn byte(&self) -> u8 {
        let at = self.at.get();
        self.at.set(at + 1);
        self.input.get(at).copied().unwrap_or(0)
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        [(); N].map(|()| self.byte())
    }
}

impl SharedMemory for Liar<'_> {
    fn address(&self) -> u64 {
        0x10_0000
    }

    fn copy_out(&self, offset: usize, into: &mut [u8]) {
        assert!(
            offset + into.len() <= SHARED_BYTES,
            "read outside what is shared"
        );
        into.iter_mut().for_each(|byte| *byte = self.byte());
    }

    fn copy_in(&mut self, offset: usize, from: &[u8]) {
        assert!(
            offset + from.len() <= SHARED_BYTES,
            "written outside what is shared"
        );
        self.touched += 1;
    }

    /// What was there before, unless the input says that it changes.
    fn load(&self, offset: usize) -> u32 {
        assert!(offset % 4 == 0 && offset == USED, "no word that changes");
        if self.byte() != 0 {
            self.used.set(u32::from_le_bytes(self.bytes()));
        }
        self.used.get()
    }

    fn store(&mut self, offset: usize, _: u32) {
        assert!(offset % 4 == 0 && offset + 4 <= SHARED_BYTES, "a torn word");
        self.touched += 1;
    }
}

fn check(window: Window, offset: u32, bytes: u32) {
    let fits = offset.is_multiple_of(bytes) && offset + bytes <= window.bytes();
    assert!(fits, "no register of {window:?}: {offset}");
}

impl Hardware for Liar<'_> {
    /// The status is as it was written, unless the input says another.
    fn read8(&self, window: Window, offset: u32) -> u8 {
        check(window, offset, 1);
        match (offset, self.byte()) {
            (20, 0) => self.status,
            (_, other) => other,
        }
    }

    fn read16(&self, window: Window, offset: u32) -> u16 {
        check(window, offset, 2);
        u16::from_le_bytes(self.bytes())
    }

    fn read32(&self, window: Window, offset: u32) -> u32 {
        check(window, offset, 4);
        u32::from_le_bytes(self.bytes())
    }

    fn write8(&mut self, offset: u32, value: u8) {
        check(Window::Common, offset, 1);
        self.status = value;
    }

    fn write16(&mut self, offset: u32, _: u16) {
        check(Window::Common, offset, 2);
    }

    fn write32(&mut self, offset: u32, _: u32) {
        check(Window::Common, offset, 4);
    }

    fn can_notify(&self, queue_offset: u16) -> bool {
        queue_offset == 0
    }

    fn notify(&mut self, queue_offset: u16) {
        assert_eq!(queue_offset, 0, "notified elsewhere");
        assert!(!self.cut_off, "notified when it is dead");
        self.touched += 1;
    }

    fn cut_off(&mut self) {
        self.cut_off = true;
    }

    fn now(&self) -> u64 {
        self.clock.set(self.clock.get() + SECOND);
        self.clock.get()
    }

    fn relax(&mut self) {}
}

fn play(input: &[u8]) {
    let mut liar = Liar {
        input,
        at: Cell::new(0),
        status: 0,
        used: Cell::new(0),
        clock: Cell::new(0),
        cut_off: false,
        touched: 0,
    };
    let mut device = match BlockDevice::start(&mut liar) {
        Ok(device) => device,
        Err(reason) => {
            assert!(!reason.to_string().is_empty());
            return assert!(liar.cut_off && liar.status == 0, "refused, and not stopped");
        }
    };
    let disk = *device.disk();
    let block = disk.block_bytes as usize;
    assert!(
        block.is_power_of_two() && (512..=32768).contains(&block),
        "no block"
    );
    assert!(disk.request_bytes.is_multiple_of(disk.block_bytes) && disk.request_bytes > 0);
    let sectors = disk.block_count.checked_mul(block as u64 / 512);
    assert!(sectors.is_some(), "no sector has such a number");
    assert!(
        device
            .serial()
            .text()
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte))
    );
    let mut buffer = vec![0; block];
    for step in 0..6 {
        let start = u64::from(liar.byte());
        let (was_dead, touched, began) = (device.fault(), liar.touched, liar.clock.get());
        let result = match step % 3 {
            0 => device.read(&mut liar, start, &mut buffer),
            1 => device.write(&mut liar, start, &buffer),
            _ => device.flush(&mut liar),
        };
        assert!(
            liar.clock.get() - began <= CALL_NANOS + 2 * SECOND,
            "it waits for ever"
        );
        if let Some(fault) = was_dead {
            assert_eq!(result, Err(Error::Dead(fault)), "it is alive again");
            assert_eq!(liar.touched, touched, "it is not left alone");
        }
        assert_eq!(
            device.fault().is_some(),
            liar.cut_off,
            "dead, and not stopped"
        );
        let outside = start >= disk.block_count && step % 3 != 2;
        assert!(!(outside && result.is_ok()), "done outside the disk");
    }
}
