//! `Notification` and `Signaller`: bits that one sets and another takes. Their answers are one word, and
//! the kernel raises no exception, so that no more memory is cleared for them.

use super::{Notification, Signaller};
use crate::error::Error;
use crate::ring::{CallMemory, Pending, Ring};
use crate::system::Kernel;
use crate::transport::{Buffer, Transport};
use capos_abi::generated::notification::wait;
use capos_abi::wire::MessageWriter;

/// A message of one number.
const NUMBER: usize = 16;

impl<T: Transport> Notification<T> {
    /// Sets bits. They stay set until somebody takes them.
    #[inline]
    pub fn signal(&self, bits: u64) -> Result<(), Error> {
        self.call_signal(bits, &mut Buffer::<NUMBER>::zeroed().0)
    }

    /// Takes the bits of the mask that are set, be there any or none.
    #[inline]
    pub fn poll(&self, mask: u64) -> Result<u64, Error> {
        self.call_poll(mask, &mut Buffer::<NUMBER>::zeroed().0)
    }
}

impl<K: Kernel> Notification<Ring<K>> {
    /// Starts to wait, and goes on; [`bits`] reads the answer.
    pub fn start_wait(
        &self,
        mask: u64,
        memory: &'static mut CallMemory,
    ) -> Result<Pending<K>, Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        wait::ParamsWriter::root(&mut message)?.set_mask(mask);
        let cap = crate::client::Interface::cap(self);
        cap.transport()
            .start(cap.id(), wait::METHOD, message.finish(), memory)
    }
}

/// The bits in the answer of a [`Notification::start_wait`].
pub fn bits(payload: &[u8]) -> Result<u64, Error> {
    Ok(wait::ResultsReader::read(payload)?.bits())
}

impl<T: Transport> Signaller<T> {
    /// Sets bits.
    #[inline]
    pub fn signal(&self, bits: u64) -> Result<(), Error> {
        self.call_signal(bits, &mut Buffer::<NUMBER>::zeroed().0)
    }
}
