//! A split virtqueue (virtio 1.x, section 2.7).
//!
//! Which descriptors form which chain, and who holds them, is kept here and never read back from the
//! shared memory: the device can write there whatever it likes.

use super::hardware::SharedMemory;
use crate::bytes::u32_at;

/// Descriptors of the queue. One request takes three.
pub const SIZE: u16 = 8;
const PLACES: usize = SIZE as usize;

/// Offsets in the shared memory.
pub const DESCRIPTORS: usize = 0;
/// What the driver offers: flags and index, then the ring.
pub const AVAILABLE: usize = 0x80;
/// What the device is done with: flags and index, then the ring.
pub const USED: usize = 0x100;
/// The first byte behind the queue.
pub const END: usize = 0x200;

const DESCRIPTOR_BYTES: usize = 16;
const AVAILABLE_RING: usize = AVAILABLE + 4;
const USED_RING: usize = USED + 4;
const USED_BYTES: usize = 8;
const _: () = assert!(DESCRIPTORS + PLACES * DESCRIPTOR_BYTES <= AVAILABLE);
const _: () = assert!(AVAILABLE_RING + PLACES * 2 <= USED);
const _: () = assert!(USED_RING + PLACES * USED_BYTES <= END);

const NEXT: u16 = 1;
const DEVICE_WRITES: u16 = 2;
/// The driver polls.
const NO_INTERRUPT: u32 = 1;

/// A part of a request: bytes of the shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Offset in the shared memory.
    pub offset: usize,
    /// How many bytes.
    pub bytes: u32,
    /// Whether the device writes them; else it reads them. What it reads comes first.
    pub device_writes: bool,
}

/// Not enough descriptors are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What a device said that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// It is done with more than it holds.
    Index,
    /// There is no descriptor of this number.
    Id,
    /// It is done with a request that it does not hold.
    NotHeld,
    /// It wrote more than there is room for.
    Length,
}

/// A request that the device is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The number that `push` gave.
    pub head: u16,
    /// Bytes that the device says it wrote: at most the writable bytes of the request.
    pub written: u32,
}

/// What the device holds of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chain {
    /// Descriptors, linked by `next` from the head on.
    descriptors: u16,
    /// Bytes that the device may write.
    writable: u32,
}

/// The driver's side of the queue.
#[derive(Debug)]
pub struct Queue {
    /// The descriptor behind each one, in a chain or in the list of free ones.
    next: [u16; PLACES],
    /// The chain of which a descriptor is the head, if the device holds it.
    chains: [Option<Chain>; PLACES],
    first_free: u16,
    last_free: u16,
    free: u16,
    /// Requests that the device holds.
    held: u16,
    /// Requests offered since the start, modulo 2^16.
    offered: u16,
    /// Requests taken back since the start, modulo 2^16.
    taken: u16,
}

impl Default for Queue {
    fn default() -> Self {
        Self::new()
    }
}

impl Queue {
    /// The device holds nothing.
    pub const fn new() -> Self {
        Self {
            next: [1, 2, 3, 4, 5, 6, 7, 0],
            chains: [None; PLACES],
            first_free: 0,
            last_free: SIZE - 1,
            free: SIZE,
            held: 0,
            offered: 0,
            taken: 0,
        }
    }

    /// Writes the queue's first state, before the device is told where it lies.
    pub fn start(&self, memory: &mut impl SharedMemory) {
        memory.store(AVAILABLE, NO_INTERRUPT);
        memory.store(USED, 0);
    }

    /// Free descriptors.
    pub fn free(&self) -> u16 {
        self.free
    }

    /// Offers a request to the device, which must then be notified; gives its number.
    pub fn push(
        &mut self,
        memory: &mut impl SharedMemory,
        segments: &[Segment],
    ) -> Result<u16, Full> {
        let descriptors = u16::try_from(segments.len()).map_err(|_| Full)?;
        if descriptors == 0 || descriptors > self.free {
            return Err(Full);
        }
        let head = self.first_free;
        let mut at = head;
        let mut writable = 0_u32;
        let mut left = descriptors;
        for segment in segments {
            left = left.saturating_sub(1);
            let next = self.behind(at);
            write_descriptor(memory, at, segment, (left > 0).then_some(next));
            if segment.device_writes {
                writable = writable.saturating_add(segment.bytes);
            }
            at = next;
        }
        self.first_free = at;
        self.free = self.free.saturating_sub(descriptors);
        if let Some(chain) = self.chains.get_mut(usize::from(head)) {
            *chain = Some(Chain {
                descriptors,
                writable,
            });
        }
        self.held = self.held.saturating_add(1);
        let slot = usize::from(self.offered % SIZE);
        memory.copy_in(
            AVAILABLE_RING.saturating_add(slot.saturating_mul(2)),
            &head.to_le_bytes(),
        );
        self.offered = self.offered.wrapping_add(1);
        memory.store(AVAILABLE, u32::from(self.offered) << 16 | NO_INTERRUPT);
        Ok(head)
    }

    /// Takes back the next request that the device is done with.
    pub fn pop(&mut self, memory: &impl SharedMemory) -> Result<Option<Used>, Lie> {
        let done = (memory.load(USED) >> 16) as u16;
        let new = done.wrapping_sub(self.taken);
        if new == 0 {
            return Ok(None);
        }
        if new > self.held {
            return Err(Lie::Index);
        }
        let slot = usize::from(self.taken % SIZE);
        let mut entry = [0; USED_BYTES];
        memory.copy_out(
            USED_RING.saturating_add(slot.saturating_mul(USED_BYTES)),
            &mut entry,
        );
        let id = u32_at(&entry, 0).unwrap_or(u32::MAX);
        let written = u32_at(&entry, 4).unwrap_or(u32::MAX);
        let head = u16::try_from(id).map_err(|_| Lie::Id)?;
        let place = self.chains.get_mut(usize::from(head)).ok_or(Lie::Id)?;
        let chain = place.ok_or(Lie::NotHeld)?;
        if written > chain.writable {
            return Err(Lie::Length);
        }
        *place = None;
        self.give_back(head, chain.descriptors);
        self.held = self.held.saturating_sub(1);
        self.taken = self.taken.wrapping_add(1);
        Ok(Some(Used { head, written }))
    }

    /// Puts a chain behind the other free descriptors: so a number that a device says twice does not
    /// name the very next request.
    fn give_back(&mut self, head: u16, descriptors: u16) {
        if self.free == 0 {
            self.first_free = head;
        } else if let Some(next) = self.next.get_mut(usize::from(self.last_free)) {
            *next = head;
        }
        let mut last = head;
        for _ in 1..descriptors {
            last = self.behind(last);
        }
        self.last_free = last;
        self.free = self.free.saturating_add(descriptors);
    }

    fn behind(&self, descriptor: u16) -> u16 {
        let next = self.next.get(usize::from(descriptor));
        next.copied().unwrap_or(0)
    }
}

fn write_descriptor(
    memory: &mut impl SharedMemory,
    descriptor: u16,
    segment: &Segment,
    next: Option<u16>,
) {
    let address = memory.address().wrapping_add(segment.offset as u64);
    let writes = if segment.device_writes {
        DEVICE_WRITES
    } else {
        0
    };
    let flags = writes | if next.is_some() { NEXT } else { 0 };
    let words =
        u64::from(segment.bytes) | u64::from(flags) << 32 | u64::from(next.unwrap_or(0)) << 48;
    let bytes = u128::from(address) | u128::from(words) << 64;
    let at = usize::from(descriptor).saturating_mul(DESCRIPTOR_BYTES);
    memory.copy_in(DESCRIPTORS.saturating_add(at), &bytes.to_le_bytes());
}
