//! Taking entries from a ring, posting completions, and waiting for them.

use capos_abi::CapError;
use capos_abi::ring::{CQ_ENTRIES, Cqe, SQ_ENTRIES, Sqe, flag};

use super::{Machine, ProcessId, Scratch, System, ThreadId};
use crate::entry::{self, Operation};

/// A thread and its ring, as the kernel keeps them. What the ring page says is never read back.
pub struct Thread {
    pub(super) live: bool,
    pub(super) process: ProcessId,
    sq_head: u32,
    cq_tail: u32,
    /// The program's completion head, as it was when it last entered.
    cq_head: u32,
    /// Completion slots promised to entries that were taken.
    reserved: u32,
    wait: Option<Wait>,
    entering: bool,
}

#[derive(Clone, Copy)]
struct Wait {
    completions: u32,
    deadline: Option<u64>,
}

/// The entry that a completion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub thread: ThreadId,
    pub user_data: u64,
    pub flags: u32,
}

/// What a completion says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub result: i32,
    pub payload: u32,
    pub caps: u16,
}

impl Done {
    /// A payload was written, and capability records behind it.
    pub fn payload(len: usize, caps: usize) -> Done {
        let payload = len as u32;
        Done {
            result: payload as i32,
            payload,
            caps: caps as u16,
        }
    }
}

impl From<CapError> for Done {
    fn from(error: CapError) -> Done {
        Done {
            result: error.negated(),
            payload: 0,
            caps: 0,
        }
    }
}

/// What becomes of a thread that entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It goes on with this result.
    Return(i64),
    /// It waits; `Machine::wake` tells when that ends.
    Wait,
}

impl Thread {
    pub(super) const fn new() -> Self {
        Self {
            live: false,
            process: 0,
            sq_head: 0,
            cq_tail: 0,
            cq_head: 0,
            reserved: 0,
            wait: None,
            entering: false,
        }
    }

    pub(super) fn start(&mut self, process: ProcessId) {
        *self = Self {
            live: true,
            process,
            ..Self::new()
        };
    }

    pub(super) fn waits_with_deadline(&self) -> bool {
        self.wait.is_some_and(|wait| wait.deadline.is_some())
    }

    #[inline]
    fn unconsumed(&self) -> u32 {
        self.cq_tail.wrapping_sub(self.cq_head)
    }

    /// Whether one more completion is certain to find a slot.
    #[inline]
    fn can_reserve(&self) -> bool {
        self.unconsumed().wrapping_add(self.reserved) < CQ_ENTRIES
    }

    /// Posts a completion into the slot that was reserved for it; whether one was posted.
    #[inline]
    fn post<M: Machine>(
        &mut self,
        machine: &mut M,
        ring: M::Ring,
        ticket: &Ticket,
        done: Done,
    ) -> bool {
        self.reserved = self.reserved.wrapping_sub(1);
        if done.result >= 0 && ticket.flags & flag::NO_CQE_ON_SUCCESS != 0 {
            return false;
        }
        let entry = Cqe {
            user_data: ticket.user_data,
            result: done.result,
            cap_count: done.caps,
            payload_len: done.payload,
            ..Cqe::default()
        };
        machine.post(ring, self.cq_tail % CQ_ENTRIES, &entry);
        self.cq_tail = self.cq_tail.wrapping_add(1);
        true
    }
}

impl System {
    /// `cap_enter`: takes what the program offers as long as a completion slot can be reserved, then
    /// waits until `completions` are unconsumed. `deadline` is when waiting ends: `None` for never,
    /// and `poll` for not at all.
    #[inline]
    pub fn enter<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        id: ThreadId,
        completions: u32,
        poll: bool,
        deadline: Option<u64>,
    ) -> Entered {
        let Some(ring) = machine.ring(id) else {
            return Entered::Return(CapError::Ring.negated().into());
        };
        let (sq_tail, cq_head) = machine.indices(ring);
        let thread = self.threads.at_mut(id);
        if sq_tail.wrapping_sub(thread.sq_head) > SQ_ENTRIES
            || thread.cq_tail.wrapping_sub(cq_head) > CQ_ENTRIES
        {
            return Entered::Return(CapError::Ring.negated().into());
        }
        if completions > CQ_ENTRIES {
            return Entered::Return(CapError::InvalidEntry.negated().into());
        }
        thread.cq_head = cq_head;
        thread.entering = true;
        loop {
            let thread = self.threads.at_mut(id);
            if thread.sq_head == sq_tail || !thread.can_reserve() {
                break;
            }
            let words = machine.submission(ring, thread.sq_head % SQ_ENTRIES);
            thread.sq_head = thread.sq_head.wrapping_add(1);
            thread.reserved = thread.reserved.wrapping_add(1);
            let [_, flags, user_data, ..] = words.map(u64::from_le);
            let ticket = Ticket {
                thread: id,
                user_data,
                flags: flags as u32,
            };
            if entry::is_nop(&words) {
                thread.post(machine, ring, &ticket, Done::default());
                continue;
            }
            let done = match entry::plain_call(&words) {
                Some(call) => self.plain_call(machine, scratch, &ticket, &call),
                None => self.carry_out(machine, scratch, &ticket, &Sqe::from_words(words)),
            };
            let done = match done {
                Ok(Some(done)) => done,
                // Somebody else completes it later, or has already.
                Ok(None) => continue,
                Err(error) => error.into(),
            };
            self.threads.at_mut(id).post(machine, ring, &ticket, done);
        }
        let thread = self.threads.at_mut(id);
        thread.entering = false;
        machine.publish(ring, thread.sq_head, thread.cq_tail);
        if poll || thread.unconsumed() >= completions {
            return Entered::Return(thread.unconsumed().into());
        }
        thread.wait = Some(Wait {
            completions,
            deadline,
        });
        self.sleepers = self
            .sleepers
            .saturating_add(usize::from(deadline.is_some()));
        Entered::Wait
    }

    /// Carries out what an entry asks for: what it completes with, or nothing where that comes later.
    #[inline(never)]
    fn carry_out<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ticket: &Ticket,
        sqe: &Sqe,
    ) -> Result<Option<Done>, CapError> {
        let thread = ticket.thread;
        match entry::decode(sqe)? {
            Operation::Nop => {}
            Operation::Call {
                cap,
                method,
                params,
                results,
            } => return self.call(machine, scratch, ticket, cap, method, params, results),
            Operation::Receive { cap, buffer } => {
                return self.receive(machine, ticket, cap, buffer);
            }
            Operation::Return(answer) => self.answer(machine, thread, &answer)?,
            Operation::ReturnReceive(answer, cap, buffer) => {
                self.answer(machine, thread, &answer)?;
                return self.receive(machine, ticket, cap, buffer);
            }
            Operation::Release(cap) => self.release_cap(machine, thread, cap)?,
            Operation::Cancel(user_data) => {
                return self.cancel(machine, thread, user_data).map(Some);
            }
        }
        Ok(Some(Done::default()))
    }

    /// Posts the one completion of an entry that was taken, into the slot that was reserved for it.
    #[inline]
    pub(super) fn complete<M: Machine>(&mut self, machine: &mut M, ticket: Ticket, done: Done) {
        let thread = self.threads.at_mut(ticket.thread);
        let Some(ring) = machine.ring(ticket.thread).filter(|_| thread.live) else {
            return;
        };
        if !thread.post(machine, ring, &ticket, done) || thread.entering {
            return;
        }
        machine.publish(ring, thread.sq_head, thread.cq_tail);
        let enough = |wait: &Wait| thread.cq_tail.wrapping_sub(thread.cq_head) >= wait.completions;
        if thread.wait.as_ref().is_some_and(enough) {
            let count = thread.unconsumed();
            self.stop_waiting(ticket.thread);
            machine.hand_over(ticket.thread, count.into());
        }
    }

    /// Forgets that a thread waits.
    pub(super) fn stop_waiting(&mut self, id: ThreadId) {
        let thread = self.threads.at_mut(id);
        if thread.waits_with_deadline() {
            self.sleepers = self.sleepers.saturating_sub(1);
        }
        thread.wait = None;
    }

    /// Ends every wait whose deadline is not after `now`.
    pub fn expire<M: Machine>(&mut self, machine: &mut M, now: u64) {
        while let Some(id) = self.first_sleeper(|deadline| deadline <= now) {
            self.stop_waiting(id);
            machine.wake(id, CapError::Timeout.negated().into());
        }
    }

    /// Entries that were taken from rings and have not completed.
    pub(super) fn entries(&self) -> usize {
        let live = self.threads.things().filter(|thread| thread.live);
        live.map(|thread| thread.reserved as usize)
            .fold(0, usize::saturating_add)
    }

    /// Whether any wait has a deadline.
    #[inline]
    pub fn has_deadline(&self) -> bool {
        self.sleepers > 0
    }

    /// The earliest deadline of any wait.
    pub fn next_deadline(&self) -> Option<u64> {
        if self.sleepers == 0 {
            return None;
        }
        self.threads
            .things()
            .filter_map(|thread| thread.wait?.deadline)
            .min()
    }

    fn first_sleeper(&self, fits: impl Fn(u64) -> bool) -> Option<ThreadId> {
        if self.sleepers == 0 {
            return None;
        }
        self.threads.find(|thread| {
            thread
                .wait
                .and_then(|wait| wait.deadline)
                .is_some_and(&fits)
        })
    }
}
