//! The driver's side of a virtqueue, against a device that writes into the used ring what it likes: what is taken
//! back was held, once, with no more bytes than there was room for, and no descriptor has two owners.

use super::Target;
use capos_core::virtio::hardware::SharedMemory;
use capos_core::virtio::queue::{AVAILABLE, DESCRIPTORS, END, Queue, SIZE, Segment, USED};
use std::collections::BTreeMap;

pub const TARGET: Target = Target {
    name: "virtqueue",
    seeds: || {
        vec![
            // Three requests; the second is done, then the first.
            vec![
                0x12, 0x11, 0x10, 0x80, 0, 3, 8, 0x81, 0xc0, 0x80, 1, 0, 5, 0x82, 0xc0,
            ],
            // Pushes until nothing fits, and lies.
            vec![
                0x13, 0x13, 0x13, 0x80, 0, 77, 0, 0x81, 0xc0, 0xa0, 1, 0xff, 0x81, 0xc0,
            ],
        ]
    },
    run: |input| play(input),
};

/// Bytes of each segment.
const BYTES: u32 = 100;

struct Shared(Vec<u8>);

impl SharedMemory for Shared {
    fn address(&self) -> u64 {
        0x8000
    }

    fn copy_out(&self, offset: usize, into: &mut [u8]) {
        into.copy_from_slice(&self.0[offset..offset + into.len()]);
    }

    fn copy_in(&mut self, offset: usize, from: &[u8]) {
        assert!(
            offset + from.len() <= USED,
            "written where the device writes"
        );
        self.0[offset..offset + from.len()].copy_from_slice(from);
    }

    fn load(&self, offset: usize) -> u32 {
        assert_eq!(offset % 4, 0, "a torn word");
        u32::from_le_bytes(self.0[offset..offset + 4].try_into().expect("four bytes"))
    }

    fn store(&mut self, offset: usize, value: u32) {
        self.0[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
    }
}

impl Shared {
    /// The descriptors of a chain, as the device finds them.
    fn chain(&self, head: u16) -> Vec<u16> {
        let mut found = vec![head];
        let mut at = head;
        loop {
            assert!(
                at < SIZE && found.len() <= SIZE.into(),
                "a chain without an end"
            );
            let place = DESCRIPTORS + 16 * usize::from(at);
            let word = |offset: usize| {
                u16::from_le_bytes([self.0[place + offset], self.0[place + offset + 1]])
            };
            if word(12) & 1 == 0 {
                return found;
            }
            at = word(14);
            found.push(at);
        }
    }
}

/// A byte each: `000nnwrr` pushes w and r segments; `1.......` lets the device write, by the bytes that
/// follow; `11......` takes back.
fn play(input: &[u8]) {
    let mut memory = Shared(vec![0; END]);
    let mut queue = Queue::new();
    queue.start(&mut memory);
    // What the device holds: its descriptors, and the bytes that it may write.
    let mut held: BTreeMap<u16, (Vec<u16>, u32)> = BTreeMap::new();
    let mut offered = 0_u16;
    let mut bytes = input.iter().copied();
    while let Some(step) = bytes.next() {
        match step >> 6 {
            0 | 1 => {
                let parts = [(step & 3, false), (step >> 2 & 3, true)];
                let parts = parts.map(|(count, device_writes)| {
                    let part = Segment {
                        offset: 4096,
                        bytes: BYTES,
                        device_writes,
                    };
                    vec![part; count.into()]
                });
                let free = queue.free();
                let segments = parts.concat();
                let Ok(head) = queue.push(&mut memory, &segments) else {
                    let fits = !segments.is_empty() && segments.len() <= free.into();
                    assert!(!fits, "refused, and there is room");
                    continue;
                };
                offered = offered.wrapping_add(1);
                let chain = memory.chain(head);
                assert_eq!(chain.len(), segments.len(), "another chain");
                let taken = |one: &u16| held.values().any(|(theirs, _)| theirs.contains(one));
                assert!(
                    !chain.iter().any(taken),
                    "a descriptor that the device holds"
                );
                let index = (memory.load(AVAILABLE) >> 16) as u16;
                assert_eq!(index, offered, "offered, and not shown");
                held.insert(head, (chain, u32::from(step >> 2 & 3) * BYTES));
            }
            2 => {
                let mut byte = || bytes.next().unwrap_or(0);
                match step & 0x3f {
                    // An entry of the ring, and the index.
                    0 => {
                        let at = USED + 4 + 8 * usize::from(byte() % SIZE as u8);
                        let (id, len) = (byte(), u16::from(byte()) | u16::from(byte()) << 8);
                        memory.store(at, id.into());
                        memory.store(at + 4, len.into());
                    }
                    1..32 => {
                        let index = memory.load(USED) >> 16;
                        memory.store(USED, index.wrapping_add((step & 0x1f).into()) << 16);
                    }
                    // Anything, anywhere: also over what the driver wrote.
                    _ => {
                        let at = usize::from(byte()) % (END / 4) * 4;
                        let word = [byte(), byte(), byte(), byte()];
                        memory.store(at, u32::from_le_bytes(word));
                    }
                }
            }
            _ => {
                let before = held.len();
                match queue.pop(&memory) {
                    Ok(None) => {}
                    Ok(Some(used)) => {
                        let Some((_, room)) = held.remove(&used.head) else {
                            panic!("taken back, and not held: {used:?}");
                        };
                        assert!(used.written <= room, "more than there is room for");
                    }
                    // The device is dead: nobody asks it again.
                    Err(_) => return assert_eq!(before, held.len()),
                }
            }
        }
        let out: usize = held.values().map(|(chain, _)| chain.len()).sum();
        assert_eq!(
            usize::from(queue.free()) + out,
            SIZE.into(),
            "a descriptor is lost"
        );
    }
}
