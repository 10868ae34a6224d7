//! Endpoints: where calls wait for receivers and receivers for calls.

use capos_abi::{CapError, CapId, limits};

use super::calls::{Call, Stage};
use super::ring::{Done, Ticket};
use super::{Machine, Payer, ProcessId, System, ThreadId};
use crate::entry::{Alleged, Outgoing};
use crate::fifo::Fifo;
use crate::object::Object;

/// Receivers that may wait in one endpoint.
pub(super) const RECEIVERS: usize = 16;

/// A RECV that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receiver {
    pub ticket: Ticket,
    /// The capability that it waits through.
    pub cap: u32,
    pub buffer: Alleged,
}

/// An endpoint. Calls and receivers never wait at the same time.
pub(super) struct Endpoint {
    pub interface_id: u64,
    pub owners: u32,
    pub clients: u32,
    pub payer: Payer,
    pub calls: Fifo<u16, { limits::ENDPOINT_CALLS }>,
    pub call_bytes: usize,
    pub receivers: Fifo<Receiver, RECEIVERS>,
}

impl Endpoint {
    pub const fn new() -> Self {
        Self {
            interface_id: 0,
            owners: 0,
            clients: 0,
            payer: Payer {
                place: 0,
                number: 0,
            },
            calls: Fifo::new(),
            call_bytes: 0,
            receivers: Fifo::new(),
        }
    }

    pub fn is_free(&self) -> bool {
        self.owners == 0 && self.clients == 0
    }
}

impl System {
    /// CALL on a client facet: delivers at once where a receiver waits, else queues.
    pub(super) fn call_endpoint<M: Machine>(
        &mut self,
        machine: &mut M,
        ticket: Ticket,
        cap: CapId,
        place: u16,
        method: u16,
        params: Outgoing,
        results: Alleged,
    ) -> Result<Option<Done>, CapError> {
        let endpoint = self.endpoints.at(place);
        if endpoint.owners == 0 {
            return Err(CapError::Disconnected);
        }
        let bytes = endpoint
            .call_bytes
            .saturating_add(params.message.len as usize);
        if endpoint.calls.is_full() || bytes > limits::ENDPOINT_BYTES {
            return Err(CapError::Busy);
        }
        let call = Call {
            cap: cap.0,
            method,
            flags: ticket.flags,
            user_data: ticket.user_data,
            params,
            results,
            ..Call::queued(ticket.thread, place)
        };
        let number = self.calls.add(call).ok_or(CapError::Quota)?;
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.calls.push(number).is_err() {
            self.calls.remove(number);
            return Err(CapError::Busy);
        }
        endpoint.call_bytes = bytes;
        self.match_up(machine, place);
        Ok(None)
    }

    /// RECV: takes the first waiting call, or waits.
    pub(super) fn receive<M: Machine>(
        &mut self,
        machine: &mut M,
        ticket: Ticket,
        cap: CapId,
        buffer: Alleged,
    ) -> Result<(), CapError> {
        let process = self.processes.at(self.process_of(ticket.thread));
        let place = match process.table.get(cap).ok_or(CapError::BadCap)? {
            Object::Endpoint(place) => place,
            _ => return Err(CapError::WrongInterface),
        };
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.clients == 0 && endpoint.calls.is_empty() {
            return Err(CapError::Disconnected);
        }
        let receiver = Receiver {
            ticket,
            cap: cap.0,
            buffer,
        };
        endpoint
            .receivers
            .push(receiver)
            .map_err(|_| CapError::Busy)?;
        self.match_up(machine, place);
        Ok(())
    }

    /// Delivers as long as a call and a receiver both wait.
    fn match_up<M: Machine>(&mut self, machine: &mut M, place: u16) {
        loop {
            let endpoint = self.endpoints.at(place);
            let (Some(number), Some(receiver)) =
                (endpoint.calls.first(), endpoint.receivers.first())
            else {
                return;
            };
            match self.deliver(machine, number, &receiver) {
                Ok(done) => {
                    self.unqueue_first(place);
                    self.endpoints.at_mut(place).receivers.pop();
                    self.complete(machine, receiver.ticket, done);
                }
                Err(super::delivery::Fault::Caller(error)) => {
                    self.unqueue_first(place);
                    self.fail_call(machine, number, error);
                }
                Err(super::delivery::Fault::Receiver(error)) => {
                    self.endpoints.at_mut(place).receivers.pop();
                    self.complete(machine, receiver.ticket, error.into());
                }
            }
        }
    }

    fn unqueue_first(&mut self, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        if let Some(number) = endpoint.calls.pop() {
            let bytes = self.calls.at(number).params.message.len as usize;
            endpoint.call_bytes = endpoint.call_bytes.saturating_sub(bytes);
        }
    }

    /// Takes a call out of its endpoint's queue, wherever it stands there.
    fn unqueue(&mut self, number: u16) {
        let call = self.calls.at(number);
        if call.stage == Stage::Queued {
            let bytes = call.params.message.len as usize;
            let endpoint = self.endpoints.at_mut(call.endpoint);
            endpoint.calls.retain(|queued| *queued != number);
            endpoint.call_bytes = endpoint.call_bytes.saturating_sub(bytes);
        }
    }

    /// Ends a call with an error; its caller's entry completes.
    pub(super) fn fail_call<M: Machine>(&mut self, machine: &mut M, number: u16, error: CapError) {
        let call = self.calls.at(number);
        let ticket = Ticket {
            thread: call.caller,
            user_data: call.user_data,
            flags: call.flags,
        };
        self.calls.remove(number);
        self.complete(machine, ticket, error.into());
    }

    /// Ends every call that a process has under way, through one capability or all. Entries of a
    /// thread that has gone complete nowhere.
    pub(super) fn end_calls_from<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        cap: Option<CapId>,
        error: CapError,
    ) {
        loop {
            let threads = &self.threads;
            let fits = |call: &Call| {
                threads.at(call.caller).process == process
                    && cap.is_none_or(|cap| cap.0 == call.cap)
            };
            let Some(number) = self.calls.find(fits) else {
                return;
            };
            self.unqueue(number);
            self.fail_call(machine, number, error);
        }
    }

    /// Ends every call that a process received and has not answered.
    pub(super) fn end_calls_to<M: Machine>(&mut self, machine: &mut M, process: ProcessId) {
        while let Some(number) = self
            .calls
            .find(|call| call.stage == Stage::Delivered(process))
        {
            self.fail_call(machine, number, CapError::Disconnected);
        }
    }

    /// Ends every RECV that waits in an endpoint and for which `fits` says so.
    pub(super) fn end_receivers<M: Machine>(
        &mut self,
        machine: &mut M,
        place: u16,
        error: CapError,
        fits: impl Fn(&Receiver, &dyn Fn(ThreadId) -> ProcessId) -> bool,
    ) {
        let threads = &self.threads;
        let process_of = |thread| threads.at(thread).process;
        let mut ended = Fifo::<Receiver, RECEIVERS>::new();
        self.endpoints.at_mut(place).receivers.retain(|receiver| {
            let ends = fits(receiver, &process_of);
            // As many fit as there were.
            let _ = ends && ended.push(*receiver).is_err();
            !ends
        });
        while let Some(receiver) = ended.pop() {
            self.complete(machine, receiver.ticket, error.into());
        }
    }

    /// One owner side less. Without any, nobody will ever receive.
    pub(super) fn drop_owner<M: Machine>(&mut self, machine: &mut M, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        endpoint.owners = endpoint.owners.saturating_sub(1);
        if endpoint.owners > 0 {
            return;
        }
        while let Some(number) = self.endpoints.at(place).calls.first() {
            self.unqueue_first(place);
            self.fail_call(machine, number, CapError::Disconnected);
        }
        self.free_endpoint_if_unused(place);
    }

    /// One client facet less. Without any, nobody will ever call.
    pub(super) fn drop_client<M: Machine>(&mut self, machine: &mut M, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        endpoint.clients = endpoint.clients.saturating_sub(1);
        if endpoint.clients == 0 && endpoint.calls.is_empty() {
            self.end_receivers(machine, place, CapError::Disconnected, |_, _| true);
        }
        self.free_endpoint_if_unused(place);
    }

    fn free_endpoint_if_unused(&mut self, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.is_free() {
            let payer = endpoint.payer;
            *endpoint = Endpoint::new();
            self.give_back(payer, |ledger| &mut ledger.endpoints);
        }
    }
}
