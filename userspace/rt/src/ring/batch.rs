//! Several calls in one `cap_enter`.

use super::{Ring, Token};
use crate::error::Error;
use crate::system::Kernel;
use crate::transport::Reply;
use capos_abi::CapId;
use capos_abi::ring::SQ_ENTRIES;
use capos_abi::syscall::WAIT_FOREVER;

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

impl<K: Kernel> Ring<K> {
    /// Makes at most 16 calls in one `cap_enter`, waits for all of them, and shows each answer with its
    /// call's place. What was not submitted because the ring is in use is shown as its error.
    pub fn call_all(
        self,
        calls: &mut [Batched<'_>],
        mut show: impl FnMut(usize, Result<Reply<'_, Self>, Error>),
    ) {
        const NONE: Option<Token> = None;
        let mut tokens = [NONE; SQ_ENTRIES as usize];
        let mut submitted = 0;
        for (call, token) in calls.iter_mut().zip(&mut tokens) {
            let sqe =
                super::calls::call_entry(call.cap, call.method, call.params, &[], call.results);
            // SAFETY: every completion is taken before this returns, and the memory is borrowed for so
            // long.
            match unsafe { self.submit(sqe) } {
                Ok(made) => {
                    *token = Some(made);
                    submitted += 1;
                }
                Err(_) => break,
            }
        }
        self.enter(submitted, WAIT_FOREVER);
        for (place, (call, token)) in calls.iter_mut().zip(tokens).enumerate() {
            let answer = match token {
                Some(token) => super::calls::reply(self, &self.wait(token), call.results),
                None => Err(Error::Transport(capos_abi::CapError::Busy)),
            };
            show(place, answer);
        }
    }
}
