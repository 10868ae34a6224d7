//! The ring: submitting entries, waiting for their completions.
//!
//! Whatever order completions come in, each reaches the one who waits for it: those of others are
//! kept. At most as many entries are outstanding as the completion queue holds, so there is always
//! room to keep them.
#![allow(unsafe_code)]

use crate::error::{Error, Exception};
use crate::once::Once;
use crate::page::Page;
use crate::system::{Kernel, NO_RING, System};
use crate::transport::{Call, Received, Reply, Transport};
use capos_abi::limits::TRANSFERS;
use capos_abi::message::{RECORD_BYTES, RECV_HEADER_BYTES, RecvHeader, padded};
use capos_abi::ring::{CQ_ENTRIES, Cqe, SQ_ENTRIES, Sqe, at, flag, op};
use capos_abi::syscall::WAIT_FOREVER;
use capos_abi::wire::WireError;
use capos_abi::{CapError, CapId};
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// The ring of a program's thread. Copies are the same ring.
pub struct Ring<K: Kernel + 'static = System>(&'static State<K>);

impl<K: Kernel> Clone for Ring<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kernel> Copy for Ring<K> {}

/// What this side of a ring remembers. The indices are our own; only the kernel's are read from the
/// page.
pub(crate) struct State<K> {
    page: Page,
    kernel: K,
    sq_tail: Cell<u32>,
    cq_head: Cell<u32>,
    next_token: Cell<u64>,
    outstanding: Cell<u32>,
    kept: [Cell<Option<Cqe>>; CQ_ENTRIES as usize],
}

/// Names a submitted entry until its completion is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u64);

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

/// The first thread's ring, for the panic path, which has nobody to be given it by.
static FIRST: AtomicPtr<State<System>> = AtomicPtr::new(ptr::null_mut());

impl Ring<System> {
    /// Makes the ring of the program's first thread; `None` if the page is no ring, or the second
    /// time.
    ///
    /// # Safety
    /// `page` is the ring page that the kernel passed at entry, and nothing else uses it.
    #[cfg_attr(not(target_os = "none"), expect(dead_code, reason = "entry calls it"))]
    pub(crate) unsafe fn first(page: NonNull<u8>) -> Option<Self> {
        static STATE: Once<MaybeUninit<State<System>>> = Once::new(MaybeUninit::uninit());
        // SAFETY: the caller vouches for the page.
        let page = unsafe { Page::new(page) }?;
        let state = STATE.take()?.write(State::new(page, System));
        FIRST.store(state, Ordering::Release);
        Some(Ring(state))
    }

    /// The ring that `first` made. Only for the thread that it belongs to.
    #[cfg_attr(
        not(target_os = "none"),
        expect(dead_code, reason = "the panic path calls it")
    )]
    pub(crate) fn of_this_thread() -> Option<Self> {
        // SAFETY: null, or what `first` stored: a static that is never written again. Programs have
        // one thread as long as there is no ThreadSpawner, so its cells are not shared.
        unsafe { FIRST.load(Ordering::Acquire).as_ref() }.map(Ring)
    }
}

impl<K> State<K> {
    fn new(page: Page, kernel: K) -> Self {
        Self {
            page,
            kernel,
            sq_tail: Cell::new(0),
            cq_head: Cell::new(0),
            next_token: Cell::new(1),
            outstanding: Cell::new(0),
            kept: [const { Cell::new(None) }; CQ_ENTRIES as usize],
        }
    }
}

impl<K: Kernel> Ring<K> {
    /// Puts an entry into the submission queue; its `user_data` is set here. The kernel takes it with
    /// the next `cap_enter`. `Busy` when too much is outstanding.
    ///
    /// # Safety
    /// The memory that the entry names stays valid, and is not used otherwise, until the completion
    /// has been taken.
    pub unsafe fn submit(self, mut sqe: Sqe) -> Result<Token, CapError> {
        let state = self.0;
        if state.outstanding.get() >= CQ_ENTRIES {
            return Err(CapError::Busy);
        }
        if self.is_full() {
            self.enter(0, 0);
            if self.is_full() {
                return Err(CapError::Busy);
            }
        }
        let token = state.next_token.get();
        sqe.user_data = token;
        let tail = state.sq_tail.get();
        state.page.write_sqe(tail, &sqe);
        state.sq_tail.set(tail.wrapping_add(1));
        state.page.store(at::SQ_TAIL, tail.wrapping_add(1));
        state.next_token.set(token.wrapping_add(1));
        state
            .outstanding
            .set(state.outstanding.get().saturating_add(1));
        Ok(Token(token))
    }

    /// Waits for the completion of an entry and takes it.
    pub fn wait(self, token: Token) -> Cqe {
        loop {
            if let Some(cqe) = self.take(token) {
                return cqe;
            }
            self.enter(1, WAIT_FOREVER);
        }
    }

    /// Takes the completion of an entry, if it has come.
    pub fn take(self, token: Token) -> Option<Cqe> {
        let state = self.0;
        let waiting = state
            .kept
            .iter()
            .find(|place| place.get().is_some_and(|cqe| cqe.user_data == token.0));
        let found = match waiting {
            Some(place) => place.take(),
            None => self.drain_until(token),
        };
        if found.is_some() {
            state
                .outstanding
                .set(state.outstanding.get().saturating_sub(1));
        }
        found
    }

    /// Submits an entry and waits for it.
    ///
    /// # Safety
    /// The memory that the entry names is valid and borrowed for the call.
    pub unsafe fn carry_out(self, sqe: Sqe) -> Result<Cqe, CapError> {
        // SAFETY: the completion is taken before this returns.
        let token = unsafe { self.submit(sqe) }?;
        Ok(self.wait(token))
    }

    /// Submits as many NOPs as a submission queue holds, and waits for all of them in one
    /// `cap_enter`. Returns how many have completed without an error.
    pub fn full_ring_of_nops(self) -> Result<usize, CapError> {
        let mut tokens = [Token(0); SQ_ENTRIES as usize];
        for token in &mut tokens {
            // SAFETY: a NOP names no memory.
            *token = unsafe {
                self.submit(Sqe {
                    opcode: op::NOP,
                    ..Sqe::default()
                })
            }?;
        }
        self.enter(SQ_ENTRIES, WAIT_FOREVER);
        Ok(tokens
            .into_iter()
            .filter(|token| self.take(*token).is_some_and(|cqe| cqe.result == 0))
            .count())
    }

    /// Waits for something that does not come. Costs no processor time.
    pub fn sleep_for_ever(self) -> ! {
        loop {
            self.enter(1, WAIT_FOREVER);
        }
    }

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

    fn is_full(self) -> bool {
        let taken = self.0.page.load(at::SQ_HEAD);
        self.0.sq_tail.get().wrapping_sub(taken) >= SQ_ENTRIES
    }

    /// Takes completions off the queue until one is `token`'s; the others are kept.
    fn drain_until(self, token: Token) -> Option<Cqe> {
        let state = self.0;
        while state.cq_head.get() != state.page.load(at::CQ_TAIL) {
            let head = state.cq_head.get();
            let cqe = state.page.read_cqe(head);
            state.cq_head.set(head.wrapping_add(1));
            state.page.store(at::CQ_HEAD, head.wrapping_add(1));
            if cqe.user_data == token.0 {
                return Some(cqe);
            }
            // No more are outstanding than there are places.
            if let Some(place) = state.kept.iter().find(|place| place.get().is_none()) {
                place.set(Some(cqe));
            }
        }
        None
    }

    /// `cap_enter`. Its errors mean that ring and kernel no longer agree; the program ends, because
    /// it can no longer know which memory the kernel still writes to.
    fn enter(self, min_complete: u32, timeout_ns: u64) {
        if self.0.kernel.enter(min_complete, timeout_ns) < 0 {
            self.0.kernel.exit(NO_RING);
        }
    }
}

impl<K: Kernel> Transport for Ring<K> {
    fn call<'r>(self, call: Call<'_>, results: &'r mut [u8]) -> Result<Reply<'r, Self>, Error> {
        let mut list = [[0; RECORD_BYTES]; TRANSFERS];
        let list = list
            .get_mut(..call.transfers.len())
            .ok_or(Error::Transport(CapError::Transfer))?;
        list.iter_mut()
            .zip(call.transfers)
            .for_each(|(to, from)| *to = from.to_bytes());
        let sqe = Sqe {
            opcode: op::CALL,
            method: call.method,
            cap: call.cap.0,
            addr: call.params.as_ptr() as u64,
            len: length(call.params),
            result_addr: results.as_mut_ptr() as u64,
            result_len: length(results),
            xfer_addr: if list.is_empty() {
                0
            } else {
                list.as_ptr() as u64
            },
            xfer_count: list.len() as u16,
            ..Sqe::default()
        };
        // SAFETY: parameters, list and results are borrowed until this returns.
        let cqe = unsafe { self.carry_out(sqe) }.map_err(Error::Transport)?;
        let parts = split(results, cqe.payload_len, cqe.cap_count);
        if cqe.result >= 0 {
            let (payload, records) = parts.ok_or(Error::Message(WireError::Bounds))?;
            return Ok(Reply {
                payload,
                caps: Received::new(records, self),
            });
        }
        match (Error::from_result(cqe.result), parts) {
            (Error::Transport(CapError::ApplicationException), Some((message, _))) => {
                Err(Exception::read(message).map_or_else(Error::Message, Error::Exception))
            }
            (error, _) => Err(error),
        }
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

fn receive(opcode: u8, endpoint: CapId, buffer: &mut [u8]) -> Sqe {
    Sqe {
        opcode,
        cap: endpoint.0,
        result_addr: buffer.as_mut_ptr() as u64,
        result_len: length(buffer),
        ..Sqe::default()
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// A message and the capability records behind it.
fn split(bytes: &[u8], payload: u32, caps: u16) -> Option<(&[u8], &[[u8; RECORD_BYTES]])> {
    let message = bytes.get(..payload as usize)?;
    if caps == 0 {
        return Some((message, &[]));
    }
    let (records, _) = bytes.get(padded(message.len())..)?.as_chunks();
    Some((message, records.get(..usize::from(caps))?))
}

#[cfg(test)]
mod tests;
