//! `NotificationFactory`, `Notification` and `Signaller`: bits that one sets and another takes.

use super::client;
use crate::error::Error;
use crate::ring::{CallMemory, Pending, Ring};
use crate::system::Kernel;
use crate::transport::{Buffer, SmallBuffer, Transport};
use capos_abi::generated::notification::{poll, signal, wait};
use capos_abi::generated::notification_factory::create;
use capos_abi::generated::signaller;
use capos_abi::wire::{MessageWriter, WireError};

client! {
    /// Makes notifications.
    NotificationFactory of notification_factory
}

client! {
    /// A word of bits, to wait for and to set.
    Notification of notification
}

client! {
    /// Sets bits of a notification, and can do nothing else.
    Signaller of signaller
}

/// Root pointer and one number.
const NUMBER: usize = 16;

impl<T: Transport> NotificationFactory<T> {
    /// A new notification, all bits clear, and a facet that can only signal it.
    pub fn create(&self) -> Result<(Notification<T>, Signaller<T>), Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        create::ParamsWriter::root(&mut message)?;
        let mut results = SmallBuffer::ZERO;
        let mut reply = self
            .0
            .call(create::METHOD, message.finish(), &[], &mut results.0)?;
        let made = create::ResultsReader::read(reply.payload)?;
        let notification = reply.caps.take(made.notification()?)?.typed()?;
        Ok((notification, reply.caps.take(made.signaller()?)?.typed()?))
    }
}

impl<T: Transport> Notification<T> {
    /// Sets bits.
    #[inline]
    pub fn signal(&self, bits: u64) -> Result<(), Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        signal::ParamsWriter::root(&mut message)?.set_bits(bits);
        let mut results = Buffer::<NUMBER>::ZERO;
        self.0
            .call(signal::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(())
    }

    /// Waits until a bit of `mask` is set, and takes those that are.
    pub fn wait(&self, mask: u64) -> Result<u64, Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut results = SmallBuffer::ZERO;
        let params = mask_message(&mut params.0, mask)?;
        let reply = self.0.call(wait::METHOD, params, &[], &mut results.0)?;
        Ok(wait::ResultsReader::read(reply.payload)?.bits())
    }

    /// Takes the bits of `mask` that are set now.
    #[inline]
    pub fn poll(&self, mask: u64) -> Result<u64, Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut results = Buffer::<NUMBER>::ZERO;
        let params = mask_message(&mut params.0, mask)?;
        let reply = self.0.call(poll::METHOD, params, &[], &mut results.0)?;
        Ok(poll::ResultsReader::read(reply.payload)?.bits())
    }
}

impl<K: Kernel> Notification<Ring<K>> {
    /// Starts to wait for a bit of `mask`, and goes on; [`bits`] reads what comes.
    pub fn start_wait(
        &self,
        mask: u64,
        memory: &'static mut CallMemory,
    ) -> Result<Pending<K>, Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let params = mask_message(&mut params.0, mask)?;
        let cap = &self.0;
        cap.transport()
            .start(cap.id(), wait::METHOD, params, memory)
    }
}

/// The bits of a wait that was started.
pub fn bits(payload: &[u8]) -> Result<u64, Error> {
    Ok(wait::ResultsReader::read(payload)?.bits())
}

#[inline]
fn mask_message(buffer: &mut [u8], mask: u64) -> Result<&[u8], WireError> {
    let mut message = MessageWriter::new(buffer);
    wait::ParamsWriter::root(&mut message)?.set_mask(mask);
    Ok(message.finish())
}

impl<T: Transport> Signaller<T> {
    /// Sets bits.
    #[inline]
    pub fn signal(&self, bits: u64) -> Result<(), Error> {
        let mut params = Buffer::<NUMBER>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        signaller::signal::ParamsWriter::root(&mut message)?.set_bits(bits);
        let mut results = Buffer::<NUMBER>::ZERO;
        self.0.call(
            signaller::signal::METHOD,
            message.finish(),
            &[],
            &mut results.0,
        )?;
        Ok(())
    }
}
