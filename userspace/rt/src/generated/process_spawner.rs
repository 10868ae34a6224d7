//! `ProcessSpawner`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::ProcessHandle;
use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Received, Transport};
use capos_abi::generated::NamedCapReader;
use capos_abi::generated::process_spawner as schema;
use capos_abi::message::TransferDescriptor;
use capos_abi::wire::{MessageWriter, StructList, TextList};

client! {
    /// A client of `ProcessSpawner`.
    ProcessSpawner of schema::INTERFACE_ID
}

impl<T: Transport> ProcessSpawner<T> {
    /// Starts a program of the boot package. The grants are exactly the capabilities of its CapSet.
    #[inline]
    pub(crate) fn call_spawn(
        &self,
        write: impl FnOnce(schema::spawn::ParamsWriter<'_>) -> Result<(), Error>,
        given: &[TransferDescriptor],
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<ProcessHandle<T>, Error> {
        let mut message = MessageWriter::new(params);
        write(schema::spawn::ParamsWriter::root(&mut message)?)?;
        let params = message.finish();
        let method = schema::spawn::METHOD;
        let mut reply = self.0.call(method, params, given, results)?;
        let results = schema::spawn::ResultsReader::read(reply.payload)?;
        reply.caps.client(results.handle()?)
    }
}

/// What serves `ProcessSpawner`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait ProcessSpawnerService<T: Transport> {
    /// Starts a program of the boot package. The grants are exactly the capabilities of its CapSet.
    fn spawn(
        &mut self,
        binary: &str,
        args: TextList<'_>,
        grants: StructList<'_, NamedCapReader<'_>>,
        received: &mut Received<'_, T>,
        results: schema::spawn::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `ProcessSpawner`, hands them on, and encodes the results.
pub struct ProcessSpawnerServer<S>(pub S);

impl<S: ProcessSpawnerService<T>, T: Transport> Service<T> for ProcessSpawnerServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("ProcessSpawner"));
        }
        let mut received = call.caps;
        match call.method {
            schema::spawn::METHOD => {
                let params = schema::spawn::ParamsReader::read(call.payload)?;
                let results = schema::spawn::ResultsWriter::root(message)?;
                self.0.spawn(
                    params.binary()?,
                    params.args()?,
                    params.grants()?,
                    &mut received,
                    results,
                    given,
                )?;
            }
            _ => return Err(no_such_method("ProcessSpawner")),
        }
        Ok(())
    }
}
