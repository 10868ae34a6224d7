//! `EndpointFactory` and `Endpoint`: making a service's own interface.

use super::client;
use crate::cap::Cap;
use crate::error::Error;
use crate::transport::{Buffer, Transport};
use capos_abi::generated::endpoint_factory::create;
use capos_abi::wire::MessageWriter;

client! {
    /// Makes endpoints.
    EndpointFactory of endpoint_factory
}

client! {
    /// The owner side of an endpoint; [`serve`](crate::server::serve) answers its calls.
    Endpoint of endpoint
}

impl<T: Transport> EndpointFactory<T> {
    /// A new endpoint and a client facet of the interface `interface_id`.
    pub fn create(&self, interface_id: u64) -> Result<(Endpoint<T>, Cap<T>), Error> {
        let mut buffer = Buffer::<64>::ZERO;
        let mut message = MessageWriter::new(&mut buffer.0);
        create::ParamsWriter::root(&mut message)?.set_interface_id(interface_id);
        let mut results = Buffer::<256>::ZERO;
        let mut reply = self
            .0
            .call(create::METHOD, message.finish(), &[], &mut results.0)?;
        let made = create::ResultsReader::read(reply.payload)?;
        let endpoint = reply.caps.take(made.endpoint()?)?.typed()?;
        Ok((endpoint, reply.caps.take(made.client()?)?))
    }
}
