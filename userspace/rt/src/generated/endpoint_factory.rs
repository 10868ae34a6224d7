//! `EndpointFactory`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::cap::Cap;
use crate::client::Endpoint;
use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::endpoint_factory as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `EndpointFactory`.
    EndpointFactory of schema::INTERFACE_ID
}

impl<T: Transport> EndpointFactory<T> {
    /// A new endpoint: its owner side, and a client facet of the given interface that can only CALL.
    #[inline]
    pub fn create(&self, interface_id: u64) -> Result<(Endpoint<T>, Cap<T>), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::create::ParamsWriter::root(&mut message)?;
        writer.set_interface_id(interface_id);
        let params = message.finish();
        let method = schema::create::METHOD;
        let mut reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::create::ResultsReader::read(reply.payload)?;
        Ok((
            reply.caps.client(results.endpoint()?)?,
            reply.caps.take(results.client()?)?,
        ))
    }
}

/// What serves `EndpointFactory`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait EndpointFactoryService<T: Transport> {
    /// A new endpoint: its owner side, and a client facet of the given interface that can only CALL.
    fn create(
        &mut self,
        interface_id: u64,
        results: schema::create::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `EndpointFactory`, hands them on, and encodes the results.
pub struct EndpointFactoryServer<S>(pub S);

impl<S: EndpointFactoryService<T>, T: Transport> Service<T> for EndpointFactoryServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("EndpointFactory"));
        }
        match call.method {
            schema::create::METHOD => {
                let params = schema::create::ParamsReader::read(call.payload)?;
                let results = schema::create::ResultsWriter::root(message)?;
                self.0.create(params.interface_id(), results, given)?;
            }
            _ => return Err(no_such_method("EndpointFactory")),
        }
        Ok(())
    }
}
