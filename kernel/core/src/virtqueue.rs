//! One split virtqueue that carries one request at a time, driven against a device that may lie.
//!
//! The queue's memory is reached through `QueueMemory`. Whatever the device writes back is checked
//! against what was asked; a device that answers nonsense is broken from then on, and nothing that
//! it said is used.

/// Descriptors of a queue: as many as the longest chain needs, as a power of two.
pub const DESCRIPTORS: u16 = 4;

/// Flag of a descriptor: another one follows.
const NEXT: u16 = 1;
/// Flag of a descriptor: the device writes here.
const DEVICE_WRITES: u16 = 2;

/// One buffer of a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    /// Physical address.
    pub address: u64,
    /// Bytes.
    pub len: u32,
    /// Whether the device writes it.
    pub device_writes: bool,
}

/// A descriptor as it lies in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Physical address of the buffer.
    pub address: u64,
    /// Bytes.
    pub len: u32,
    /// `NEXT` and `DEVICE_WRITES`.
    pub flags: u16,
    /// The next descriptor of the chain.
    pub next: u16,
}

/// The queue's memory, shared with the device.
pub trait QueueMemory {
    /// Writes a descriptor.
    fn set_descriptor(&mut self, number: u16, descriptor: Descriptor);
    /// Offers the chain that starts at `head`: writes the slot, then the index behind it.
    fn offer(&mut self, slot: u16, head: u16, index: u16);
    /// The device's index of finished chains.
    fn finished_index(&self) -> u16;
    /// What the device says in a slot: the head of a chain, and how many bytes it wrote.
    fn finished(&self, slot: u16) -> (u32, u32);
}

/// Why a queue cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueError {
    /// The chain is empty or too long.
    Chain,
    /// A request is still under way.
    Busy,
    /// The device answered something impossible; it is not asked again.
    Broken,
}

/// How far the request under way has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The device has not answered.
    Waiting,
    /// It has, and says that it wrote this many bytes.
    Finished(u32),
}

/// A queue.
#[derive(Debug, Default)]
pub struct Queue {
    offered: u16,
    finished: u16,
    /// Bytes that the device may write for the request under way.
    writable: Option<u32>,
    broken: bool,
}

impl Queue {
    /// A queue whose memory is all zero.
    pub const fn new() -> Self {
        Self {
            offered: 0,
            finished: 0,
            writable: None,
            broken: false,
        }
    }

    /// Whether the device was found lying, or was given up.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Gives the device up: what it does with the request under way is no longer known.
    pub fn give_up(&mut self) {
        self.broken = true;
    }

    /// Offers a request of these buffers.
    pub fn start(
        &mut self,
        memory: &mut impl QueueMemory,
        chain: &[Buffer],
    ) -> Result<(), QueueError> {
        if self.broken {
            return Err(QueueError::Broken);
        }
        if self.writable.is_some() {
            return Err(QueueError::Busy);
        }
        if chain.is_empty() || chain.len() > usize::from(DESCRIPTORS) {
            return Err(QueueError::Chain);
        }
        let mut writable = 0_u32;
        for (number, buffer) in (0_u16..).zip(chain) {
            let next = number.saturating_add(1);
            let more = usize::from(next) < chain.len();
            let flags = if more { NEXT } else { 0 }
                | if buffer.device_writes {
                    DEVICE_WRITES
                } else {
                    0
                };
            let next = if more { next } else { 0 };
            memory.set_descriptor(
                number,
                Descriptor {
                    address: buffer.address,
                    len: buffer.len,
                    flags,
                    next,
                },
            );
            if buffer.device_writes {
                writable = writable.saturating_add(buffer.len);
            }
        }
        let slot = self.offered % DESCRIPTORS;
        self.offered = self.offered.wrapping_add(1);
        self.writable = Some(writable);
        memory.offer(slot, 0, self.offered);
        Ok(())
    }

    /// Looks whether the request under way is finished.
    pub fn poll(&mut self, memory: &impl QueueMemory) -> Result<Progress, QueueError> {
        if self.broken {
            return Err(QueueError::Broken);
        }
        let index = memory.finished_index();
        if index == self.finished {
            return Ok(Progress::Waiting);
        }
        let answer = self.judge(index, memory.finished(self.finished % DESCRIPTORS));
        if answer.is_none() {
            self.broken = true;
        }
        self.finished = index;
        self.writable = None;
        answer.map(Progress::Finished).ok_or(QueueError::Broken)
    }

    /// The answer, if it is to the one request that was made and no longer than that allows.
    fn judge(&self, index: u16, (head, written): (u32, u32)) -> Option<u32> {
        let writable = self.writable?;
        let one_more = index == self.finished.wrapping_add(1);
        (one_more && head == 0 && written <= writable).then_some(written)
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, DESCRIPTORS, Descriptor, Progress, Queue, QueueError, QueueMemory};

    /// Memory whose device side the test plays.
    #[derive(Default)]
    struct Memory {
        descriptors: [Descriptor; 4],
        offers: [u16; 4],
        offered: u16,
        index: u16,
        slots: [(u32, u32); 4],
    }

    impl QueueMemory for Memory {
        fn set_descriptor(&mut self, number: u16, descriptor: Descriptor) {
            self.descriptors[usize::from(number)] = descriptor;
        }

        fn offer(&mut self, slot: u16, head: u16, index: u16) {
            self.offers[usize::from(slot)] = head;
            self.offered = index;
        }

        fn finished_index(&self) -> u16 {
            self.index
        }

        fn finished(&self, slot: u16) -> (u32, u32) {
            self.slots[usize::from(slot)]
        }
    }

    impl Memory {
        fn finish(&mut self, head: u32, written: u32) {
            self.slots[usize::from(self.index % DESCRIPTORS)] = (head, written);
            self.index = self.index.wrapping_add(1);
        }
    }

    const CHAIN: [Buffer; 3] = [
        Buffer {
            address: 0x1000,
            len: 16,
            device_writes: false,
        },
        Buffer {
            address: 0x2000,
            len: 512,
            device_writes: true,
        },
        Buffer {
            address: 0x1010,
            len: 1,
            device_writes: true,
        },
    ];

    #[test]
    fn requests_go_round_and_round() {
        let (mut memory, mut queue) = (Memory::default(), Queue::new());
        for round in 1..=70_000_u32 {
            queue.start(&mut memory, &CHAIN).unwrap();
            assert_eq!(queue.start(&mut memory, &CHAIN), Err(QueueError::Busy));
            assert_eq!(memory.offered, round as u16);
            assert_eq!(queue.poll(&memory), Ok(Progress::Waiting));
            memory.finish(0, 513);
            assert_eq!(queue.poll(&memory), Ok(Progress::Finished(513)));
        }
        assert_eq!(
            memory.descriptors[0],
            Descriptor {
                address: 0x1000,
                len: 16,
                flags: 1,
                next: 1
            }
        );
        assert_eq!(
            memory.descriptors[1],
            Descriptor {
                address: 0x2000,
                len: 512,
                flags: 3,
                next: 2
            }
        );
        assert_eq!(
            memory.descriptors[2],
            Descriptor {
                address: 0x1010,
                len: 1,
                flags: 2,
                next: 0
            }
        );
    }

    #[test]
    fn every_lie_breaks_the_queue() {
        type Lie = fn(&mut Memory);
        let lies: [Lie; 5] = [
            |memory| memory.finish(1, 513),
            |memory| memory.finish(u32::MAX, 513),
            |memory| memory.finish(0, 514),
            |memory| memory.index = 2,
            |memory| memory.index = u16::MAX,
        ];
        for lie in lies {
            let (mut memory, mut queue) = (Memory::default(), Queue::new());
            queue.start(&mut memory, &CHAIN).unwrap();
            lie(&mut memory);
            assert_eq!(queue.poll(&memory), Err(QueueError::Broken));
            assert_eq!(queue.poll(&memory), Err(QueueError::Broken));
            assert_eq!(queue.start(&mut memory, &CHAIN), Err(QueueError::Broken));
        }
    }

    #[test]
    fn an_answer_to_nothing_is_a_lie() {
        let (mut memory, mut queue) = (Memory::default(), Queue::new());
        memory.finish(0, 0);
        assert_eq!(queue.poll(&memory), Err(QueueError::Broken));
    }

    #[test]
    fn chains_are_bounded() {
        let (mut memory, mut queue) = (Memory::default(), Queue::new());
        assert_eq!(queue.start(&mut memory, &[]), Err(QueueError::Chain));
        assert_eq!(
            queue.start(&mut memory, &[CHAIN[0]; 5]),
            Err(QueueError::Chain)
        );
    }
}
