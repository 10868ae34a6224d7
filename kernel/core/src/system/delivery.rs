//! Moving a message, and the capabilities with it, from one process to another.

use capos_abi::message::{
    CapRecord, RECORD_BYTES, RECV_HEADER_BYTES, RecvHeader, TRANSFER_MOVE, TransferDescriptor,
    padded,
};
use capos_abi::{CapError, CapId, limits};

use super::endpoint::Receiver;
use super::ring::{Done, Invocation};
use super::{BadCopy, Machine, ProcessId, System};
use crate::captable::Held;
use crate::entry::{Alleged, Answer, Outgoing};

/// Whose entry a failed delivery ends.
pub(super) enum Fault {
    Caller(CapError),
    Receiver(CapError),
}

/// A checked transfer list.
#[derive(Default)]
pub(super) struct Transfers {
    items: [Option<Transfer>; limits::TRANSFERS],
    len: usize,
}

/// One capability that goes with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub cap: CapId,
    pub held: Held,
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
        for record in part.as_chunks::<RECORD_BYTES>().0 {
            let descriptor = TransferDescriptor::from_bytes(record);
            // Sessions do not exist yet, so the only scope is the first.
            if descriptor.flags & !TRANSFER_MOVE != 0 || descriptor.reserved != 0 {
                return Err(CapError::Transfer);
            }
            let cap = CapId(descriptor.cap);
            let held = match self.resolve(process, cap) {
                Ok(held) => *held,
                Err(CapError::Revoked) => return Err(CapError::Revoked),
                Err(_) => return Err(CapError::Transfer),
            };
            let moves = descriptor.flags & TRANSFER_MOVE != 0;
            // A capability that moves is in the list once.
            if transfers
                .iter()
                .any(|other| other.cap == cap && (moves || other.moves))
            {
                return Err(CapError::Transfer);
            }
            // What waits through it would outlive the sender's hold on it, and then the sender itself.
            if moves && self.is_waited_through(process, cap, held.object) {
                return Err(CapError::Transfer);
            }
            *transfers
                .items
                .get_mut(transfers.len)
                .ok_or(CapError::Transfer)? = Some(Transfer { cap, held, moves });
            transfers.len = transfers.len.saturating_add(1);
        }
        Ok(transfers)
    }

    /// Puts transferred capabilities into `to`'s table, which has room, and their records where it
    /// can be written. This is the commit of a transfer: nothing after it fails.
    #[inline(never)]
    fn commit_transfers<M: Machine>(
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
            let held = transfer.held;
            if transfer.moves {
                self.processes.at_mut(from).table.remove(transfer.cap);
            } else {
                self.retain(held);
            }
            let table = &mut self.processes.at_mut(to).table;
            let cap = table.insert(held).unwrap_or(CapId::NONE);
            *record = CapRecord {
                cap: cap.0,
                interface_id: self.interface_of(held.object),
            }
            .to_bytes();
        }
        let len = transfers.len().saturating_mul(RECORD_BYTES);
        let _ = machine.write(to, records_at, records.get(..len).unwrap_or(&[]));
    }

    /// Brings a call to a receiver. The call stays in its queue and the receiver in its own: the
    /// caller of this takes out whichever ended.
    #[inline(always)]
    pub(super) fn deliver<M: Machine>(
        &mut self,
        machine: &mut M,
        number: u16,
        receiver: &Receiver,
    ) -> Result<Done, Fault> {
        let entry = &self.calls.at(number).invocation.entry;
        let done = if entry.outgoing().transfer_count == 0 {
            self.send_call(machine, number, receiver, 0)?
        } else {
            self.deliver_with_transfers(machine, number, receiver)?
        };
        self.calls.deliver(number, receiver.ticket.process);
        Ok(done)
    }

    /// Copies a call's message to a receiver, behind its header: all of it, or nothing.
    #[inline(always)]
    fn send_call<M: Machine>(
        &self,
        machine: &mut M,
        number: u16,
        receiver: &Receiver,
        caps: usize,
    ) -> Result<Done, Fault> {
        let call = self.calls.at(number);
        let invocation = &call.invocation;
        let message = invocation.entry.message();
        let payload = message.len as usize;
        let header = RecvHeader {
            call_id: self.calls.id(number),
            method: invocation.entry.method(),
            cap_count: caps as u16,
            payload_len: message.len,
            interface_id: self.endpoints.at(call.endpoint).interface_id,
        };
        let total = RECV_HEADER_BYTES.saturating_add(with_records(payload, caps));
        if total > receiver.buffer.len as usize {
            return Err(Fault::Receiver(CapError::Buffer));
        }
        let from = (invocation.process, message.address);
        let to = (receiver.ticket.process, receiver.buffer.address);
        let sent = machine.send(header.to_words(), from, to, payload);
        sent.map_err(|bad| match bad {
            BadCopy::Source => Fault::Caller(CapError::Buffer),
            BadCopy::Target => Fault::Receiver(CapError::Buffer),
        })?;
        Ok(Done::payload(payload, caps))
    }

    /// As `send_call`, with the capabilities that the call carries: all of them, or nothing.
    #[inline(never)]
    fn deliver_with_transfers<M: Machine>(
        &mut self,
        machine: &mut M,
        number: u16,
        receiver: &Receiver,
    ) -> Result<Done, Fault> {
        let Invocation { entry, process, .. } = self.calls.at(number).invocation;
        let params = entry.outgoing();
        let (from, to, buffer) = (process, receiver.ticket.process, receiver.buffer);
        let transfers = self
            .transfers(machine, from, &params)
            .map_err(Fault::Caller)?;
        let payload = params.message.len as usize;
        let total = RECV_HEADER_BYTES.saturating_add(with_records(payload, transfers.len()));
        let fits = total <= buffer.len as usize && machine.writable(to, buffer.address, total);
        if !fits {
            return Err(Fault::Receiver(CapError::Buffer));
        }
        if transfers.len() > self.processes.at(to).table.room() {
            return Err(Fault::Caller(CapError::Quota));
        }
        let done = self.send_call(machine, number, receiver, transfers.len())?;
        // From here on nothing fails: where the records go was found writable.
        let behind = RECV_HEADER_BYTES.saturating_add(padded(payload)) as u64;
        let records_at = buffer.address.saturating_add(behind);
        self.commit_transfers(machine, from, (to, records_at), &transfers);
        Ok(done)
    }

    /// RETURN: brings results to the caller of a received call and completes the caller's entry.
    #[inline(always)]
    pub(super) fn answer<M: Machine>(
        &mut self,
        machine: &mut M,
        server: ProcessId,
        answer: &Answer,
    ) -> Result<(), CapError> {
        let number = self
            .calls
            .received(answer.call, server)
            .ok_or(CapError::StaleCall)?;
        let invocation = &self.calls.at(number).invocation;
        let (ticket, results) = (invocation.ticket(), invocation.entry.buffer());
        let caller = ticket.process;
        let message = answer.results.message;
        let outcome = if answer.results.transfer_count == 0 {
            copy_answer(machine, server, message, caller, results)
        } else {
            self.answer_with_transfers(machine, server, answer, caller, results)
        };
        let done = match outcome {
            Ok(done) if answer.exception => Done {
                result: CapError::ApplicationException.negated().into(),
                ..done
            },
            Ok(done) => done,
            // The server's own buffer or list is bad: the call stays, for it to try again.
            Err(Unanswered::Server(error)) => return Err(error),
            // The caller's fault; the server's RETURN succeeds all the same.
            Err(Unanswered::Caller(CapError::Buffer)) if answer.exception => {
                CapError::ApplicationExceptionTruncated.into()
            }
            Err(Unanswered::Caller(error)) => error.into(),
        };
        self.calls.remove(number);
        self.complete_here(machine, ticket, done);
        Ok(())
    }

    /// Brings results and capabilities to a caller: all of them, or nothing.
    #[inline(never)]
    fn answer_with_transfers<M: Machine>(
        &mut self,
        machine: &mut M,
        server: ProcessId,
        answer: &Answer,
        caller: ProcessId,
        results: Alleged,
    ) -> Result<Done, Unanswered> {
        let message = answer.results.message;
        let transfers = self
            .transfers(machine, server, &answer.results)
            .map_err(Unanswered::Server)?;
        let total = with_records(message.len as usize, transfers.len());
        if total > results.len as usize || !machine.writable(caller, results.address, total) {
            return Err(Unanswered::Caller(CapError::Buffer));
        }
        if transfers.len() > self.processes.at(caller).table.room() {
            return Err(Unanswered::Caller(CapError::Quota));
        }
        copy_answer(machine, server, message, caller, results)?;
        let records_at = padded(message.len as usize) as u64;
        let records_at = results.address.saturating_add(records_at);
        self.commit_transfers(machine, server, (caller, records_at), &transfers);
        Ok(Done::payload(message.len as usize, transfers.len()))
    }
}

/// Whose fault it is that an answer did not arrive.
enum Unanswered {
    Server(CapError),
    Caller(CapError),
}

/// Copies results to where the caller wants them, all or nothing.
#[inline]
fn copy_answer<M: Machine>(
    machine: &mut M,
    server: ProcessId,
    message: Alleged,
    caller: ProcessId,
    results: Alleged,
) -> Result<Done, Unanswered> {
    if message.len > results.len {
        return Err(Unanswered::Caller(CapError::Buffer));
    }
    let (from, to) = ((server, message.address), (caller, results.address));
    match machine.send([], from, to, message.len as usize) {
        Ok(()) => Ok(Done::payload(message.len as usize, 0)),
        Err(BadCopy::Source) => Err(Unanswered::Server(CapError::Buffer)),
        Err(BadCopy::Target) => Err(Unanswered::Caller(CapError::Buffer)),
    }
}

/// Bytes of a payload and the capability records behind it.
fn with_records(payload: usize, caps: usize) -> usize {
    if caps == 0 {
        payload
    } else {
        padded(payload).saturating_add(caps.saturating_mul(RECORD_BYTES))
    }
}
