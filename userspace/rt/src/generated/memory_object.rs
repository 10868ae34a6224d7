//! `MemoryObject`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::MemoryReader;
use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::memory_object as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `MemoryObject`.
    MemoryObject of schema::INTERFACE_ID
}

impl<T: Transport> MemoryObject<T> {
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

    /// Maps all of it into the caller's address space, where there is room.
    #[inline]
    pub(crate) fn call_map(&self, writable: bool, results: &mut [u8]) -> Result<u64, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::map::ParamsWriter::root(&mut message)?;
        writer.set_writable(writable);
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

    /// A facet of it that cannot be mapped for writing.
    #[inline]
    pub fn reader(&self) -> Result<MemoryReader<T>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::reader::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::reader::METHOD;
        let mut reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::reader::ResultsReader::read(reply.payload)?;
        reply.caps.client(results.reader()?)
    }
}

/// What serves `MemoryObject`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait MemoryObjectService<T: Transport> {
    /// The method `info`.
    fn info(&mut self, results: schema::info::ResultsWriter<'_>) -> Result<(), Exception>;

    /// Maps all of it into the caller's address space, where there is room.
    fn map(
        &mut self,
        writable: bool,
        results: schema::map::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `unmap`.
    fn unmap(&mut self, address: u64) -> Result<(), Exception>;

    /// A facet of it that cannot be mapped for writing.
    fn reader(
        &mut self,
        results: schema::reader::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `MemoryObject`, hands them on, and encodes the results.
pub struct MemoryObjectServer<S>(pub S);

impl<S: MemoryObjectService<T>, T: Transport> Service<T> for MemoryObjectServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("MemoryObject"));
        }
        match call.method {
            schema::info::METHOD => {
                schema::info::ParamsReader::read(call.payload)?;
                let results = schema::info::ResultsWriter::root(message)?;
                self.0.info(results)?;
            }
            schema::map::METHOD => {
                let params = schema::map::ParamsReader::read(call.payload)?;
                let results = schema::map::ResultsWriter::root(message)?;
                self.0.map(params.writable(), results)?;
            }
            schema::unmap::METHOD => {
                let params = schema::unmap::ParamsReader::read(call.payload)?;
                self.0.unmap(params.address())?;
                schema::unmap::ResultsWriter::root(message)?;
            }
            schema::reader::METHOD => {
                schema::reader::ParamsReader::read(call.payload)?;
                let results = schema::reader::ResultsWriter::root(message)?;
                self.0.reader(results, given)?;
            }
            _ => return Err(no_such_method("MemoryObject")),
        }
        Ok(())
    }
}
