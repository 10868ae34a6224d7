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

use super::ring::{Done, Invocation};
use super::{Machine, ProcessId, Scratch, System};
use crate::captable::Held;
use crate::object::Object;

/// Capabilities that one kernel method can return.
const RESULT_CAPS: usize = 2;
/// Bytes of a results message without fields.
const EMPTY_RESULTS: usize = 8;

/// A call as the kernel's objects see it.
struct Request<'a> {
    invocation: &'a Invocation,
    /// The parameters, which nobody else can change any more.
    input: &'a [u8],
    /// Who called.
    process: ProcessId,
    /// The derivation through which the capability that was called is held.
    node: u16,
    /// Bytes of the results buffer that can be used; all of them were found writable.
    room: usize,
}

/// What a method has put into the output.
enum Reply {
    /// A results message of this length.
    Results(usize),
    /// A results message of two words, which are not in the output.
    Words([u64; 2]),
    /// As `Results`, and these capabilities. Each counts among its object's holders already; among
    /// its derivation's it is counted when it is put into the table.
    Given(usize, [Held; RESULT_CAPS]),
    /// A CapException of this length.
    Exception(usize),
    /// Nothing: the entry completes later.
    Later,
}

impl Request<'_> {
    /// Which method was called.
    #[inline]
    fn method(&self) -> u16 {
        self.invocation.entry.method()
    }

    /// An object that was given out through the capability that was called, and is taken back with
    /// it.
    fn held(&self, object: Object) -> Held {
        let node = if object == Object::None { 0 } else { self.node };
        Held { object, node }
    }

    /// Results of one capability.
    fn one(&self, message: MessageWriter<'_>, object: Object) -> Reply {
        Reply::Given(message.finish().len(), [self.held(object), Held::NOTHING])
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
#[inline]
fn nothing<'a>(message: MessageWriter<'a>) -> Reply {
    Reply::Results(message.finish().len())
}

impl System {
    /// CALL: finds the object and lets it answer.
    #[inline(always)]
    pub(super) fn call<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ring: M::Ring,
        invocation: &Invocation,
    ) -> Result<Option<Done>, CapError> {
        let held = self.resolve(invocation.process, invocation.entry.cap())?;
        let (object, node) = (held.object, held.node);
        match object {
            Object::Client(place) => self.call_endpoint(machine, invocation, place),
            Object::Notification(place) => self.ask(
                machine,
                scratch,
                invocation,
                node,
                |system, machine, request, output| {
                    system.notification(machine, request, place, output)
                },
            ),
            _ => {
                self.call_aside(machine, scratch, ring, invocation, object, node);
                Ok(None)
            }
        }
    }

    /// CALL on any other of the kernel's own objects; posts for itself (see `carry_out`).
    #[inline(never)]
    fn call_aside<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        ring: M::Ring,
        invocation: &Invocation,
        object: Object,
        node: u16,
    ) {
        let done = self.ask(
            machine,
            scratch,
            invocation,
            node,
            |system, machine, request, output| match object {
                Object::Notification(place) => system.notification(machine, request, place, output),
                Object::Signaller(place) => system.signaller(machine, request, place, output),
                Object::Console(label) => system.console(machine, request, label, output),
                Object::ProcessSpawner => system.spawner(machine, request, output),
                Object::ProcessHandle(child) => system.handle(request, child, output),
                Object::EndpointFactory => system.factory(request, output),
                Object::NotificationFactory => system.notification_factory(request, output),
                Object::BootPackage => package::call(machine, request, output),
                Object::Block(device) => block::call(machine, request, device, output),
                Object::CapabilityManager => system.capability_manager(machine, request, output),
                Object::Revoker(node) => system.revoker(machine, request, node, output),
                Object::SystemStats => system.statistics(machine, request, output),
                Object::FrameAllocator(place) => {
                    system.frame_allocator(machine, request, place, output)
                }
                Object::Memory(place) => system.memory_object(machine, request, place, output),
                Object::MemoryReader(place) => {
                    system.memory_reader(machine, request, place, output)
                }
                Object::VirtualMemory => system.virtual_memory(machine, request, output),
                Object::Endpoint(_) | Object::Client(_) | Object::None => {
                    Err(CapError::WrongInterface)
                }
            },
        );
        self.post(machine, (invocation.thread, ring), invocation, done);
    }

    /// Has one of the kernel's own objects answer: what it is given was read, and what it gives fits.
    #[inline(always)]
    fn ask<M: Machine>(
        &mut self,
        machine: &mut M,
        scratch: &mut Scratch,
        invocation: &Invocation,
        node: u16,
        answer: impl FnOnce(&mut Self, &mut M, &Request<'_>, &mut [u8]) -> Result<Reply, CapError>,
    ) -> Result<Option<Done>, CapError> {
        let Invocation { entry, process, .. } = invocation;
        let (process, message, results) = (*process, entry.message(), entry.buffer());
        let Scratch { input, output } = scratch;
        let room = (results.len as usize).min(output.len());
        let landing = machine
            .landing(process, results.address, room)
            .ok_or(CapError::Buffer)?;
        let input = input
            .get_mut(..message.len as usize)
            .ok_or(CapError::Message)?;
        machine
            .read(process, message.address, input)
            .map_err(|_| CapError::Buffer)?;
        let request = Request {
            invocation,
            input,
            process,
            node,
            room,
        };
        match answer(self, machine, &request, output)? {
            Reply::Later => Ok(None),
            Reply::Results(len) => {
                // The landing was found before the method ran, which may have taken it away.
                let landed = machine.land(landing, output.get(..len).unwrap_or(&[]));
                landed.map_err(|_| CapError::Buffer)?;
                Ok(Some(Done::payload(len, 0)))
            }
            Reply::Words(words) => {
                let landed = machine.land_words(landing, words);
                landed.map_err(|_| CapError::Buffer)?;
                Ok(Some(Done::payload(size_of_val(&words), 0)))
            }
            Reply::Given(len, caps) => {
                let payload = output.get(..len).unwrap_or(&[]);
                Ok(Some(self.return_caps(machine, &request, payload, &caps)))
            }
            Reply::Exception(len) => {
                let payload = output.get(..len).unwrap_or(&[]);
                Ok(Some(return_exception(machine, &request, payload)))
            }
        }
    }

    /// Copies results out, and puts returned capabilities into the caller's table.
    #[inline(never)]
    fn return_caps<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        payload: &[u8],
        caps: &[Held; RESULT_CAPS],
    ) -> Done {
        let (len, address) = (payload.len(), request.invocation.entry.buffer().address);
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
        Done::payload(len, count)
    }
}

#[cold]
fn return_exception<M: Machine>(machine: &mut M, request: &Request<'_>, payload: &[u8]) -> Done {
    if payload.len() > request.room {
        return CapError::ApplicationExceptionTruncated.into();
    }
    let address = request.invocation.entry.buffer().address;
    let _ = machine.write(request.process, address, payload);
    Done {
        result: CapError::ApplicationException.negated().into(),
        ..Done::payload(payload.len(), 0)
    }
}
