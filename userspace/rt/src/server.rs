//! The loop of a server: one call after the other, each answered exactly once.

mod store;

pub use store::{Store, StoreServer};

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
    /// Carries a call out, writes its results as one message to the start of `answer`, and returns
    /// the message's length. An exception goes to the caller.
    fn call(&mut self, call: Incoming<'_, T>, answer: &mut [u8]) -> Result<usize, Exception>;
}

/// Serves calls to `endpoint` until no client can call any more. Capabilities that came with a call
/// and that the service did not take are released. An error means that the endpoint cannot be served.
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
            Some(Finished {
                call_id,
                length,
                is_exception,
            }) => {
                let message = answer.0.get(..length).unwrap_or(&[]);
                let answer = Answer {
                    call_id,
                    message,
                    is_exception,
                    transfers: &[],
                };
                ring.answer_and_receive(id, answer, &mut receive.0)
            }
        };
        let call = match received {
            Ok(call) => call,
            Err(CapError::Disconnected) => return Ok(()),
            // The caller has gone; nobody misses the answer.
            Err(CapError::StaleCall) => continue,
            Err(error) => return Err(error),
        };
        let call_id = call.call_id;
        finished = Some(match service.call(call, &mut answer.0) {
            Ok(length) => Finished {
                call_id,
                length,
                is_exception: false,
            },
            Err(exception) => {
                // The buffer has room for any exception.
                let length = write_exception(&exception, &mut answer.0).unwrap_or(0);
                Finished {
                    call_id,
                    length,
                    is_exception: true,
                }
            }
        });
    }
}

/// A call whose answer lies in the answer buffer.
struct Finished {
    call_id: u32,
    length: usize,
    is_exception: bool,
}

fn write_exception(exception: &Exception, buffer: &mut [u8]) -> Result<usize, WireError> {
    let mut message = MessageWriter::new(buffer);
    let mut writer = CapExceptionWriter::root(&mut message)?;
    writer.set_type(exception.kind);
    writer.set_reason(exception.reason())?;
    Ok(message.finish().len())
}

/// The exception for a message that breaks the schema.
fn malformed(_: WireError) -> Exception {
    Exception::new(
        CapExceptionType::InvalidArgument,
        "the parameters are malformed",
    )
}

/// The exception for results that do not fit.
fn too_long(_: WireError) -> Exception {
    Exception::new(CapExceptionType::Failed, "the results do not fit a message")
}
