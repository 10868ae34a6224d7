//! `VirtualMemory`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::MemoryAccess;
use capos_abi::generated::virtual_memory as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// Memory of the caller's own. Addresses and lengths are multiples of 4096.
    VirtualMemory of schema::INTERFACE_ID
}

impl<T: Transport> VirtualMemory<T> {
    /// A range that nothing else will be mapped in, with an unmapped page on either side.
    #[inline]
    pub fn reserve(&self, pages: u32) -> Result<u64, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::reserve::ParamsWriter::root(&mut message)?;
        writer.set_pages(pages);
        let params = message.finish();
        let method = schema::reserve::METHOD;
        let reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::reserve::ResultsReader::read(reply.payload)?;
        Ok(results.address())
    }

    /// Cleared memory for a part of a range; it can be read and written.
    #[inline]
    pub(crate) fn call_commit(
        &self,
        address: u64,
        pages: u32,
        results: &mut [u8],
    ) -> Result<(), Error> {
        let mut params = Buffer::<24>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::commit::ParamsWriter::root(&mut message)?;
        writer.set_address(address);
        writer.set_pages(pages);
        let params = message.finish();
        let method = schema::commit::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }

    /// The method `protect`.
    #[inline]
    pub fn protect(&self, address: u64, pages: u32, access: MemoryAccess) -> Result<(), Error> {
        let mut params = Buffer::<24>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::protect::ParamsWriter::root(&mut message)?;
        writer.set_address(address);
        writer.set_pages(pages);
        writer.set_access(access);
        let params = message.finish();
        let method = schema::protect::METHOD;
        self.0.call(method, params, &[], &mut results.0)?;
        Ok(())
    }

    /// The method `decommit`.
    #[inline]
    pub fn decommit(&self, address: u64, pages: u32) -> Result<(), Error> {
        let mut params = Buffer::<24>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::decommit::ParamsWriter::root(&mut message)?;
        writer.set_address(address);
        writer.set_pages(pages);
        let params = message.finish();
        let method = schema::decommit::METHOD;
        self.0.call(method, params, &[], &mut results.0)?;
        Ok(())
    }

    /// Gives a whole range up, and what is committed in it.
    #[inline]
    pub fn release(&self, address: u64) -> Result<(), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::release::ParamsWriter::root(&mut message)?;
        writer.set_address(address);
        let params = message.finish();
        let method = schema::release::METHOD;
        self.0.call(method, params, &[], &mut results.0)?;
        Ok(())
    }
}

/// What serves `VirtualMemory`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait VirtualMemoryService {
    /// A range that nothing else will be mapped in, with an unmapped page on either side.
    fn reserve(
        &mut self,
        pages: u32,
        results: schema::reserve::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// Cleared memory for a part of a range; it can be read and written.
    fn commit(&mut self, address: u64, pages: u32) -> Result<(), Exception>;

    /// The method `protect`.
    fn protect(&mut self, address: u64, pages: u32, access: MemoryAccess) -> Result<(), Exception>;

    /// The method `decommit`.
    fn decommit(&mut self, address: u64, pages: u32) -> Result<(), Exception>;

    /// Gives a whole range up, and what is committed in it.
    fn release(&mut self, address: u64) -> Result<(), Exception>;
}

/// Decodes calls of `VirtualMemory`, hands them on, and encodes the results.
pub struct VirtualMemoryServer<S>(pub S);

impl<S: VirtualMemoryService, T: Transport> Service<T> for VirtualMemoryServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("VirtualMemory"));
        }
        let _ = given;
        match call.method {
            schema::reserve::METHOD => {
                let params = schema::reserve::ParamsReader::read(call.payload)?;
                let results = schema::reserve::ResultsWriter::root(message)?;
                self.0.reserve(params.pages(), results)?;
            }
            schema::commit::METHOD => {
                let params = schema::commit::ParamsReader::read(call.payload)?;
                self.0.commit(params.address(), params.pages())?;
                schema::commit::ResultsWriter::root(message)?;
            }
            schema::protect::METHOD => {
                let params = schema::protect::ParamsReader::read(call.payload)?;
                self.0
                    .protect(params.address(), params.pages(), params.access()?)?;
                schema::protect::ResultsWriter::root(message)?;
            }
            schema::decommit::METHOD => {
                let params = schema::decommit::ParamsReader::read(call.payload)?;
                self.0.decommit(params.address(), params.pages())?;
                schema::decommit::ResultsWriter::root(message)?;
            }
            schema::release::METHOD => {
                let params = schema::release::ParamsReader::read(call.payload)?;
                self.0.release(params.address())?;
                schema::release::ResultsWriter::root(message)?;
            }
            _ => return Err(no_such_method("VirtualMemory")),
        }
        Ok(())
    }
}
