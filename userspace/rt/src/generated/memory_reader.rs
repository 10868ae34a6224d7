//! `MemoryReader`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::memory_reader as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `MemoryReader`.
    MemoryReader of schema::INTERFACE_ID
}

impl<T: Transport> MemoryReader<T> {
    /// The method `info`.
    #[inline]
    pub(crate) fn call_info(&self, results: &mut [u8]) -> Result<u32, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::info::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::info::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::info::ResultsReader::read(reply.payload)?;
        Ok(results.pages())
    }

    /// The method `map`.
    #[inline]
    pub(crate) fn call_map(&self, results: &mut [u8]) -> Result<u64, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::map::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::map::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::map::ResultsReader::read(reply.payload)?;
        Ok(results.address())
    }

    /// The method `unmap`.
    #[inline]
    pub(crate) fn call_unmap(&self, address: u64, results: &mut [u8]) -> Result<(), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::unmap::ParamsWriter::root(&mut message)?;
        writer.set_address(address);
        let params = message.finish();
        let method = schema::unmap::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }
}

/// What serves `MemoryReader`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait MemoryReaderService {
    /// The method `info`.
    fn info(&mut self, results: schema::info::ResultsWriter<'_>) -> Result<(), Exception>;

    /// The method `map`.
    fn map(&mut self, results: schema::map::ResultsWriter<'_>) -> Result<(), Exception>;

    /// The method `unmap`.
    fn unmap(&mut self, address: u64) -> Result<(), Exception>;
}

/// Decodes calls of `MemoryReader`, hands them on, and encodes the results.
pub struct MemoryReaderServer<S>(pub S);

impl<S: MemoryReaderService, T: Transport> Service<T> for MemoryReaderServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("MemoryReader"));
        }
        let _ = given;
        match call.method {
            schema::info::METHOD => {
                schema::info::ParamsReader::read(call.payload)?;
                let results = schema::info::ResultsWriter::root(message)?;
                self.0.info(results)?;
            }
            schema::map::METHOD => {
                schema::map::ParamsReader::read(call.payload)?;
                let results = schema::map::ResultsWriter::root(message)?;
                self.0.map(results)?;
            }
            schema::unmap::METHOD => {
                let params = schema::unmap::ParamsReader::read(call.payload)?;
                self.0.unmap(params.address())?;
                schema::unmap::ResultsWriter::root(message)?;
            }
            _ => return Err(no_such_method("MemoryReader")),
        }
        Ok(())
    }
}
