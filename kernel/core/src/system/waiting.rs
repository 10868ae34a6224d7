//! Entries that wait, and what ends them before their time: CANCEL, RELEASE and revocation.

use capos_abi::{CapError, CapId};

use super::calls::Call;
use super::endpoint::Receiver;
use super::places::count;
use super::ring::{Done, Ticket};
use super::{Machine, ProcessId, System, ThreadId};
use crate::entry::Alleged;
use crate::object::Object;

/// An entry that waits for the end of a process or for a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub ticket: Ticket,
    /// The capability that it waits through.
    pub cap: CapId,
    /// Where its results go.
    pub results: Alleged,
}

/// Which entries are meant: an entry and the capability that it waits through.
type Which<'a> = &'a dyn Fn(&System, Ticket, CapId) -> bool;

impl Waiter {
    pub const NOBODY: Waiter = Waiter {
        ticket: Ticket::NONE,
        cap: CapId::NONE,
        results: Alleged::NOTHING,
    };
}

impl System {
    /// Whether an entry of `process` waits through a capability: the call that carries the list, too.
    pub(super) fn is_waited_through(&self, process: ProcessId, cap: CapId, object: Object) -> bool {
        let ours = |ticket: &Ticket| ticket.process == process;
        let waits = |waiter: &Waiter| waiter.cap == cap && ours(&waiter.ticket);
        match object {
            Object::Endpoint(place) => {
                let receivers = &self.endpoints.at(place).receivers;
                receivers.any(|waiting| waiting.cap == cap && ours(&waiting.ticket))
            }
            Object::Client(_) => {
                let through = |call: &Call| {
                    let invocation = &call.invocation;
                    invocation.entry.cap() == cap && invocation.process == process
                };
                self.calls.find(through).is_some()
            }
            Object::ProcessHandle(child) => self.processes.at(child).waiter.iter().any(waits),
            Object::Notification(place) => {
                let waiters = &self.notifications.at(place).waiters;
                waiters.any(|(waiter, _)| waits(waiter))
            }
            _ => false,
        }
    }

    /// CANCEL: ends every waiting entry of a ring that has this `user_data`, and says how many.
    #[inline(never)]
    pub(super) fn cancel<M: Machine>(
        &mut self,
        machine: &mut M,
        thread: ThreadId,
        user_data: u64,
    ) -> Result<Done, CapError> {
        let which = move |_: &Self, ticket: Ticket, _: CapId| {
            (ticket.thread, ticket.user_data) == (thread, user_data)
        };
        match self.end_waiting(machine, CapError::Cancelled, &which) {
            0 => Err(CapError::StaleCall),
            ended => Ok(Done {
                result: ended.into(),
                ..Done::default()
            }),
        }
    }

    /// Ends what waits through a capability that a process gives up.
    pub(super) fn cancel_through<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        cap: CapId,
        object: Object,
    ) {
        let error = CapError::Cancelled;
        match object {
            Object::Client(_) => {
                self.end_calls(machine, error, |_, call| {
                    let invocation = &call.invocation;
                    invocation.entry.cap() == cap && invocation.process == process
                });
            }
            Object::Endpoint(place) => {
                self.end_receivers(machine, place, error, |_, receiver| {
                    receiver.cap == cap && receiver.ticket.process == process
                });
            }
            Object::ProcessHandle(_) | Object::Notification(_) => {
                let which = move |_: &Self, ticket: Ticket, through: CapId| {
                    through == cap && ticket.process == process
                };
                self.end_waiters(machine, error, object, &which);
            }
            _ => {}
        }
    }

    /// Ends every waiting entry that is meant, with an error; says how many there were.
    pub(super) fn end_waiting<M: Machine>(
        &mut self,
        machine: &mut M,
        error: CapError,
        which: Which<'_>,
    ) -> u32 {
        let mut ended = self.end_calls(machine, error, |system, call| {
            which(
                system,
                call.invocation.ticket(),
                call.invocation.entry.cap(),
            )
        });
        let meant = |system: &Self, waiting: &Receiver| which(system, waiting.ticket, waiting.cap);
        for place in self.endpoints.places() {
            let more = self.end_receivers(machine, place, error, meant);
            ended = ended.saturating_add(more);
        }
        for place in self.processes.places() {
            let more = self.end_waiters(machine, error, Object::ProcessHandle(place), which);
            ended = ended.saturating_add(more);
        }
        for place in self.notifications.places() {
            let more = self.end_waiters(machine, error, Object::Notification(place), which);
            ended = ended.saturating_add(more);
        }
        ended
    }

    /// Ends the waiters of one process's end, or of one notification, that are meant.
    fn end_waiters<M: Machine>(
        &mut self,
        machine: &mut M,
        error: CapError,
        object: Object,
        which: Which<'_>,
    ) -> u32 {
        let mut ended = 0_u32;
        match object {
            Object::ProcessHandle(child) => {
                let waiter = self.processes.at(child).waiter;
                if let Some(waiter) = waiter.filter(|waiter| which(self, waiter.ticket, waiter.cap))
                {
                    self.processes.at_mut(child).waiter = None;
                    self.complete(machine, waiter.ticket, error.into());
                    ended = 1;
                }
            }
            Object::Notification(place) => {
                for _ in 0..self.notifications.at(place).waiters.len() {
                    let waiters = &mut self.notifications.at_mut(place).waiters;
                    let Some((waiter, mask)) = waiters.pop() else {
                        break;
                    };
                    if which(self, waiter.ticket, waiter.cap) {
                        ended = ended.saturating_add(1);
                        self.complete(machine, waiter.ticket, error.into());
                    } else {
                        // What was just taken out leaves room.
                        let waiters = &mut self.notifications.at_mut(place).waiters;
                        let _ = waiters.push((waiter, mask));
                    }
                }
            }
            _ => {}
        }
        ended
    }

    /// Entries that wait for a call, for the end of a process or for a signal.
    pub(super) fn waiters(&self) -> usize {
        let receivers = self.endpoints.things().map(|each| each.receivers.len());
        let ends = self.processes.things().filter(|each| each.waiter.is_some());
        let signals = self.notifications.things().map(|each| each.waiters.len());
        receivers
            .chain(signals)
            .fold(count(ends), usize::saturating_add)
    }
}
