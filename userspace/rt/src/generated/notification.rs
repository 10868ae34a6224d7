//! `Notification`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::notification as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `Notification`.
    Notification of schema::INTERFACE_ID
}

impl<T: Transport> Notification<T> {
    /// Sets bits. They stay set until somebody takes them.
    #[inline]
    pub(crate) fn call_signal(&self, bits: u64, results: &mut [u8]) -> Result<(), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::signal::ParamsWriter::root(&mut message)?;
        writer.set_bits(bits);
        let params = message.finish();
        let method = schema::signal::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }

    /// Completes when a bit of the mask is set: takes the bits of the mask that are. At once if one
    /// is set already.
    #[inline]
    pub fn wait(&self, mask: u64) -> Result<u64, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::wait::ParamsWriter::root(&mut message)?;
        writer.set_mask(mask);
        let params = message.finish();
        let method = schema::wait::METHOD;
        let reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::wait::ResultsReader::read(reply.payload)?;
        Ok(results.bits())
    }

    /// Takes the bits of the mask that are set, be there any or none.
    #[inline]
    pub(crate) fn call_poll(&self, mask: u64, results: &mut [u8]) -> Result<u64, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::poll::ParamsWriter::root(&mut message)?;
        writer.set_mask(mask);
        let params = message.finish();
        let method = schema::poll::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::poll::ResultsReader::read(reply.payload)?;
        Ok(results.bits())
    }
}

/// What serves `Notification`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait NotificationService {
    /// Sets bits. They stay set until somebody takes them.
    fn signal(&mut self, bits: u64) -> Result<(), Exception>;

    /// Completes when a bit of the mask is set: takes the bits of the mask that are. At once if one
    /// is set already.
    fn wait(
        &mut self,
        mask: u64,
        results: schema::wait::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// Takes the bits of the mask that are set, be there any or none.
    fn poll(
        &mut self,
        mask: u64,
        results: schema::poll::ResultsWriter<'_>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `Notification`, hands them on, and encodes the results.
pub struct NotificationServer<S>(pub S);

impl<S: NotificationService, T: Transport> Service<T> for NotificationServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Notification"));
        }
        let _ = given;
        match call.method {
            schema::signal::METHOD => {
                let params = schema::signal::ParamsReader::read(call.payload)?;
                self.0.signal(params.bits())?;
                schema::signal::ResultsWriter::root(message)?;
            }
            schema::wait::METHOD => {
                let params = schema::wait::ParamsReader::read(call.payload)?;
                let results = schema::wait::ResultsWriter::root(message)?;
                self.0.wait(params.mask(), results)?;
            }
            schema::poll::METHOD => {
                let params = schema::poll::ParamsReader::read(call.payload)?;
                let results = schema::poll::ResultsWriter::root(message)?;
                self.0.poll(params.mask(), results)?;
            }
            _ => return Err(no_such_method("Notification")),
        }
        Ok(())
    }
}
