//! `CapabilityManager`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::cap::Cap;
use crate::client::Revoker;
use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::HeldCapReader;
use capos_abi::generated::capability_manager as schema;
use capos_abi::wire::{MessageWriter, StructList};

client! {
    /// A client of `CapabilityManager`.
    CapabilityManager of schema::INTERFACE_ID
}

impl<T: Transport> CapabilityManager<T> {
    /// The caller's own capabilities, in the order of their slots: at most 32, from the start-th on,
    /// and how many there are in all.
    #[inline]
    pub(crate) fn call_list<'r>(
        &self,
        start: u32,
        results: &'r mut [u8],
    ) -> Result<(StructList<'r, HeldCapReader<'r>>, u32), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::list::ParamsWriter::root(&mut message)?;
        writer.set_start(start);
        let params = message.finish();
        let method = schema::list::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::list::ResultsReader::read(reply.payload)?;
        Ok((results.caps()?, results.total()))
    }

    /// A capability to the same object that can be taken back, and what takes it back.
    #[inline]
    pub fn derive(&self, cap: &Cap<T>) -> Result<(Cap<T>, Revoker<T>), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::derive::ParamsWriter::root(&mut message)?;
        writer.set_cap(0)?;
        let given = [cap.copied()];
        let params = message.finish();
        let method = schema::derive::METHOD;
        let mut reply = self.0.call(method, params, &given, &mut results.0)?;
        let results = schema::derive::ResultsReader::read(reply.payload)?;
        Ok((
            reply.caps.take(results.derived()?)?,
            reply.caps.client(results.revoker()?)?,
        ))
    }
}

/// What serves `CapabilityManager`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait CapabilityManagerService<T: Transport> {
    /// The caller's own capabilities, in the order of their slots: at most 32, from the start-th on,
    /// and how many there are in all.
    fn list(
        &mut self,
        start: u32,
        results: schema::list::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// A capability to the same object that can be taken back, and what takes it back.
    fn derive(
        &mut self,
        cap: Cap<T>,
        results: schema::derive::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `CapabilityManager`, hands them on, and encodes the results.
pub struct CapabilityManagerServer<S>(pub S);

impl<S: CapabilityManagerService<T>, T: Transport> Service<T> for CapabilityManagerServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("CapabilityManager"));
        }
        let mut received = call.caps;
        match call.method {
            schema::list::METHOD => {
                let params = schema::list::ParamsReader::read(call.payload)?;
                let results = schema::list::ResultsWriter::root(message)?;
                self.0.list(params.start(), results)?;
            }
            schema::derive::METHOD => {
                let params = schema::derive::ParamsReader::read(call.payload)?;
                let results = schema::derive::ResultsWriter::root(message)?;
                self.0
                    .derive(received.take(params.cap()?)?, results, given)?;
            }
            _ => return Err(no_such_method("CapabilityManager")),
        }
        Ok(())
    }
}
