//! Random ring entries, written past the runtime straight into the ring page.
#![allow(unsafe_code)]

use capos_abi::layout::{CAPSET, RING};
use capos_abi::ring::{CQ_ENTRIES, Cqe, SQ_ENTRIES, SQE_BYTES, Sqe, at, flag, op};
use capos_abi::syscall::CAP_ENTER;
use capos_rt::system::system_call;
use capos_rt::{Buffer, CapError, Once, Ring};
use core::sync::atomic::{AtomicU32, Ordering};

use super::{Random, Style};
use crate::script::Failed;

/// The one place where entries may write without a fault: so much of it lies behind every address
/// that they name that the longest message stays inside.
static ARENA: Once<Buffer<{ 256 * 1024 }>> = Once::new(Buffer::ZERO);

/// What must not get lost: the Console and the two factories, the first of the CapSet. Without them
/// there would soon be nothing left to misuse.
const KEPT: core::ops::RangeInclusive<u32> = 1 << 12..=1 << 12 | 2;
/// Where transfer lists lie in the arena.
const LISTS: u64 = 512;
/// Bytes of the arena that are written anew from time to time.
const FILLED: usize = 1024;
/// Entries that may wait before they are cancelled. So there are always slots for the cancellations.
const WAITING: usize = 12;

/// What a flood came to.
#[derive(Default)]
pub struct Seen {
    /// Entries that the kernel took.
    pub entries: u64,
    /// Completions that it posted.
    pub completions: u64,
    /// Entries that succeeded without one, because they asked for none.
    pub silent: u64,
    /// Calls of `cap_enter` that were refused for their indices.
    pub refused: u64,
}

/// The raw ring, while the runtime's is idle. Its indices go on from where that stands.
struct Raw {
    /// How long to wait for what has not completed, in nanoseconds.
    timeout: u64,
    tail: u32,
    head: u32,
    next: u64,
    /// Entries that were taken and have not completed: their `user_data` and whether they asked for a
    /// completion. An entry that is silent may have succeeded.
    open: [Option<(u64, bool)>; CQ_ENTRIES as usize],
}

/// Offers so many random entries, and counts what comes back.
pub fn flood(ring: Ring, random: &mut Random, wanted: u64, style: Style) -> Result<Seen, Failed> {
    let seen = with_raw_ring(random, wanted, style);
    // SAFETY: every entry has completed, and its completion was taken.
    unsafe { ring.read_indices_again() };
    seen
}

fn with_raw_ring(random: &mut Random, wanted: u64, style: Style) -> Result<Seen, Failed> {
    let memory = ARENA.take().ok_or(Failed("memory"))?;
    let arena = memory.0.as_ptr() as u64;
    let mut raw = Raw {
        // Random entries wait for things that do not come.
        timeout: match style {
            Style::Naps => 1,
            Style::NeverWaits => 0,
        },
        tail: index(at::SQ_TAIL).load(Ordering::Acquire),
        head: index(at::CQ_HEAD).load(Ordering::Acquire),
        next: 1,
        open: [None; CQ_ENTRIES as usize],
    };
    let mut seen = Seen::default();
    while seen.entries < wanted {
        if random.below(64) == 0 {
            raw.lie(random, &mut seen)?;
        }
        // What the kernel was told to write there is overwritten with what nearly makes sense.
        if random.below(8) == 0 {
            raw.cancel_all(&mut seen)?;
            fill(random, memory.0.first_chunk_mut().ok_or(Failed("memory"))?);
        }
        let room = CQ_ENTRIES as usize - raw.open.iter().flatten().count();
        let batch =
            (1 + random.below(SQ_ENTRIES.into()) as usize).min(room.saturating_sub(WAITING));
        for _ in 0..batch {
            let entry = random_entry(random, arena);
            raw.offer(entry, &mut seen)?;
        }
        raw.enter(random.below(3) as u32, &mut seen)?;
        raw.cancel_if_many(&mut seen)?;
    }
    raw.cancel_all(&mut seen)?;
    // What is still open was silent, and has succeeded.
    seen.silent += raw.open.iter().flatten().count() as u64;
    Ok(seen)
}

impl Raw {
    fn offer(&mut self, mut sqe: Sqe, seen: &mut Seen) -> Result<(), Failed> {
        sqe.user_data = self.next;
        self.next += 1;
        let silent = sqe.flags & flag::NO_CQE_ON_SUCCESS != 0;
        let place = self.open.iter_mut().find(|place| place.is_none());
        *place.ok_or(Failed("more is open than there are slots"))? = Some((sqe.user_data, silent));
        let slot = at::SQ + (self.tail % SQ_ENTRIES) as usize * SQE_BYTES;
        let place = core::ptr::with_exposed_provenance_mut::<[u8; SQE_BYTES]>(RING as usize + slot);
        // SAFETY: the slot lies in this thread's ring page, and the runtime's ring is idle.
        unsafe { place.write_volatile(sqe.to_bytes()) };
        self.tail = self.tail.wrapping_add(1);
        index(at::SQ_TAIL).store(self.tail, Ordering::Release);
        seen.entries += 1;
        Ok(())
    }

    /// Enters, and takes what has completed.
    fn enter(&mut self, complete: u32, seen: &mut Seen) -> Result<(), Failed> {
        let result = system_call(CAP_ENTER, complete.into(), self.timeout);
        if result < 0 && result != i64::from(CapError::Timeout.negated()) {
            return Err(Failed("cap_enter"));
        }
        while self.head != index(at::CQ_TAIL).load(Ordering::Acquire) {
            let slot = at::CQ + (self.head % CQ_ENTRIES) as usize * 32;
            let place = core::ptr::with_exposed_provenance::<[u8; 32]>(RING as usize + slot);
            // SAFETY: the slot lies in this thread's ring page; any bytes are an entry.
            let cqe = Cqe::from_bytes(&unsafe { place.read_volatile() });
            self.head = self.head.wrapping_add(1);
            index(at::CQ_HEAD).store(self.head, Ordering::Release);
            let of = |open: &&mut Option<(u64, bool)>| {
                open.is_some_and(|(data, _)| data == cqe.user_data)
            };
            let open = self.open.iter_mut().find(of);
            *open.ok_or(Failed("an entry completed twice, or was never there"))? = None;
            let known = cqe.result >= 0 || CapError::from_result(cqe.result).is_some();
            let never = [CapError::Ring, CapError::Timeout, CapError::BrokenPromise];
            if !known || never.iter().any(|error| error.negated() == cqe.result) {
                return Err(Failed("a result that no entry has"));
            }
            seen.completions += 1;
        }
        if index(at::SQ_HEAD).load(Ordering::Acquire) != self.tail {
            return Err(Failed("an entry was not taken"));
        }
        Ok(())
    }

    /// Silent entries that have succeeded look as if they waited. So all are cancelled by and by: what
    /// then does not complete has succeeded.
    fn cancel_if_many(&mut self, seen: &mut Seen) -> Result<(), Failed> {
        if self.open.iter().flatten().count() >= WAITING {
            self.cancel_all(seen)?;
        }
        Ok(())
    }

    fn cancel_all(&mut self, seen: &mut Seen) -> Result<(), Failed> {
        for place in 0..self.open.len() {
            let Some((data, silent)) = self.open.get(place).copied().flatten() else {
                continue;
            };
            let cancel = Sqe {
                opcode: op::CANCEL,
                addr: data,
                ..Sqe::default()
            };
            self.offer(cancel, seen)?;
            self.enter(0, seen)?;
            if let Some(open) = self.open.get_mut(place)
                && *open == Some((data, silent))
            {
                if !silent {
                    return Err(Failed("an entry neither waits nor has completed"));
                }
                *open = None;
                seen.silent += 1;
            }
        }
        Ok(())
    }

    /// Indices that make no sense, and a kernel's side that is overwritten; all is put right again.
    fn lie(&mut self, random: &mut Random, seen: &mut Seen) -> Result<(), Failed> {
        let (place, right) = match random.below(2) {
            0 => (at::SQ_TAIL, self.tail),
            _ => (at::CQ_HEAD, self.head),
        };
        let far = right.wrapping_add(33 + random.below(1 << 31) as u32);
        index(place).store(far, Ordering::Release);
        let result = system_call(CAP_ENTER, 0, 0);
        index(place).store(right, Ordering::Release);
        if result != i64::from(CapError::Ring.negated()) {
            return Err(Failed("indices that make no sense"));
        }
        seen.refused += 1;
        for place in [at::SQ_HEAD, at::CQ_TAIL] {
            index(place).store(random.any() as u32, Ordering::Release);
        }
        // The kernel writes what it knows.
        self.offer(Sqe::default(), seen)?;
        self.enter(0, seen)
    }
}

/// Messages of zeros and small numbers, and transfer lists of capabilities that there may be.
fn fill(random: &mut Random, arena: &mut [u8; FILLED]) {
    let (messages, lists) = arena.split_at_mut(LISTS as usize);
    for word in messages.as_chunks_mut::<8>().0 {
        let value = if random.below(4) == 0 {
            random.below(32)
        } else {
            0
        };
        *word = value.to_le_bytes();
    }
    for record in lists.as_chunks_mut::<16>().0 {
        let cap = some_cap(random);
        let moves = u64::from(!KEPT.contains(&cap) && random.below(2) == 0);
        let odd = if random.below(16) == 0 {
            random.any()
        } else {
            0
        };
        let words = [u64::from(cap) | moves << 32, odd].map(u64::to_le_bytes);
        record.copy_from_slice(words.as_flattened());
    }
}

fn some_cap(random: &mut Random) -> u32 {
    (1 + random.below(3) as u32) << 12 | random.below(12) as u32
}

fn index<'a>(place: usize) -> &'a AtomicU32 {
    let word = core::ptr::with_exposed_provenance::<AtomicU32>(RING as usize + place);
    // SAFETY: the ring page is mapped for as long as the program runs, and both sides use its words
    // as atomics.
    unsafe { &*word }
}

/// An entry that is random in every field, or nearly makes sense.
fn random_entry(random: &mut Random, arena: u64) -> Sqe {
    if random.below(16) == 0 {
        let mut bytes = [0; SQE_BYTES];
        for chunk in bytes.as_chunks_mut::<8>().0 {
            *chunk = random.any().to_le_bytes();
        }
        return harmless(Sqe::from_bytes(&bytes));
    }
    let mut sqe = Sqe {
        opcode: random.below(10) as u8,
        ..Sqe::default()
    };
    let uses_cap = matches!(
        sqe.opcode,
        op::CALL | op::RECV | op::RETURN_RECV | op::RELEASE
    );
    if uses_cap || random.below(8) == 0 {
        sqe.cap = some_cap(random);
    }
    if sqe.opcode == op::CALL {
        sqe.method = random.below(4) as u16;
    }
    if random.below(8) == 0 {
        sqe.flags = 1 << random.below(6);
    }
    if matches!(sqe.opcode, op::CALL | op::RETURN | op::RETURN_RECV) {
        sqe.addr = address(random, arena);
        sqe.len = [0, 8, 16, 24, 4096, 65536, 65544, u32::MAX][random.below(8) as usize];
        if random.below(4) == 0 {
            sqe.xfer_addr = match random.below(4) {
                0 => address(random, arena),
                _ => arena + LISTS + 16 * random.below(24),
            };
            sqe.xfer_count = random.below(10) as u16;
        }
    }
    if matches!(sqe.opcode, op::CALL | op::RECV | op::RETURN_RECV) {
        sqe.result_addr = address(random, arena);
        sqe.result_len = [0, 8, 64, 256, 4096, u32::MAX][random.below(6) as usize];
    }
    if matches!(sqe.opcode, op::RETURN | op::RETURN_RECV) {
        sqe.pipeline_dep = (1 + random.below(1 << 12) as u32) << 12 | random.below(64) as u32;
    }
    if sqe.opcode == op::CANCEL {
        sqe.addr = random.below(1 << 20);
    }
    harmless(sqe)
}

/// The same entry, unless it would give up what must not get lost.
fn harmless(mut sqe: Sqe) -> Sqe {
    if sqe.opcode == op::RELEASE && KEPT.contains(&sqe.cap) {
        sqe.cap = 0;
    }
    sqe
}

/// Memory that is this program's, nobody's, the kernel's, or does not exist.
fn address(random: &mut Random, arena: u64) -> u64 {
    match random.below(8) {
        0 => random.any(),
        1 => CAPSET + random.below(4096),
        2 => 0xffff_ffff_8020_0000 + random.below(1 << 20),
        3 => u64::MAX - random.below(64),
        4 => arena + 8192 - random.below(64), // across a page
        5 => 0x0000_8000_0000_0000 - random.below(16),
        _ => arena + 8 * random.below(32),
    }
}
