//! Taking entries from a ring, posting completions, and waiting for them.

use capos_abi::CapError;
use capos_abi::ring::{CQ_ENTRIES, SQ_ENTRIES, flag};

use super::{Machine, ProcessId, Scratch, System, ThreadId};
use crate::entry::{self, Entry, Operation};

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

/// The entry that a completion is for, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub user_data: u64,
    pub flags: u32,
    pub thread: ThreadId,
    pub process: ProcessId,
}

impl Ticket {
    /// Of no entry.
    pub const NONE: Ticket = Ticket {
        user_data: 0,
        flags: 0,
        thread: 0,
        process: 0,
    };
}

/// An entry that was taken, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Invocation {
    pub entry: Entry,
    pub thread: ThreadId,
    pub process: ProcessId,
}

impl Invocation {
    /// For its completion.
    #[inline]
    pub fn ticket(&self) -> Ticket {
        Ticket {
            user_data: self.entry.user_data(),
            flags: self.entry.flags(),
            thread: self.thread,
            process: self.process,
        }
    }
}

/// What a completion says: what its second and third word are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Payload bytes, or a negated error.
    pub result: i64,
    /// Payload bytes in the upper half, capabilities in the lower: as the third word has them.
    pub written: u64,
}

impl Done {
    /// A payload was written, and capability records behind it.
    #[inline]
    pub fn payload(len: usize, caps: usize) -> Done {
        Done {
            result: (len as u32).into(),
            written: (len as u64) << 32 | u64::from(caps as u16),
        }
    }
}

impl From<CapError> for Done {
    #[inline]
    fn from(error: CapError) -> Done {
        Done {
            result: error.negated().into(),
            written: 0,
        }
    }
}

/// What becomes of a thread that entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It goes on with this result.
    Return(i64),
    /// Fewer completions are unconsumed than it wants: so many. It goes on with that, or `wait`s.
    Short(u32),
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

    /// Takes the next entry, if there is one and a completion slot can be reserved for it.
    #[inline(always)]
    fn take<M: Machine>(
        &mut self,
        machine: &M,
        ring: M::Ring,
        id: ThreadId,
        sq_tail: u32,
    ) -> Option<Invocation> {
        if self.sq_head == sq_tail || !self.can_reserve() {
            return None;
        }
        let words = machine.submission(ring, self.sq_head % SQ_ENTRIES);
        self.sq_head = self.sq_head.wrapping_add(1);
        self.reserved = self.reserved.wrapping_add(1);
        Some(Invocation {
            entry: Entry(words),
            thread: id,
            process: self.process,
        })
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
        let result = u64::from(done.result as u32);
        let entry = [ticket.user_data, result, done.written, 0].map(u64::to_le);
        machine.post(ring, self.cq_tail % CQ_ENTRIES, entry);
        self.cq_tail = self.cq_tail.wrapping_add(1);
        true
    }
}

impl System {
    /// `cap_enter`: takes what the program offers as long as a completion slot can be reserved, and
    /// says whether so many completions are unconsumed then.
    #[inline(always)]
    pub fn enter<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        id: ThreadId,
        completions: u32,
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
        // NOPs in front come first: for them nothing but the ring is looked at.
        let mut next = thread.take(machine, ring, id, sq_tail);
        while let Some(invocation) = next.as_ref()
            && entry::is_nop(&invocation.entry)
        {
            thread.post(machine, ring, &invocation.ticket(), Done::default());
            next = thread.take(machine, ring, id, sq_tail);
        }
        while let Some(invocation) = next {
            self.carry_out(machine, scratch, (id, ring), &invocation);
            next = self.threads.at_mut(id).take(machine, ring, id, sq_tail);
        }
        let thread = self.threads.at_mut(id);
        thread.entering = false;
        machine.publish(ring, thread.sq_head, thread.cq_tail);
        let unconsumed = thread.unconsumed();
        if unconsumed >= completions {
            Entered::Return(unconsumed.into())
        } else {
            Entered::Short(unconsumed)
        }
    }

    /// Makes a thread wait until `completions` are unconsumed, for which `enter` has just found too
    /// few, or until a time comes, with `None` for ever. `Machine::wake` tells when that ends.
    #[inline]
    pub fn wait(&mut self, id: ThreadId, completions: u32, deadline: Option<u64>) {
        self.threads.at_mut(id).wait = Some(Wait {
            completions,
            deadline,
        });
        if deadline.is_some() {
            self.sleepers = self.sleepers.saturating_add(1);
        }
    }

    /// Does what an entry asks for, and posts what it completes with unless that comes later. What most
    /// entries ask for stands in line; the rest is a call away, and posts for itself, so that nothing
    /// is handed back through memory.
    #[inline(always)]
    fn carry_out<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        (id, ring): (ThreadId, M::Ring),
        invocation: &Invocation,
    ) {
        let entry = &invocation.entry;
        let done = match entry.operation() {
            // Each is checked where its operation is known: then little is left to look at.
            Ok(Operation::Call) => match entry.check(Operation::Call) {
                Ok(()) => self.call(machine, scratch, ring, invocation),
                Err(error) => Err(error),
            },
            Ok(Operation::ReturnReceive) => entry
                .check(Operation::ReturnReceive)
                .and_then(|()| self.answer(machine, invocation.process, &entry.answer()))
                .and_then(|()| self.receive(machine, invocation)),
            Ok(operation) => {
                self.carry_out_aside(machine, ring, invocation, operation);
                Ok(None)
            }
            Err(error) => Err(error),
        };
        self.post(machine, (id, ring), invocation, done);
    }

    #[inline(never)]
    fn carry_out_aside<M: Machine>(
        &mut self,
        machine: &mut M,
        ring: M::Ring,
        invocation: &Invocation,
        operation: Operation,
    ) {
        let Invocation {
            entry,
            thread,
            process,
        } = invocation;
        let nothing = |()| Some(Done::default());
        let done = match (entry.check(operation), operation) {
            (Err(error), _) => Err(error),
            (Ok(()), Operation::Receive) => self.receive(machine, invocation),
            (Ok(()), Operation::Return) => {
                self.answer(machine, *process, &entry.answer()).map(nothing)
            }
            (Ok(()), Operation::Release) => self
                .release_cap(machine, *process, entry.cap())
                .map(nothing),
            (Ok(()), Operation::Cancel) => self
                .cancel(machine, *thread, entry.message().address)
                .map(Some),
            // The other two are in line.
            (Ok(()), Operation::Nop | Operation::Call | Operation::ReturnReceive) => {
                Ok(Some(Done::default()))
            }
        };
        self.post(machine, (*thread, ring), invocation, done);
    }

    /// Posts what an entry of a thread has completed with, if it has.
    #[inline(always)]
    pub(super) fn post<M: Machine>(
        &mut self,
        machine: &mut M,
        (id, ring): (ThreadId, M::Ring),
        invocation: &Invocation,
        done: Result<Option<Done>, CapError>,
    ) {
        let done = match done {
            Ok(Some(done)) => done,
            // Somebody else completes it later, or has already.
            Ok(None) => return,
            Err(error) => error.into(),
        };
        let thread = self.threads.at_mut(id);
        thread.post(machine, ring, &invocation.ticket(), done);
    }

    /// Posts the one completion of an entry that was taken, into the slot that was reserved for it.
    #[inline(never)]
    pub(super) fn complete<M: Machine>(&mut self, machine: &mut M, ticket: Ticket, done: Done) {
        self.complete_here(machine, ticket, done);
    }

    /// `complete`, for the ways that are taken most often.
    #[inline(always)]
    pub(super) fn complete_here<M: Machine>(
        &mut self,
        machine: &mut M,
        ticket: Ticket,
        done: Done,
    ) {
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
