//! EndpointFactory: makes endpoints.

use capos_abi::CapError;
use capos_abi::generated::endpoint_factory::create;
use capos_abi::wire::MessageWriter;

use super::{Reply, Request, bad_message, no_room};
use crate::ledger::Class;
use crate::object::Object;
use crate::system::System;
use crate::system::endpoint::Endpoint;

const CREATE_RESULTS: usize = 24;

impl System {
    pub(super) fn factory(
        &mut self,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != create::METHOD {
            return Err(CapError::BadMethod);
        }
        let params = create::ParamsReader::read(request.input).map_err(bad_message)?;
        request.needs(CREATE_RESULTS, 2)?;
        if self.processes.at(request.process).table.room() < 2 {
            return Err(CapError::Quota);
        }
        let place = self
            .endpoints
            .find(Endpoint::is_free)
            .ok_or(CapError::Quota)?;
        let mut message = MessageWriter::new(output);
        let mut results = create::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_endpoint(0).map_err(no_room)?;
        results.set_client(1).map_err(no_room)?;
        let payer = self.charge(request.process, Class::Endpoints)?;
        let endpoint = self.endpoints.at_mut(place);
        *endpoint = Endpoint {
            interface_id: params.interface_id(),
            owners: 1,
            clients: 1,
            payer,
            ..Endpoint::new()
        };
        Ok(Reply::Given(
            message.finish().len(),
            [Object::Endpoint(place), Object::Client(place)].map(|object| request.held(object)),
        ))
    }
}
