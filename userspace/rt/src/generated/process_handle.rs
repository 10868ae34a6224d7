//! `ProcessHandle`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::ProcessEndReader;
use capos_abi::generated::process_handle as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `ProcessHandle`.
    ProcessHandle of schema::INTERFACE_ID
}

impl<T: Transport> ProcessHandle<T> {
    /// Completes when the process has ended; at once if it already has. One waiter at a time.
    #[inline]
    pub(crate) fn call_wait<'r>(
        &self,
        results: &'r mut [u8],
    ) -> Result<ProcessEndReader<'r>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::wait::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::wait::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::wait::ResultsReader::read(reply.payload)?;
        Ok(results.end()?)
    }
}

/// What serves `ProcessHandle`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait ProcessHandleService {
    /// Completes when the process has ended; at once if it already has. One waiter at a time.
    fn wait(&mut self, results: schema::wait::ResultsWriter<'_>) -> Result<(), Exception>;
}

/// Decodes calls of `ProcessHandle`, hands them on, and encodes the results.
pub struct ProcessHandleServer<S>(pub S);

impl<S: ProcessHandleService, T: Transport> Service<T> for ProcessHandleServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("ProcessHandle"));
        }
        let _ = given;
        match call.method {
            schema::wait::METHOD => {
                schema::wait::ParamsReader::read(call.payload)?;
                let results = schema::wait::ResultsWriter::root(message)?;
                self.0.wait(results)?;
            }
            _ => return Err(no_such_method("ProcessHandle")),
        }
        Ok(())
    }
}
