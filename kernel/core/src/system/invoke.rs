//! CALL on the kernel's own objects: reading parameters, choosing the method, writing results.

mod block;
mod capabilities;
mod console;
mod factory;
pub(super) mod handle;
mod memory;
mod notification;
mod package;
mod spawner;
mod statistics;
mod virtual_memory;

pub(super) use handle::{WAIT_RESULTS, write_end};

use capos_abi::generated::{CapExceptionType, CapExceptionWriter};
use capos_abi::message::{CapRecord, RECORD_BYTES, padded};
use capos_abi::wire::{MessageWriter, WireError};
use capos_abi::{CapError, CapId};

use super::ring::{Done, Ticket};
use super::{Machine, ProcessId, Scratch, System};
use crate::captable::Held;
use crate::entry::{Alleged, Outgoing, PlainCall};
use crate::object::Object;

/// Capabilities that one kernel method can return.
const RESULT_CAPS: usize = 2;
/// Bytes of a results message without fields.
const EMPTY_RESULTS: usize = 8;

/// A call as the kernel's objects see it.
struct Request {
    ticket: Ticket,
    process: ProcessId,
    /// The capability that was called, and the derivation through which it is held.
    cap: CapId,
    node: u16,
    params: Outgoing,
    results: Alleged,
    /// Bytes of the results buffer that can be used; all of them were found writable.
    room: usize,
}

/// What a method has put into the output.
enum Reply {
    /// A results message of this length, and these capabilities. Each counts among its object's
    /// holders already; among its derivation's it is counted when it is put into the table.
    Results(usize, [Held; RESULT_CAPS]),
    /// A CapException of this length.
    Exception(usize),
    /// Nothing: the entry completes later.
    Later,
}

const NO_CAPS: [Held; RESULT_CAPS] = [Held::NOTHING; RESULT_CAPS];

impl Request {
    /// An object that was given out through the capability that was called, and is taken back with
    /// it.
    fn held(&self, object: Object) -> Held {
        let node = if object == Object::None { 0 } else { self.node };
        Held { object, node }
    }

    /// Results of one capability.
    fn one(&self, message: MessageWriter<'_>, object: Object) -> Reply {
        Reply::Results(message.finish().len(), [self.held(object), Held::NOTHING])
    }

    /// Makes sure, before anything is done, that results of `bytes` and `caps` capabilities fit.
    fn needs(&self, bytes: usize, caps: usize) -> Result<(), CapError> {
        let records = caps.saturating_mul(RECORD_BYTES);
        let all = if caps > 0 {
            padded(bytes).saturating_add(records)
        } else {
            bytes
        };
        if all <= self.room {
            Ok(())
        } else {
            Err(CapError::Buffer)
        }
    }
}

/// Parameters that cannot be read.
fn bad_message(_: WireError) -> CapError {
    CapError::Message
}

/// Results that do not fit: where `needs` was asked first, this does not happen.
fn no_room(_: WireError) -> CapError {
    CapError::Buffer
}

/// Writes a CapException.
fn exception(output: &mut [u8], kind: CapExceptionType, reason: &str) -> Result<Reply, CapError> {
    let mut message = MessageWriter::new(output);
    let mut body = CapExceptionWriter::root(&mut message).map_err(no_room)?;
    body.set_type(kind);
    body.set_reason(reason).map_err(no_room)?;
    Ok(Reply::Exception(message.finish().len()))
}

/// An exception for an argument that breaks a rule of the interface.
fn invalid(output: &mut [u8], reason: &str) -> Result<Reply, CapError> {
    exception(output, CapExceptionType::InvalidArgument, reason)
}

/// The results of a method that returns nothing.
fn nothing<'a>(message: MessageWriter<'a>) -> Reply {
    Reply::Results(message.finish().len(), NO_CAPS)
}

impl System {
    /// A CALL without capabilities.
    #[inline]
    pub(super) fn plain_call<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ticket: &Ticket,
        call: &PlainCall,
    ) -> Result<Option<Done>, CapError> {
        let params = Outgoing {
            message: call.params,
            ..Outgoing::default()
        };
        let &PlainCall {
            cap,
            method,
            results,
            ..
        } = call;
        self.call(machine, scratch, ticket, cap, method, params, results)
    }

    /// CALL: finds the object and lets it answer.
    #[inline]
    pub(super) fn call<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ticket: &Ticket,
        cap: CapId,
        method: u16,
        params: Outgoing,
        results: Alleged,
    ) -> Result<Option<Done>, CapError> {
        let process = self.process_of(ticket.thread);
        let Held { object, node } = self.resolve(process, cap)?;
        if let Object::Client(place) = object {
            return self.call_endpoint(machine, ticket, cap, place, method, params, results);
        }
        let target = Held { object, node };
        self.call_object(
            machine,
            scratch,
            ticket,
            (cap, target),
            method,
            params,
            results,
        )
    }

    /// CALL on one of the kernel's own objects.
    #[inline(never)]
    fn call_object<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ticket: &Ticket,
        (cap, Held { object, node }): (CapId, Held),
        method: u16,
        params: Outgoing,
        results: Alleged,
    ) -> Result<Option<Done>, CapError> {
        let process = self.process_of(ticket.thread);
        let room = (results.len as usize).min(scratch.output.len());
        if !machine.writable(process, results.address, room) {
            return Err(CapError::Buffer);
        }
        let Scratch { input, output } = scratch;
        let input = input
            .get_mut(..params.message.len as usize)
            .ok_or(CapError::Message)?;
        machine
            .read(process, params.message.address, input)
            .map_err(|_| CapError::Buffer)?;
        let request = Request {
            ticket: *ticket,
            process,
            cap,
            node,
            params,
            results,
            room,
        };
        let reply = match object {
            Object::Notification(place) => {
                self.notification(machine, &request, place, method, input, output)
            }
            Object::Signaller(place) => {
                self.signaller(machine, &request, place, method, input, output)
            }
            Object::Console(label) => self.console(machine, &request, label, method, input, output),
            Object::ProcessSpawner => self.spawner(machine, &request, method, input, output),
            Object::ProcessHandle(child) => self.handle(&request, child, method, input, output),
            Object::EndpointFactory => self.factory(&request, method, input, output),
            Object::NotificationFactory => {
                self.notification_factory(&request, method, input, output)
            }
            Object::BootPackage => package::call(machine, method, input, output),
            Object::Block(device) => block::call(machine, &request, device, method, input, output),
            Object::CapabilityManager => {
                self.capability_manager(machine, &request, method, input, output)
            }
            Object::Revoker(node) => self.revoker(machine, &request, node, method, input, output),
            Object::SystemStats => self.statistics(machine, &request, method, input, output),
            Object::FrameAllocator(place) => {
                self.frame_allocator(machine, &request, place, method, input, output)
            }
            Object::Memory(place) => {
                self.memory_object(machine, &request, place, method, input, output)
            }
            Object::MemoryReader(place) => {
                self.memory_reader(machine, &request, place, method, input, output)
            }
            Object::VirtualMemory => self.virtual_memory(machine, &request, method, input, output),
            Object::Endpoint(_) | Object::Client(_) | Object::None => Err(CapError::WrongInterface),
        }?;
        match reply {
            Reply::Later => Ok(None),
            Reply::Results(len, caps) => self
                .return_results(machine, &request, output, len, &caps)
                .map(Some),
            Reply::Exception(len) => Ok(Some(return_exception(machine, &request, output, len))),
        }
    }

    /// Copies results out, and puts returned capabilities into the caller's table.
    fn return_results<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request,
        output: &[u8],
        len: usize,
        caps: &[Held; RESULT_CAPS],
    ) -> Result<Done, CapError> {
        let payload = output.get(..len).unwrap_or(&[]);
        let address = request.results.address;
        if caps[0].object == Object::None {
            // The whole buffer was found writable before the method ran.
            let written = machine.write(request.process, address, payload);
            written.map_err(|_| CapError::Buffer)?;
            return Ok(Done::payload(len, 0));
        }
        self.return_caps(machine, request, payload, caps)
    }

    /// As `return_results`, with capabilities.
    #[inline(never)]
    fn return_caps<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request,
        payload: &[u8],
        caps: &[Held; RESULT_CAPS],
    ) -> Result<Done, CapError> {
        let (len, address) = (payload.len(), request.results.address);
        let given = caps.iter().filter(|held| held.object != Object::None);
        let count = given.count();
        let mut records = [0; RESULT_CAPS * RECORD_BYTES];
        for (held, record) in caps
            .iter()
            .zip(records.as_chunks_mut::<RECORD_BYTES>().0)
            .take(count)
        {
            self.revocation.hold(held.node);
            let table = &mut self.processes.at_mut(request.process).table;
            let cap = table.insert(*held).unwrap_or(CapId::NONE);
            *record = CapRecord {
                cap: cap.0,
                interface_id: self.interface_of(held.object),
            }
            .to_bytes();
        }
        let records = records
            .get(..count.saturating_mul(RECORD_BYTES))
            .unwrap_or(&[]);
        // The whole buffer was found writable before the method ran.
        let _ = machine.write(request.process, address, payload);
        let at = address.saturating_add(padded(len) as u64);
        let _ = machine.write(request.process, at, records);
        Ok(Done::payload(len, count))
    }
}

fn return_exception<M: Machine>(
    machine: &mut M,
    request: &Request,
    output: &[u8],
    len: usize,
) -> Done {
    if len > request.room {
        return CapError::ApplicationExceptionTruncated.into();
    }
    let payload = output.get(..len).unwrap_or(&[]);
    let _ = machine.write(request.process, request.results.address, payload);
    Done {
        result: CapError::ApplicationException.negated(),
        ..Done::payload(len, 0)
    }
}
