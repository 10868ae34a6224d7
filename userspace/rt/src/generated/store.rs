//! `Store`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::store as schema;
use capos_abi::generated::{CommitResultReader, GetResultReader, PutResultReader};
use capos_abi::wire::MessageWriter;

client! {
    /// Content-addressed objects of at most 32 KiB, keyed by SHA-256.
    Store of schema::INTERFACE_ID
}

impl<T: Transport> Store<T> {
    /// The method `put`.
    #[inline]
    pub(crate) fn call_put<'r>(
        &self,
        data: &[u8],
        params: &mut [u8],
        results: &'r mut [u8],
    ) -> Result<PutResultReader<'r>, Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::put::ParamsWriter::root(&mut message)?;
        writer.set_data(data)?;
        let params = message.finish();
        let method = schema::put::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::put::ResultsReader::read(reply.payload)?;
        Ok(results.result()?)
    }

    /// The method `get`.
    #[inline]
    pub(crate) fn call_get<'r>(
        &self,
        digest: &[u8],
        params: &mut [u8],
        results: &'r mut [u8],
    ) -> Result<GetResultReader<'r>, Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::get::ParamsWriter::root(&mut message)?;
        writer.set_digest(digest)?;
        let params = message.finish();
        let method = schema::get::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::get::ResultsReader::read(reply.payload)?;
        Ok(results.result()?)
    }

    /// The method `has`.
    #[inline]
    pub(crate) fn call_has(
        &self,
        digest: &[u8],
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<bool, Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::has::ParamsWriter::root(&mut message)?;
        writer.set_digest(digest)?;
        let params = message.finish();
        let method = schema::has::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::has::ResultsReader::read(reply.payload)?;
        Ok(results.present())
    }

    /// The method `delete`.
    #[inline]
    pub(crate) fn call_delete(
        &self,
        digest: &[u8],
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<bool, Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::delete::ParamsWriter::root(&mut message)?;
        writer.set_digest(digest)?;
        let params = message.finish();
        let method = schema::delete::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::delete::ResultsReader::read(reply.payload)?;
        Ok(results.deleted())
    }

    /// What was put or deleted before is durable when commit returns, and not before.
    #[inline]
    pub(crate) fn call_commit<'r>(
        &self,
        results: &'r mut [u8],
    ) -> Result<CommitResultReader<'r>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::commit::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::commit::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::commit::ResultsReader::read(reply.payload)?;
        Ok(results.result()?)
    }
}

/// What serves `Store`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait StoreService {
    /// The method `put`.
    fn put(
        &mut self,
        data: &[u8],
        results: schema::put::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `get`.
    fn get(
        &mut self,
        digest: &[u8],
        results: schema::get::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `has`.
    fn has(
        &mut self,
        digest: &[u8],
        results: schema::has::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `delete`.
    fn delete(
        &mut self,
        digest: &[u8],
        results: schema::delete::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// What was put or deleted before is durable when commit returns, and not before.
    fn commit(&mut self, results: schema::commit::ResultsWriter<'_>) -> Result<(), Exception>;
}

/// Decodes calls of `Store`, hands them on, and encodes the results.
pub struct StoreServer<S>(pub S);

impl<S: StoreService, T: Transport> Service<T> for StoreServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Store"));
        }
        let _ = given;
        match call.method {
            schema::put::METHOD => {
                let params = schema::put::ParamsReader::read(call.payload)?;
                let results = schema::put::ResultsWriter::root(message)?;
                self.0.put(params.data()?, results)?;
            }
            schema::get::METHOD => {
                let params = schema::get::ParamsReader::read(call.payload)?;
                let results = schema::get::ResultsWriter::root(message)?;
                self.0.get(params.digest()?, results)?;
            }
            schema::has::METHOD => {
                let params = schema::has::ParamsReader::read(call.payload)?;
                let results = schema::has::ResultsWriter::root(message)?;
                self.0.has(params.digest()?, results)?;
            }
            schema::delete::METHOD => {
                let params = schema::delete::ParamsReader::read(call.payload)?;
                let results = schema::delete::ResultsWriter::root(message)?;
                self.0.delete(params.digest()?, results)?;
            }
            schema::commit::METHOD => {
                schema::commit::ParamsReader::read(call.payload)?;
                let results = schema::commit::ResultsWriter::root(message)?;
                self.0.commit(results)?;
            }
            _ => return Err(no_such_method("Store")),
        }
        Ok(())
    }
}
