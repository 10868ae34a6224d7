//! RECV and RETURN_RECV: the server's side of an endpoint.

use super::{Ring, length, split};
use crate::system::Kernel;
use crate::transport::{Received, Transport};
use capos_abi::message::{RECV_HEADER_BYTES, RecvHeader};
use capos_abi::ring::{Sqe, flag, op};
use capos_abi::{CapError, CapId};

/// A call that a server has received.
pub struct Incoming<'m, T: Transport> {
    /// Names the call in its answer.
    pub call_id: u32,
    /// The method's number.
    pub method: u16,
    /// The interface that the client facet was made with.
    pub interface_id: u64,
    /// The parameters, a whole message.
    pub payload: &'m [u8],
    /// The capabilities that came with it.
    pub caps: Received<'m, T>,
}

/// The answer to a call.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The call that it answers.
    pub call_id: u32,
    /// The results or the exception, a whole message.
    pub message: &'a [u8],
    /// True if `message` is a CapException.
    pub is_exception: bool,
}

impl<K: Kernel> Ring<K> {
    /// Waits for a call to `endpoint`, whose owner side this program holds. `Disconnected` when no
    /// client can call any more.
    pub fn receive<'m>(
        self,
        endpoint: CapId,
        buffer: &'m mut [u8],
    ) -> Result<Incoming<'m, Self>, CapError> {
        self.received(receive(op::RECV, endpoint, buffer), buffer)
    }

    /// Answers a call and waits for the next one. If the answer fails, there is no waiting.
    pub fn answer_and_receive<'m>(
        self,
        endpoint: CapId,
        answer: Answer<'_>,
        buffer: &'m mut [u8],
    ) -> Result<Incoming<'m, Self>, CapError> {
        let mut sqe = receive(op::RETURN_RECV, endpoint, buffer);
        sqe.flags = if answer.is_exception {
            flag::EXCEPTION
        } else {
            0
        };
        sqe.pipeline_dep = answer.call_id;
        sqe.addr = answer.message.as_ptr() as u64;
        sqe.len = length(answer.message);
        self.received(sqe, buffer)
    }

    fn received(self, sqe: Sqe, buffer: &mut [u8]) -> Result<Incoming<'_, Self>, CapError> {
        // SAFETY: the entry names the buffer, which is borrowed mutably until this returns, and the
        // answer, which the caller borrows.
        let cqe = unsafe { self.carry_out(sqe) }?;
        if cqe.result < 0 {
            return Err(CapError::from_result(cqe.result).unwrap_or(CapError::Unsupported));
        }
        let (header, rest) = buffer
            .split_first_chunk::<RECV_HEADER_BYTES>()
            .ok_or(CapError::Buffer)?;
        let header = RecvHeader::from_bytes(header);
        let (payload, records) =
            split(rest, header.payload_len, header.cap_count).ok_or(CapError::Buffer)?;
        Ok(Incoming {
            call_id: header.call_id,
            method: header.method,
            interface_id: header.interface_id,
            payload,
            caps: Received::new(records, self),
        })
    }
}

fn receive(opcode: u8, endpoint: CapId, buffer: &mut [u8]) -> Sqe {
    Sqe {
        opcode,
        cap: endpoint.0,
        result_addr: buffer.as_mut_ptr() as u64,
        result_len: length(buffer),
        ..Sqe::default()
    }
}
