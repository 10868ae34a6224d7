//! RECV and RETURN_RECV: the server's side of an endpoint.

use super::{Ring, length, split};
use crate::system::Kernel;
use crate::transport::{Received, Transport};
use capos_abi::limits::TRANSFERS;
use capos_abi::message::{RECORD_BYTES, RECV_HEADER_BYTES, RecvHeader, TransferDescriptor};
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
    /// The capabilities that go with it; `message` names them by their place here. What moves is the
    /// caller's when the answer succeeds.
    pub transfers: &'a [TransferDescriptor],
}

impl<K: Kernel> Ring<K> {
    /// Waits for a call to `endpoint`, whose owner side this program holds. `Disconnected` when no
    /// client can call any more.
    #[inline]
    pub fn receive<'m>(
        self,
        endpoint: CapId,
        buffer: &'m mut [u8],
    ) -> Result<Incoming<'m, Self>, CapError> {
        self.received(receive(op::RECV, endpoint, buffer), buffer)
    }

    /// Answers a call and waits for the next one. If the answer fails, there is no waiting.
    #[inline]
    pub fn answer_and_receive<'m>(
        self,
        endpoint: CapId,
        answer: Answer<'_>,
        buffer: &'m mut [u8],
    ) -> Result<Incoming<'m, Self>, CapError> {
        let mut sqe = receive(op::RETURN_RECV, endpoint, buffer);
        if answer.transfers.is_empty() {
            describe(&mut sqe, &answer);
            return self.received(sqe, buffer);
        }
        let mut list = [[0; RECORD_BYTES]; TRANSFERS];
        describe_with_transfers(&mut sqe, &answer, &mut list)?;
        self.received(sqe, buffer)
    }

    /// Answers a call. The caller gets it even if it cannot take it: that is not this program's error.
    pub fn answer(self, answer: Answer<'_>) -> Result<(), CapError> {
        let mut sqe = Sqe {
            opcode: op::RETURN,
            ..Sqe::default()
        };
        let mut list = [[0; RECORD_BYTES]; TRANSFERS];
        describe_with_transfers(&mut sqe, &answer, &mut list)?;
        // SAFETY: the entry names the answer, which the caller borrows, and the list, which lives
        // until the completion was taken.
        let cqe = unsafe { self.carry_out(sqe) }?;
        match CapError::from_result(cqe.result) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    #[inline]
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

/// Makes an entry name an answer that carries no capabilities.
#[inline]
fn describe(sqe: &mut Sqe, answer: &Answer<'_>) {
    if answer.is_exception {
        sqe.flags |= flag::EXCEPTION;
    }
    sqe.pipeline_dep = answer.call_id;
    sqe.addr = answer.message.as_ptr() as u64;
    sqe.len = length(answer.message);
}

/// Makes an entry name an answer and its capabilities, which are listed in `list`.
fn describe_with_transfers(
    sqe: &mut Sqe,
    answer: &Answer<'_>,
    list: &mut [[u8; RECORD_BYTES]; TRANSFERS],
) -> Result<(), CapError> {
    describe(sqe, answer);
    let count = answer.transfers.len();
    let used = list.get_mut(..count).ok_or(CapError::Transfer)?;
    let both = used.iter_mut().zip(answer.transfers);
    both.for_each(|(to, from)| *to = from.to_bytes());
    sqe.xfer_addr = if count > 0 { list.as_ptr() as u64 } else { 0 };
    sqe.xfer_count = count as u16;
    Ok(())
}

#[inline]
fn receive(opcode: u8, endpoint: CapId, buffer: &mut [u8]) -> Sqe {
    Sqe {
        opcode,
        cap: endpoint.0,
        result_addr: buffer.as_mut_ptr() as u64,
        result_len: length(buffer),
        ..Sqe::default()
    }
}
