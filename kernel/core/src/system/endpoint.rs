//! Endpoints: where calls wait for receivers and receivers for calls.

use capos_abi::{CapError, CapId, limits};

use super::calls::{Call, Stage};
use super::delivery::Fault;
use super::ring::{Done, Invocation, Ticket};
use super::{Machine, Payer, System};
use crate::entry::Alleged;
use crate::fifo::Fifo;
use crate::ledger::Class;
use crate::object::Object;

/// Receivers that may wait in one endpoint.
pub(super) const RECEIVERS: usize = 16;

/// A RECV that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receiver {
    pub ticket: Ticket,
    /// The capability that it waits through.
    pub cap: CapId,
    pub buffer: Alleged,
}

impl Receiver {
    const NOBODY: Receiver = Receiver {
        ticket: Ticket::NONE,
        cap: CapId::NONE,
        buffer: Alleged::NOTHING,
    };
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
            payer: Payer::NOBODY,
            calls: Fifo::new(0),
            call_bytes: 0,
            receivers: Fifo::new(Receiver::NOBODY),
        }
    }

    pub fn is_free(&self) -> bool {
        self.owners == 0 && self.clients == 0
    }
}

impl System {
    /// CALL on a client facet: delivers at once where a receiver waits, else queues.
    #[inline(always)]
    pub(super) fn call_endpoint<M: Machine>(
        &mut self,
        machine: &mut M,
        invocation: &Invocation,
        place: u16,
    ) -> Result<Option<Done>, CapError> {
        // As many calls fit as there are completion slots, and this one has a slot.
        let call = Call::new(*invocation, place);
        let number = self.calls.add(call).ok_or(CapError::Quota)?;
        while let Some(receiver) = self.endpoints.at(place).receivers.first() {
            match self.deliver(machine, number, &receiver) {
                Ok(done) => {
                    self.endpoints.at_mut(place).receivers.pop();
                    self.complete_here(machine, receiver.ticket, done);
                    return Ok(None);
                }
                Err(Fault::Caller(error)) => {
                    self.calls.remove(number);
                    return Err(error);
                }
                Err(Fault::Receiver(error)) => {
                    self.endpoints.at_mut(place).receivers.pop();
                    self.complete(machine, receiver.ticket, error.into());
                }
            }
        }
        match self.queue(number) {
            Ok(()) => Ok(None),
            Err(error) => {
                self.calls.remove(number);
                Err(error)
            }
        }
    }

    /// Puts a call into its endpoint's queue, charged to the caller. On an error nothing is charged.
    fn queue(&mut self, number: u16) -> Result<(), CapError> {
        let call = self.calls.at(number);
        let (place, process) = (call.endpoint, call.invocation.process);
        let bytes = call.invocation.entry.message().len;
        let endpoint = self.endpoints.at(place);
        if endpoint.owners == 0 {
            return Err(CapError::Disconnected);
        }
        let all = endpoint.call_bytes.saturating_add(bytes as usize);
        if endpoint.calls.is_full() || all > limits::ENDPOINT_BYTES {
            return Err(CapError::Busy);
        }
        let ledger = &mut self.processes.at_mut(process).ledger;
        let quota = |_| CapError::Quota;
        ledger.charge(Class::QueuedCalls, 1).map_err(quota)?;
        if ledger.charge(Class::QueueBytes, bytes).is_err() {
            ledger.give_back(Class::QueuedCalls, 1);
            return Err(CapError::Quota);
        }
        let endpoint = self.endpoints.at_mut(place);
        // It is not full.
        let _ = endpoint.calls.push(number);
        endpoint.call_bytes = all;
        Ok(())
    }

    /// RECV: takes the first waiting call that can be delivered, or waits.
    #[inline(always)]
    pub(super) fn receive<M: Machine>(
        &mut self,
        machine: &mut M,
        invocation: &Invocation,
    ) -> Result<Option<Done>, CapError> {
        let Invocation { entry, process, .. } = invocation;
        let Object::Endpoint(place) = self.resolve(*process, entry.cap())?.object else {
            return Err(CapError::WrongInterface);
        };
        let receiver = Receiver {
            ticket: invocation.ticket(),
            cap: entry.cap(),
            buffer: entry.buffer(),
        };
        while let Some(number) = self.endpoints.at(place).calls.first() {
            match self.deliver(machine, number, &receiver) {
                Ok(done) => {
                    self.unqueue(number);
                    return Ok(Some(done));
                }
                Err(Fault::Caller(error)) => self.fail_call(machine, number, error),
                Err(Fault::Receiver(error)) => return Err(error),
            }
        }
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.clients == 0 {
            return Err(CapError::Disconnected);
        }
        let waits = endpoint.receivers.push(receiver);
        waits.map_err(|_| CapError::Busy)?;
        Ok(None)
    }

    /// Takes a call out of its endpoint's queue, wherever it stands there, and gives the charge back.
    fn unqueue(&mut self, number: u16) {
        let call = self.calls.at(number);
        let (place, process) = (call.endpoint, call.invocation.process);
        let bytes = call.invocation.entry.message().len;
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.calls.first() == Some(number) {
            endpoint.calls.pop();
        } else {
            endpoint.calls.retain(|queued| *queued != number);
        }
        endpoint.call_bytes = endpoint.call_bytes.saturating_sub(bytes as usize);
        let ledger = &mut self.processes.at_mut(process).ledger;
        ledger.give_back(Class::QueuedCalls, 1);
        ledger.give_back(Class::QueueBytes, bytes);
    }

    /// Ends a call with an error, be it queued or delivered; its caller's entry completes.
    pub(super) fn fail_call<M: Machine>(&mut self, machine: &mut M, number: u16, error: CapError) {
        let call = self.calls.at(number);
        let ticket = call.invocation.ticket();
        if call.stage == Stage::Queued {
            self.unqueue(number);
        }
        self.calls.remove(number);
        self.complete(machine, ticket, error.into());
    }

    /// Ends every call for which `fits` says so; says how many. Entries of a thread that has gone
    /// complete nowhere.
    pub(super) fn end_calls<M: Machine>(
        &mut self,
        machine: &mut M,
        error: CapError,
        fits: impl Fn(&Self, &Call) -> bool,
    ) -> u32 {
        let mut ended = 0_u32;
        while let Some(number) = self.calls.find(|call| fits(self, call)) {
            self.fail_call(machine, number, error);
            ended = ended.saturating_add(1);
        }
        ended
    }

    /// Ends every RECV that waits in an endpoint and for which `fits` says so; says how many.
    pub(super) fn end_receivers<M: Machine>(
        &mut self,
        machine: &mut M,
        place: u16,
        error: CapError,
        fits: impl Fn(&Self, &Receiver) -> bool,
    ) -> u32 {
        let mut ended = 0_u32;
        // Each is looked at once, and those that stay keep their order.
        for _ in 0..self.endpoints.at(place).receivers.len() {
            let Some(receiver) = self.endpoints.at_mut(place).receivers.pop() else {
                break;
            };
            if fits(self, &receiver) {
                ended = ended.saturating_add(1);
                self.complete(machine, receiver.ticket, error.into());
            } else {
                // What was just taken out leaves room.
                let _ = self.endpoints.at_mut(place).receivers.push(receiver);
            }
        }
        ended
    }

    /// One owner side less. Without any, nobody will ever receive.
    pub(super) fn drop_owner<M: Machine>(&mut self, machine: &mut M, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        endpoint.owners = endpoint.owners.saturating_sub(1);
        if endpoint.owners > 0 {
            return;
        }
        while let Some(number) = self.endpoints.at(place).calls.first() {
            self.fail_call(machine, number, CapError::Disconnected);
        }
        self.free_endpoint_if_unused(place);
    }

    /// One client facet less. Without any, nobody will ever call.
    pub(super) fn drop_client<M: Machine>(&mut self, machine: &mut M, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        endpoint.clients = endpoint.clients.saturating_sub(1);
        if endpoint.clients == 0 {
            self.end_receivers(machine, place, CapError::Disconnected, |_, _| true);
        }
        self.free_endpoint_if_unused(place);
    }

    fn free_endpoint_if_unused(&mut self, place: u16) {
        let endpoint = self.endpoints.at_mut(place);
        if endpoint.is_free() {
            let payer = endpoint.payer;
            *endpoint = Endpoint::new();
            self.give_back(payer, Class::Endpoints);
        }
    }
}
