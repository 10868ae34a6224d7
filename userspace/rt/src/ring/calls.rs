//! CALL: waited for, or started and waited for later.

use super::{Ring, Token, length, split};
use crate::error::{Error, Exception};
use crate::system::{Kernel, System};
use crate::transport::{Call, Received, Reply, SmallBuffer, Transport};
use capos_abi::limits::TRANSFERS;
use capos_abi::message::RECORD_BYTES;
use capos_abi::ring::{Cqe, Sqe, op};
use capos_abi::wire::WireError;
use capos_abi::{CapError, CapId};

/// Memory of a call that is not waited for. It is taken for good: a program that forgets its
/// [`Pending`] must not get memory back that the kernel still writes to.
pub struct CallMemory {
    params: SmallBuffer,
    results: SmallBuffer,
}

impl CallMemory {
    /// Zeros.
    pub const ZERO: Self = Self {
        params: SmallBuffer::ZERO,
        results: SmallBuffer::ZERO,
    };
}

/// A call on its way, while its caller does something else.
pub struct Pending<K: Kernel + 'static = System> {
    ring: Ring<K>,
    token: Token,
    results: &'static mut SmallBuffer,
}

impl<K: Kernel> Pending<K> {
    /// Ends the call before it is answered; it then completes with `Cancelled`.
    pub fn cancel(&self) -> Result<(), CapError> {
        self.ring.cancel(self.token)
    }

    /// Waits for the answer.
    pub fn wait(self) -> Result<Reply<'static, Ring<K>>, Error> {
        let cqe = self.ring.wait(self.token);
        reply(self.ring, cqe, &self.results.0)
    }
}

impl<K: Kernel> Ring<K> {
    /// Starts a call of a method without capabilities, and goes on. Its parameters are copied into
    /// `memory`.
    pub fn start(
        self,
        cap: CapId,
        method: u16,
        params: &[u8],
        memory: &'static mut CallMemory,
    ) -> Result<Pending<K>, Error> {
        let copy = memory.params.0.get_mut(..params.len());
        let copy = copy.ok_or(Error::Message(WireError::Full))?;
        copy.copy_from_slice(params);
        let results = &mut memory.results;
        let sqe = call_entry(cap, method, copy, &[], &mut results.0);
        // SAFETY: the entry names static memory that nobody else can have any more.
        let token = unsafe { self.submit(sqe) }.map_err(Error::Transport)?;
        Ok(Pending {
            ring: self,
            token,
            results,
        })
    }
}

impl<K: Kernel> Transport for Ring<K> {
    #[inline]
    fn call<'r>(self, call: Call<'_>, results: &'r mut [u8]) -> Result<Reply<'r, Self>, Error> {
        if !call.transfers.is_empty() {
            return call_with_transfers(self, call, results);
        }
        let sqe = call_entry(call.cap, call.method, call.params, &[], results);
        // SAFETY: parameters and results are borrowed until this returns.
        let cqe = unsafe { self.carry_out(sqe) }.map_err(Error::Transport)?;
        reply(self, cqe, results)
    }

    fn release(self, cap: CapId) {
        // SAFETY: a RELEASE names no memory.
        let _ = unsafe {
            self.carry_out(Sqe {
                opcode: op::RELEASE,
                cap: cap.0,
                ..Sqe::default()
            })
        };
    }
}

/// A call that carries capabilities.
#[inline(never)]
fn call_with_transfers<'r, K: Kernel>(
    ring: Ring<K>,
    call: Call<'_>,
    results: &'r mut [u8],
) -> Result<Reply<'r, Ring<K>>, Error> {
    let mut list = [[0; RECORD_BYTES]; TRANSFERS];
    let list = list
        .get_mut(..call.transfers.len())
        .ok_or(Error::Transport(CapError::Transfer))?;
    list.iter_mut()
        .zip(call.transfers)
        .for_each(|(to, from)| *to = from.to_bytes());
    let sqe = call_entry(call.cap, call.method, call.params, list, results);
    // SAFETY: parameters, list and results are borrowed until this returns.
    let cqe = unsafe { ring.carry_out(sqe) }.map_err(Error::Transport)?;
    reply(ring, cqe, results)
}

/// A CALL. The entry names the memory of the slices: they stay borrowed until its completion.
#[inline]
pub(super) fn call_entry(
    cap: CapId,
    method: u16,
    params: &[u8],
    list: &[[u8; RECORD_BYTES]],
    results: &mut [u8],
) -> Sqe {
    Sqe {
        opcode: op::CALL,
        method,
        cap: cap.0,
        addr: params.as_ptr() as u64,
        len: length(params),
        result_addr: results.as_mut_ptr() as u64,
        result_len: length(results),
        xfer_addr: if list.is_empty() {
            0
        } else {
            list.as_ptr() as u64
        },
        xfer_count: list.len() as u16,
        ..Sqe::default()
    }
}

/// What the completion of a CALL means.
#[inline]
pub(super) fn reply<'r, K: Kernel>(
    ring: Ring<K>,
    cqe: Cqe,
    results: &'r [u8],
) -> Result<Reply<'r, Ring<K>>, Error> {
    let parts = split(results, cqe.payload_len, cqe.cap_count);
    if cqe.result < 0 {
        return Err(failure(cqe.result, parts.map(|(message, _)| message)));
    }
    let (payload, records) = parts.ok_or(Error::Message(WireError::Bounds))?;
    Ok(Reply {
        payload,
        caps: Received::new(records, ring),
    })
}

/// Why a call has no results; an exception is a message.
#[cold]
fn failure(result: i32, message: Option<&[u8]>) -> Error {
    match (Error::from_result(result), message) {
        (Error::Transport(CapError::ApplicationException), Some(message)) => {
            Exception::read(message).map_or_else(Error::Message, Error::Exception)
        }
        (error, _) => error,
    }
}
