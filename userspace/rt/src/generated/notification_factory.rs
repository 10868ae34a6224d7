//! `NotificationFactory`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::client::{Notification, Signaller};
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::notification_factory as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `NotificationFactory`.
    NotificationFactory of schema::INTERFACE_ID
}

impl<T: Transport> NotificationFactory<T> {
    /// A new notification: a word of bits, all clear, and a facet of it that can only signal.
    #[inline]
    pub fn create(&self) -> Result<(Notification<T>, Signaller<T>), Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::create::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::create::METHOD;
        let mut reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::create::ResultsReader::read(reply.payload)?;
        Ok((
            reply.caps.client(results.notification()?)?,
            reply.caps.client(results.signaller()?)?,
        ))
    }
}

/// What serves `NotificationFactory`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait NotificationFactoryService<T: Transport> {
    /// A new notification: a word of bits, all clear, and a facet of it that can only signal.
    fn create(
        &mut self,
        results: schema::create::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `NotificationFactory`, hands them on, and encodes the results.
pub struct NotificationFactoryServer<S>(pub S);

impl<S: NotificationFactoryService<T>, T: Transport> Service<T> for NotificationFactoryServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("NotificationFactory"));
        }
        match call.method {
            schema::create::METHOD => {
                schema::create::ParamsReader::read(call.payload)?;
                let results = schema::create::ResultsWriter::root(message)?;
                self.0.create(results, given)?;
            }
            _ => return Err(no_such_method("NotificationFactory")),
        }
        Ok(())
    }
}
