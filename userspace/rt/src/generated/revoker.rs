//! `Revoker`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::revoker as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `Revoker`.
    Revoker of schema::INTERFACE_ID
}

impl<T: Transport> Revoker<T> {
    /// Takes the derived capability back, every copy of it and all that was derived from them, in
    /// every process. Says how many derivations that were: 0 when it was done already.
    #[inline]
    pub fn revoke(&self) -> Result<u32, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::revoke::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::revoke::METHOD;
        let reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::revoke::ResultsReader::read(reply.payload)?;
        Ok(results.revoked())
    }
}

/// What serves `Revoker`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait RevokerService {
    /// Takes the derived capability back, every copy of it and all that was derived from them, in
    /// every process. Says how many derivations that were: 0 when it was done already.
    fn revoke(&mut self, results: schema::revoke::ResultsWriter<'_>) -> Result<(), Exception>;
}

/// Decodes calls of `Revoker`, hands them on, and encodes the results.
pub struct RevokerServer<S>(pub S);

impl<S: RevokerService, T: Transport> Service<T> for RevokerServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Revoker"));
        }
        let _ = given;
        match call.method {
            schema::revoke::METHOD => {
                schema::revoke::ParamsReader::read(call.payload)?;
                let results = schema::revoke::ResultsWriter::root(message)?;
                self.0.revoke(results)?;
            }
            _ => return Err(no_such_method("Revoker")),
        }
        Ok(())
    }
}
