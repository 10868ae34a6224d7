//! A virtio disk for tests, written from the specification and not from the driver: one that behaves,
//! and can be told to break a rule.

mod random;
mod registers;

use std::cell::Cell;

pub use random::Random;

use super::block::SHARED_BYTES;

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As the specification says.
    Right,
    /// With an outcome that the specification has for failures.
    Outcome(u8),
    /// Without writing an outcome.
    NoOutcome,
    /// With an id that was not asked for.
    Id(u32),
    /// Twice.
    Twice,
    /// As if so many more bytes had been written.
    Longer(u32),
    /// As if so many fewer bytes had been written.
    Shorter(u32),
    /// With an index that is further by this.
    Index(u16),
    /// By showing this status instead.
    Status(u8),
    /// Never.
    Never,
    /// Only when the driver has given it up: a device that heeds neither a reset nor that its access to
    /// memory is taken away.
    Late,
    /// By showing this status; the answer comes when it has been given up.
    StatusThenLate(u8),
    /// Right, after so many looks.
    Slow(u32),
    /// Right, and with random bytes over the descriptors and what was offered.
    Scribble,
    /// With random bytes over all of the shared memory.
    Noise,
}

const VERSION_1: u64 = 1 << 32;
pub const LONGEST_SEGMENT: u64 = 1 << 1;
pub const READ_ONLY: u64 = 1 << 5;
pub const BLOCK_SIZE: u64 = 1 << 6;
pub const FLUSH: u64 = 1 << 9;
pub const CACHE_SWITCH: u64 = 1 << 11;
/// Offered besides, to be left alone: topology, many queues, indirect descriptors, event indices.
const OTHERS: u64 = 1 << 10 | 1 << 12 | 1 << 28 | 1 << 29;

const NEXT: u16 = 1;
const WRITES: u16 = 2;

/// The device.
pub struct Double {
    pub offered: u64,
    pub serial: Option<[u8; 20]>,
    pub longest_segment: u32,
    pub block_bytes: u32,
    /// What the disk shows, and what a power cut would leave.
    pub content: Vec<u8>,
    pub durable: Vec<u8>,
    /// How the next request is answered, and after how many looks.
    pub answer: Answer,
    pub delay: u32,
    pub queue_max: u16,
    pub queues: u16,
    pub notify_exists: bool,
    pub refuses_features: bool,
    pub resets: bool,
    pub status_at_start: Option<u8>,
    /// How often the configuration changes while it is read.
    pub changes: Cell<u32>,
    pub random: Random,

    pub memory: Vec<u8>,
    pub status: u8,
    pub wanted: u64,
    pub cut_off: bool,
    pub notified: u32,
    select: u32,
    wanted_select: u32,
    generation: Cell<u8>,
    queue_size: u16,
    enabled: bool,
    addresses: [u64; 3],
    seen: u16,
    done: u16,
    waiting: Option<u32>,
    late: Option<u16>,
    repeat: Option<[u8; 8]>,
    nanos: Cell<u64>,
}

/// Where the shared memory lies for the device.
const BASE: u64 = 0x1_2345_6000;

impl Double {
    /// A blank disk of so many sectors that behaves.
    pub fn new(sectors: usize) -> Self {
        Self {
            offered: VERSION_1 | BLOCK_SIZE | FLUSH | OTHERS,
            serial: Some(*b"data\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            longest_segment: 0,
            block_bytes: 512,
            content: vec![0; sectors * 512],
            durable: vec![0; sectors * 512],
            answer: Answer::Right,
            delay: 0,
            queue_max: 256,
            queues: 1,
            notify_exists: true,
            refuses_features: false,
            resets: true,
            status_at_start: None,
            changes: Cell::new(0),
            random: Random::new(1),
            memory: vec![0; SHARED_BYTES],
            status: 0,
            wanted: 0,
            cut_off: false,
            notified: 0,
            select: 0,
            wanted_select: 0,
            generation: Cell::new(0),
            queue_size: 0,
            enabled: false,
            addresses: [0; 3],
            seen: 0,
            done: 0,
            waiting: None,
            late: None,
            repeat: None,
            nanos: Cell::new(5),
        }
    }

    fn bytes(&mut self, address: u64, len: usize) -> &mut [u8] {
        let at = usize::try_from(address.checked_sub(BASE).unwrap()).unwrap();
        &mut self.memory[at..at + len]
    }

    fn word16(&mut self, address: u64) -> u16 {
        u16::from_le_bytes(self.bytes(address, 2).try_into().unwrap())
    }

    /// Looks at what was offered, unless it is told to wait.
    fn work(&mut self) {
        match self.waiting {
            None => return,
            Some(0) => self.waiting = None,
            Some(left) => {
                self.waiting = Some(left - 1);
                return;
            }
        }
        let [_, available, _] = self.addresses;
        let offered = self.word16(available + 2);
        while self.seen != offered && self.waiting.is_none() {
            let slot = self.seen % self.queue_size;
            let head = self.word16(available + 4 + 2 * u64::from(slot));
            self.seen = self.seen.wrapping_add(1);
            self.serve(head);
        }
    }

    fn serve(&mut self, head: u16) {
        let answer = std::mem::replace(&mut self.answer, Answer::Right);
        if let Some(entry) = self.repeat.take() {
            return self.post(entry, 1);
        }
        match answer {
            Answer::Never => return,
            Answer::Status(status) => return self.status = status,
            Answer::Late => return self.late = Some(head),
            Answer::StatusThenLate(status) => {
                (self.status, self.late) = (status, Some(head));
                return;
            }
            Answer::Slow(looks) => {
                (self.seen, self.waiting) = (self.seen.wrapping_sub(1), Some(looks));
                return;
            }
            Answer::Noise => {
                let mut noise = std::mem::take(&mut self.memory);
                self.random.fill(&mut noise);
                return self.memory = noise;
            }
            _ => {}
        }
        let chain = self.chain(head);
        let (outcome, written) = self.carry_out(&chain, answer);
        let (last, bytes, _) = *chain.last().unwrap();
        assert_eq!(bytes, 1, "the outcome is one byte");
        if answer != Answer::NoOutcome {
            self.bytes(last, 1)[0] = outcome;
        }
        let (id, written) = match answer {
            Answer::Id(id) => (id, written),
            Answer::Longer(more) => (head.into(), written + more),
            Answer::Shorter(less) => (head.into(), written.saturating_sub(less)),
            _ => (u32::from(head), written),
        };
        let entry = (u64::from(id) | u64::from(written) << 32).to_le_bytes();
        match answer {
            Answer::Index(further) => self.post(entry, further),
            _ => self.post(entry, 1),
        }
        if answer == Answer::Twice {
            self.repeat = Some(entry);
        }
        if answer == Answer::Scribble {
            let mut noise = [0; 0x100];
            self.random.fill(&mut noise);
            self.memory[..0x100].copy_from_slice(&noise);
        }
    }

    fn post(&mut self, entry: [u8; 8], further: u16) {
        let [_, _, used] = self.addresses;
        let slot = u64::from(self.done % self.queue_size);
        self.bytes(used + 4 + 8 * slot, 8).copy_from_slice(&entry);
        self.done = self.done.wrapping_add(further);
        let done = self.done.to_le_bytes();
        self.bytes(used + 2, 2).copy_from_slice(&done);
    }

    /// Answers what the driver has given up.
    fn answer_late(&mut self) {
        if let Some(head) = self.late.take() {
            self.answer = Answer::Right;
            self.serve(head);
        }
    }

    /// Nanoseconds that have gone by, without looking at the clock.
    pub fn elapsed(&self) -> u64 {
        self.nanos.get()
    }

    /// The parts of a request: address, length, and whether the device writes them.
    fn chain(&mut self, head: u16) -> Vec<(u64, u32, bool)> {
        let [descriptors, ..] = self.addresses;
        let mut parts: Vec<(u64, u32, bool)> = Vec::new();
        let mut at = head;
        loop {
            assert!(at < self.queue_size && parts.len() < 8);
            let bytes: [u8; 16] = self
                .bytes(descriptors + 16 * u64::from(at), 16)
                .try_into()
                .unwrap();
            let word = u128::from_le_bytes(bytes);
            let flags = (word >> 96) as u16;
            let writes = flags & WRITES != 0;
            assert!(
                writes || parts.iter().all(|part| !part.2),
                "reads come first"
            );
            parts.push((word as u64, (word >> 64) as u32, writes));
            if flags & NEXT == 0 {
                return parts;
            }
            at = (word >> 112) as u16;
        }
    }

    fn carry_out(&mut self, chain: &[(u64, u32, bool)], answer: Answer) -> (u8, u32) {
        let (header, bytes, writes) = chain[0];
        assert!(bytes == 16 && !writes);
        let word = u128::from_le_bytes(self.bytes(header, 16).try_into().unwrap());
        let (kind, sector) = (word as u32, (word >> 64) as u64);
        if let Answer::Outcome(outcome) = answer {
            return (outcome, 1);
        }
        let data = (chain.len() == 3).then(|| chain[1]);
        let at = sector as usize * 512;
        match (kind, data) {
            (0, Some((address, bytes, true))) => {
                self.check_range(sector, bytes);
                let content = self.content[at..at + bytes as usize].to_vec();
                self.bytes(address, bytes as usize)
                    .copy_from_slice(&content);
                (0, bytes + 1)
            }
            (1, Some((address, bytes, false))) => {
                self.check_range(sector, bytes);
                assert!(self.wanted & READ_ONLY == 0);
                let from = self.bytes(address, bytes as usize).to_vec();
                self.content[at..at + from.len()].copy_from_slice(&from);
                if self.wanted & FLUSH == 0 {
                    self.durable = self.content.clone();
                }
                (0, 1)
            }
            (4, None) => {
                assert!(self.wanted & FLUSH != 0 && sector == 0);
                self.durable = self.content.clone();
                (0, 1)
            }
            (8, Some((address, 20, true))) => match self.serial {
                Some(serial) => {
                    self.bytes(address, 20).copy_from_slice(&serial);
                    (0, 21)
                }
                None => (2, 1),
            },
            other => panic!("no such request: {other:?}"),
        }
    }

    fn check_range(&self, sector: u64, bytes: u32) {
        let end = sector as usize * 512 + bytes as usize;
        assert!(end <= self.content.len());
        let block_sectors = u64::from(self.block_bytes / 512);
        assert!(bytes.is_multiple_of(self.block_bytes) && sector.is_multiple_of(block_sectors));
        assert!(self.wanted & LONGEST_SEGMENT == 0 || bytes <= self.longest_segment);
    }

    fn config(&self) -> [u8; 24] {
        let mut config = [0; 24];
        config[..8].copy_from_slice(&(self.content.len() as u64 / 512).to_le_bytes());
        config[8..12].copy_from_slice(&self.longest_segment.to_le_bytes());
        config[20..].copy_from_slice(&self.block_bytes.to_le_bytes());
        config
    }
}
