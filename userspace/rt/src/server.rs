//! The loop of a server: one call after the other, each answered exactly once.
//!
//! What decodes calls is generated for each interface: a trait to implement, as [`StoreService`], and
//! a [`Service`] around it, as [`StoreServer`].

mod given;

pub use crate::generated::{
    BlockDeviceServer, BlockDeviceService, BootPackageServer, BootPackageService,
    CapabilityManagerServer, CapabilityManagerService, ConsoleServer, ConsoleService,
    EndpointFactoryServer, EndpointFactoryService, FrameAllocatorServer, FrameAllocatorService,
    MemoryObjectServer, MemoryObjectService, MemoryReaderServer, MemoryReaderService,
    NotificationFactoryServer, NotificationFactoryService, NotificationServer, NotificationService,
    ProcessHandleServer, ProcessHandleService, ProcessSpawnerServer, ProcessSpawnerService,
    RevokerServer, RevokerService, SignallerServer, SignallerService, StoreServer, StoreService,
    SystemStatsServer, SystemStatsService, VirtualMemoryServer, VirtualMemoryService,
};
pub use given::Given;

use crate::client::{Endpoint, Interface};
use crate::error::Exception;
use crate::ring::{Answer, Incoming, Ring};
use crate::system::Kernel;
use crate::transport::{LargeBuffer, Transport};
use capos_abi::CapError;
use capos_abi::generated::{CapExceptionType, CapExceptionWriter};
use capos_abi::limits::{MESSAGE_BYTES, TRANSFERS};
use capos_abi::message::{RECORD_BYTES, RECV_HEADER_BYTES};
use capos_abi::wire::{MessageWriter, WireError};

/// Memory for any call that can be received: with a smaller one, a client could make RECV fail.
pub type ReceiveBuffer =
    crate::transport::Buffer<{ RECV_HEADER_BYTES + MESSAGE_BYTES + TRANSFERS * RECORD_BYTES }>;

/// The memory of a server, usually a static.
pub struct Memory {
    /// Where calls are received.
    pub receive: ReceiveBuffer,
    /// Where answers are written.
    pub answer: LargeBuffer,
}

impl Memory {
    /// Zeros.
    pub const ZERO: Self = Self {
        receive: ReceiveBuffer::ZERO,
        answer: LargeBuffer::ZERO,
    };
}

/// What a server does with a call.
pub trait Service<T: Transport> {
    /// Carries a call out and writes its results as one message; the capabilities that go with them
    /// are `given`. An exception goes to the caller instead. Of the capabilities that came with the
    /// call, those that are not taken are released.
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Serves calls to `endpoint` until no client can call any more. An error means that the endpoint
/// cannot be served.
pub fn serve<K: Kernel>(
    endpoint: &Endpoint<Ring<K>>,
    memory: &mut Memory,
    service: &mut impl Service<Ring<K>>,
) -> Result<(), CapError> {
    let ring = endpoint.cap().transport();
    let id = endpoint.cap().id();
    let Memory { receive, answer } = memory;
    let mut finished: Option<Finished> = None;
    loop {
        let received = match finished.take() {
            None => ring.receive(id, &mut receive.0),
            Some(finished) => {
                ring.answer_and_receive(id, finished.answer(&answer.0), &mut receive.0)
            }
        };
        let call = match received {
            Ok(call) => call,
            Err(CapError::Disconnected) => return Ok(()),
            // The caller has gone; nobody misses the answer.
            Err(CapError::StaleCall) => continue,
            Err(error) => return Err(error),
        };
        let mut given = Given::default();
        let done = carry_out(call, service, &mut answer.0, &mut given);
        finished = if given.is_empty() {
            Some(done)
        } else {
            hand_over(ring, done, &mut answer.0, given)?
        };
    }
}

/// A call whose answer lies in the answer buffer.
struct Finished {
    call_id: u32,
    length: usize,
    is_exception: bool,
}

impl Finished {
    fn answer<'a>(&self, buffer: &'a [u8]) -> Answer<'a> {
        Answer {
            call_id: self.call_id,
            message: buffer.get(..self.length).unwrap_or(&[]),
            is_exception: self.is_exception,
            transfers: &[],
        }
    }

    fn exception(call_id: u32, exception: &Exception, buffer: &mut [u8]) -> Self {
        Self {
            call_id,
            // The buffer has room for any exception.
            length: write_exception(exception, buffer).unwrap_or(0),
            is_exception: true,
        }
    }
}

/// Lets the service carry a call out. With an exception nothing is given.
fn carry_out<T: Transport>(
    call: Incoming<'_, T>,
    service: &mut impl Service<T>,
    buffer: &mut [u8],
    given: &mut Given<T>,
) -> Finished {
    let call_id = call.call_id;
    let mut message = MessageWriter::new(buffer);
    match service.call(call, &mut message, given) {
        Ok(()) => Finished {
            call_id,
            length: message.finish().len(),
            is_exception: false,
        },
        Err(exception) => {
            *given = Given::default();
            Finished::exception(call_id, &exception, buffer)
        }
    }
}

/// Answers with capabilities, in an entry of its own, so that its errors are not taken for those of
/// the next RECV. What could not be passed on is told to the caller by an exception, which is left.
fn hand_over<K: Kernel>(
    ring: Ring<K>,
    finished: Finished,
    buffer: &mut [u8],
    given: Given<Ring<K>>,
) -> Result<Option<Finished>, CapError> {
    let answer = Answer {
        transfers: given.transfers(),
        ..finished.answer(buffer)
    };
    match ring.answer(answer) {
        Ok(()) | Err(CapError::StaleCall) => Ok(None),
        Err(CapError::Busy) => Err(CapError::Busy),
        Err(_) => {
            let lost = Exception::new(CapExceptionType::Failed, "a capability cannot be passed on");
            Ok(Some(Finished::exception(finished.call_id, &lost, buffer)))
        }
    }
}

fn write_exception(exception: &Exception, buffer: &mut [u8]) -> Result<usize, WireError> {
    let mut message = MessageWriter::new(buffer);
    let mut writer = CapExceptionWriter::root(&mut message)?;
    writer.set_type(exception.kind);
    writer.set_reason(exception.reason())?;
    Ok(message.finish().len())
}

/// The exception for a method that the interface does not have.
pub fn no_such_method(interface: &str) -> Exception {
    unimplemented(interface, " has no such method")
}

/// The exception for a call through a client facet of another interface.
pub fn other_interface(interface: &str) -> Exception {
    unimplemented(interface, " is served here, and nothing else")
}

#[cold]
fn unimplemented(interface: &str, what: &str) -> Exception {
    Exception::of_parts(CapExceptionType::Unimplemented, [interface, what])
}

#[cfg(test)]
mod tests;
