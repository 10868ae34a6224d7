//! Several calls in one `cap_enter`.

use super::calls::{call_entry, reply};
use super::{Ring, Token};
use crate::error::Error;
use crate::system::Kernel;
use crate::transport::Reply;
use capos_abi::ring::{Cqe, SQ_ENTRIES, Sqe};
use capos_abi::syscall::WAIT_FOREVER;
use capos_abi::{CapError, CapId};

/// One call of a batch; it carries no capabilities.
pub struct Batched<'m> {
    /// The capability that is called.
    pub cap: CapId,
    /// The method's number.
    pub method: u16,
    /// The parameters, a whole message.
    pub params: &'m [u8],
    /// Where the results go.
    pub results: &'m mut [u8],
}

/// What became of the entries of a batch, in their order. Those that were not submitted, because the
/// ring was in use, have none.
type Completions = [Option<Cqe>; SQ_ENTRIES as usize];

impl<K: Kernel> Ring<K> {
    /// Submits at most 16 entries, waits for all of them in one `cap_enter`, and gives their
    /// completions.
    ///
    /// # Safety
    /// The memory that the entries name is valid and borrowed for the call.
    #[inline]
    pub unsafe fn carry_out_all(self, entries: impl Iterator<Item = Sqe>) -> Completions {
        let state = self.0;
        let mut done = [const { None }; SQ_ENTRIES as usize];
        if state.outstanding.get() != 0 {
            // SAFETY: by this function's contract.
            unsafe { self.carry_out_all_among_others(entries, &mut done) };
            return done;
        }
        // Nothing else is under way, so the queue has room and all completions to come are ours.
        let first = state.next_token.get();
        let mut left = 0;
        for sqe in entries.take(SQ_ENTRIES as usize) {
            state.put(sqe);
            left += 1;
        }
        while left > 0 {
            self.enter(left, WAIT_FOREVER);
            while let Some(cqe) = state.pop() {
                let place = cqe.user_data.wrapping_sub(first) as usize;
                if let Some(place) = done.get_mut(place) {
                    *place = Some(cqe);
                }
                left = left.saturating_sub(1);
            }
        }
        done
    }

    /// # Safety
    /// As for `carry_out_all`.
    #[cold]
    unsafe fn carry_out_all_among_others(
        self,
        entries: impl Iterator<Item = Sqe>,
        done: &mut Completions,
    ) {
        let mut tokens = [const { None }; SQ_ENTRIES as usize];
        for (sqe, token) in entries.zip(&mut tokens) {
            // SAFETY: every completion is taken before this returns.
            match unsafe { self.submit(sqe) } {
                Ok(made) => *token = Some(made),
                Err(_) => break,
            }
        }
        for (place, token) in done.iter_mut().zip(tokens) {
            *place = token.map(|token: Token| self.wait(token));
        }
    }

    /// Submits as many NOPs as a submission queue holds, and waits for all of them in one
    /// `cap_enter`. Returns how many have completed without an error.
    pub fn full_ring_of_nops(self) -> usize {
        let nops = core::iter::repeat_n(Sqe::default(), SQ_ENTRIES as usize);
        // SAFETY: a NOP names no memory.
        let done = unsafe { self.carry_out_all(nops) };
        let fine = |cqe: &&Cqe| cqe.result == 0;
        done.iter().flatten().filter(fine).count()
    }

    /// Makes at most 16 calls in one `cap_enter`, waits for all of them, and shows each answer with its
    /// call's place. What was not submitted because the ring is in use is shown as its error.
    #[inline]
    pub fn call_all(
        self,
        calls: &mut [Batched<'_>],
        mut show: impl FnMut(usize, Result<Reply<'_, Self>, Error>),
    ) {
        let entries = calls
            .iter_mut()
            .map(|call| call_entry(call.cap, call.method, call.params, &[], call.results));
        // SAFETY: the memory of the calls is borrowed until this returns.
        let done = unsafe { self.carry_out_all(entries) };
        for (place, (call, cqe)) in calls.iter_mut().zip(&done).enumerate() {
            let answer = match cqe {
                Some(cqe) => reply(self, cqe, call.results),
                None => Err(Error::Transport(CapError::Busy)),
            };
            show(place, answer);
        }
    }
}
