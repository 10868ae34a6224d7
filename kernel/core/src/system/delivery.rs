//! Moving a message, and the capabilities with it, from one process to another.

use capos_abi::message::{
    CapRecord, RECORD_BYTES, RECV_HEADER_BYTES, RecvHeader, TRANSFER_MOVE, TransferDescriptor,
    padded,
};
use capos_abi::{CapError, CapId, limits};

use super::calls::Call;
use super::endpoint::Receiver;
use super::ring::{Done, Ticket};
use super::{BadCopy, Machine, ProcessId, System, ThreadId};
use crate::entry::{Alleged, Answer, Outgoing};
use crate::object::Object;

/// Whose entry a failed delivery ends.
pub(super) enum Fault {
    Caller(CapError),
    Receiver(CapError),
}

/// A checked transfer list. Most messages carry none, and pay for none: their list is `None`.
#[derive(Default)]
pub(super) struct Transfers {
    items: [Option<Transfer>; limits::TRANSFERS],
    len: usize,
}

/// One capability that goes with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub cap: CapId,
    pub object: Object,
    pub moves: bool,
}

impl Transfers {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn get(&self, index: usize) -> Option<Transfer> {
        self.items.get(index).copied().flatten()
    }

    pub fn iter(&self) -> impl Iterator<Item = Transfer> {
        self.items.iter().flatten().copied()
    }
}

impl System {
    /// Reads and checks a transfer list of `process`. Nothing changes yet.
    #[inline(never)]
    pub(super) fn transfers<M: Machine>(
        &self,
        machine: &M,
        process: ProcessId,
        list: &Outgoing,
    ) -> Result<Transfers, CapError> {
        let mut transfers = Transfers::default();
        let mut bytes = [0; limits::TRANSFERS * RECORD_BYTES];
        let len = usize::from(list.transfer_count).saturating_mul(RECORD_BYTES);
        let part = bytes.get_mut(..len).ok_or(CapError::Transfer)?;
        if len == 0 {
            return Ok(transfers);
        }
        machine
            .read(process, list.transfers, part)
            .map_err(|_| CapError::Buffer)?;
        let table = &self.processes.at(process).table;
        for record in part.as_chunks::<RECORD_BYTES>().0 {
            let descriptor = TransferDescriptor::from_bytes(record);
            // Sessions do not exist yet, so the only scope is the first.
            if descriptor.flags & !TRANSFER_MOVE != 0 || descriptor.reserved != 0 {
                return Err(CapError::Transfer);
            }
            let cap = CapId(descriptor.cap);
            let object = table.get(cap).ok_or(CapError::Transfer)?;
            let moves = descriptor.flags & TRANSFER_MOVE != 0;
            // A capability that moves is in the list once.
            if transfers
                .iter()
                .any(|other| other.cap == cap && (moves || other.moves))
            {
                return Err(CapError::Transfer);
            }
            // What waits through it would outlive the sender's hold on it, and then the sender itself.
            if moves && self.is_waited_through(process, cap, object) {
                return Err(CapError::Transfer);
            }
            *transfers
                .items
                .get_mut(transfers.len)
                .ok_or(CapError::Transfer)? = Some(Transfer { cap, object, moves });
            transfers.len = transfers.len.saturating_add(1);
        }
        Ok(transfers)
    }

    /// Whether an entry of `process` waits through a capability: the call that carries the list, too.
    fn is_waited_through(&self, process: ProcessId, cap: CapId, object: Object) -> bool {
        let is_ours = |thread| self.process_of(thread) == process;
        match object {
            Object::Endpoint(place) => {
                let receivers = &self.endpoints.at(place).receivers;
                receivers.any(|waiting| waiting.cap == cap.0 && is_ours(waiting.ticket.thread))
            }
            Object::Client(_) => {
                let through = |call: &Call| call.cap == cap.0 && is_ours(call.caller);
                self.calls.find(through).is_some()
            }
            Object::ProcessHandle(child) => {
                let waiter = &self.processes.at(child).waiter;
                waiter
                    .as_ref()
                    .is_some_and(|waiting| waiting.cap == cap && is_ours(waiting.ticket.thread))
            }
            _ => false,
        }
    }

    /// Puts transferred capabilities into `to`'s table, which has room, and their records where it
    /// can be written.
    #[inline(never)]
    fn hand_over<M: Machine>(
        &mut self,
        machine: &mut M,
        from: ProcessId,
        (to, records_at): (ProcessId, u64),
        transfers: &Transfers,
    ) {
        let mut records = [0; limits::TRANSFERS * RECORD_BYTES];
        for (transfer, record) in transfers
            .iter()
            .zip(records.as_chunks_mut::<RECORD_BYTES>().0)
        {
            let cap = self
                .processes
                .at_mut(to)
                .table
                .insert(transfer.object)
                .unwrap_or(CapId::NONE);
            if transfer.moves {
                self.processes.at_mut(from).table.remove(transfer.cap);
            } else {
                self.retain(transfer.object);
            }
            let interface_id = self.interface_of(transfer.object);
            *record = CapRecord {
                cap: cap.0,
                interface_id,
            }
            .to_bytes();
        }
        let len = transfers.len().saturating_mul(RECORD_BYTES);
        let _ = machine.write(to, records_at, records.get(..len).unwrap_or(&[]));
    }

    /// Brings a queued call to a receiver. The call stays in its queue and the receiver in its own:
    /// the caller of this takes out whichever ended.
    pub(super) fn deliver<M: Machine>(
        &mut self,
        machine: &mut M,
        number: u16,
        receiver: &Receiver,
    ) -> Result<Done, Fault> {
        let call = *self.calls.at(number);
        let from = self.process_of(call.caller);
        let to = self.process_of(receiver.ticket.thread);
        let payload = call.params.message.len as usize;
        let transfers = match call.params.transfer_count {
            0 => None,
            _ => Some(
                self.transfers(machine, from, &call.params)
                    .map_err(Fault::Caller)?,
            ),
        };
        let caps = count(transfers.as_ref());
        let body = with_records(payload, caps);
        let total = RECV_HEADER_BYTES.saturating_add(body);
        if total > receiver.buffer.len as usize {
            return Err(Fault::Receiver(CapError::Buffer));
        }
        if caps > 0 && caps > self.processes.at(to).table.room() {
            return Err(Fault::Caller(CapError::Quota));
        }
        let target = receiver.buffer.address;
        let payload_at = target.checked_add(RECV_HEADER_BYTES as u64);
        let payload_at = payload_at.ok_or(Fault::Receiver(CapError::Buffer))?;
        if !machine.writable(to, target, total) {
            return Err(Fault::Receiver(CapError::Buffer));
        }
        machine
            .copy(
                (from, call.params.message.address),
                (to, payload_at),
                payload,
            )
            .map_err(|bad| match bad {
                BadCopy::Source => Fault::Caller(CapError::Buffer),
                BadCopy::Target => Fault::Receiver(CapError::Buffer),
            })?;

        // From here on nothing fails: all that is written was found writable.
        if let Some(transfers) = &transfers {
            let records_at = payload_at.saturating_add(padded(payload) as u64);
            self.hand_over(machine, from, (to, records_at), transfers);
        }
        let header = RecvHeader {
            call_id: self.calls.deliver(number, to),
            method: call.method,
            cap_count: caps as u16,
            payload_len: call.params.message.len,
            interface_id: self.endpoints.at(call.endpoint).interface_id,
        };
        let _ = machine.write(to, target, &header.to_bytes());
        Ok(Done::payload(payload, caps))
    }

    /// RETURN: brings results to the caller of a received call and completes the caller's entry.
    pub(super) fn answer<M: Machine>(
        &mut self,
        machine: &mut M,
        thread: ThreadId,
        answer: &Answer,
    ) -> Result<(), CapError> {
        let server = self.process_of(thread);
        let number = self
            .calls
            .received(answer.call, server)
            .ok_or(CapError::StaleCall)?;
        let &Call {
            caller: thread,
            results,
            user_data,
            flags,
            ..
        } = self.calls.at(number);
        let caller = self.process_of(thread);
        let transfers = match answer.results.transfer_count {
            0 => None,
            _ => Some(self.transfers(machine, server, &answer.results)?),
        };
        let message = answer.results.message;
        let caps = count(transfers.as_ref());
        let done = match self.fit_answer(machine, caller, message, caps, results) {
            Ok(records_at) => {
                let target = (caller, results.address);
                match machine.copy((server, message.address), target, message.len as usize) {
                    Ok(()) => {
                        if let Some(transfers) = &transfers {
                            self.hand_over(machine, server, (caller, records_at), transfers);
                        }
                        Done::payload(message.len as usize, caps)
                    }
                    // The server's own buffer is bad: the call stays, for it to try again.
                    Err(BadCopy::Source) => return Err(CapError::Buffer),
                    Err(BadCopy::Target) => CapError::Buffer.into(),
                }
            }
            // The caller's fault; the server's RETURN succeeds all the same.
            Err(CapError::Buffer) if answer.exception => {
                CapError::ApplicationExceptionTruncated.into()
            }
            Err(error) => error.into(),
        };
        let done = match (answer.exception, done.result) {
            (true, 0..) => Done {
                result: CapError::ApplicationException.negated(),
                ..done
            },
            _ => done,
        };
        let ticket = Ticket {
            thread,
            user_data,
            flags,
        };
        self.calls.remove(number);
        self.complete(machine, ticket, done);
        Ok(())
    }

    /// Whether results fit where the caller wants them; gives where the capability records go.
    fn fit_answer<M: Machine>(
        &self,
        machine: &M,
        caller: ProcessId,
        message: Alleged,
        caps: usize,
        results: Alleged,
    ) -> Result<u64, CapError> {
        let len = message.len as usize;
        let total = with_records(len, caps);
        if total > results.len as usize || !machine.writable(caller, results.address, total) {
            return Err(CapError::Buffer);
        }
        if caps > 0 && caps > self.processes.at(caller).table.room() {
            return Err(CapError::Quota);
        }
        let records_at = if caps > 0 { padded(len) } else { len };
        results
            .address
            .checked_add(records_at as u64)
            .ok_or(CapError::Buffer)
    }
}

/// How many capabilities go with a message.
fn count(transfers: Option<&Transfers>) -> usize {
    transfers.map_or(0, Transfers::len)
}

/// Bytes of a payload and the capability records behind it.
fn with_records(payload: usize, caps: usize) -> usize {
    if caps == 0 {
        payload
    } else {
        padded(payload).saturating_add(caps.saturating_mul(RECORD_BYTES))
    }
}
