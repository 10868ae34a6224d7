//! Several calls in one `cap_enter`.

use super::calls::{call_entry, reply};
use super::{Ring, Tokens};
use crate::error::Error;
use crate::system::Kernel;
use crate::transport::Reply;
use capos_abi::ring::{Cqe, SQ_ENTRIES, Sqe};
use capos_abi::{CapError, CapId};
use core::iter;

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

/// Entries that were submitted together: gives their completions as they come, each with its entry's
/// place among them.
struct Batch<K: Kernel + 'static> {
    ring: Ring<K>,
    tokens: Tokens,
    /// Entries whose completions were not taken.
    left: u32,
}

impl<K: Kernel> Iterator for Batch<K> {
    type Item = (usize, Cqe);

    // In line: a call would hand each completion back through memory.
    #[inline(always)]
    fn next(&mut self) -> Option<(usize, Cqe)> {
        let left = self.left;
        self.left = left.checked_sub(1)?;
        Some(self.ring.wait_for(self.tokens, left))
    }
}

impl<K: Kernel> Ring<K> {
    /// Submits at most 16 entries, to be waited for in one `cap_enter`. `Busy` where there is no room
    /// for all of them, and then none is submitted.
    ///
    /// # Safety
    /// The memory that the entries name stays valid, and is not used otherwise, until the batch has
    /// given their completions.
    #[inline]
    unsafe fn submit_all(
        self,
        entries: impl ExactSizeIterator<Item = Sqe>,
    ) -> Result<Batch<K>, CapError> {
        let left = u32::try_from(entries.len()).map_err(|_| CapError::Busy)?;
        if !self.has_room(left) {
            return Err(CapError::Busy);
        }
        let outstanding = &self.0.outstanding;
        outstanding.set(outstanding.get().wrapping_add(left));
        Ok(Batch {
            ring: self,
            tokens: self.0.put_all(entries),
            left,
        })
    }

    /// Submits as many NOPs as a submission queue holds, and waits for all of them in one
    /// `cap_enter`. Returns how many have completed without an error.
    pub fn full_ring_of_nops(self) -> usize {
        let nops = iter::repeat_n(Sqe::default(), SQ_ENTRIES as usize);
        // SAFETY: a NOP names no memory.
        let batch = unsafe { self.submit_all(nops) };
        let fine = |(_, cqe): &(usize, Cqe)| cqe.result == 0;
        batch.map_or(0, |batch| batch.filter(fine).count())
    }

    /// Makes at most 16 calls in one `cap_enter`, waits for all of them, and shows each answer, in the
    /// order in which they came, with its call's place. `Busy` where the ring has no room for all of
    /// them, and then none is made.
    #[inline]
    pub fn call_all(
        self,
        calls: &mut [Batched<'_>],
        mut show: impl FnMut(usize, Result<Reply<'_, Self>, Error>),
    ) -> Result<(), Error> {
        let entries = calls
            .iter_mut()
            .map(|call| call_entry(call.cap, call.method, call.params, &[], call.results));
        // SAFETY: the memory of the calls is borrowed until this returns, and what a call is given is
        // used when its completion was taken. All are taken: a program that panics meanwhile ends.
        let batch = unsafe { self.submit_all(entries) }.map_err(Error::Transport)?;
        for (place, cqe) in batch {
            if let Some(call) = calls.get(place) {
                show(place, reply(self, cqe, call.results));
            }
        }
        Ok(())
    }
}
