//! `FrameAllocator`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::MemoryObject;
use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::frame_allocator as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `FrameAllocator`.
    FrameAllocator of schema::INTERFACE_ID
}

impl<T: Transport> FrameAllocator<T> {
    /// New memory, cleared.
    #[inline]
    pub fn allocate(&self, pages: u32) -> Result<MemoryObject<T>, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::allocate::ParamsWriter::root(&mut message)?;
        writer.set_pages(pages);
        let params = message.finish();
        let method = schema::allocate::METHOD;
        let mut reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::allocate::ResultsReader::read(reply.payload)?;
        reply.caps.client(results.memory()?)
    }

    /// An allocator of its own with a part of what this one has left.
    #[inline]
    pub fn derive(&self, pages: u32) -> Result<FrameAllocator<T>, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::derive::ParamsWriter::root(&mut message)?;
        writer.set_pages(pages);
        let params = message.finish();
        let method = schema::derive::METHOD;
        let mut reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::derive::ResultsReader::read(reply.payload)?;
        reply.caps.client(results.allocator()?)
    }

    /// The method `info`.
    #[inline]
    pub fn info(&self) -> Result<(u32, u32), Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::info::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::info::METHOD;
        let reply = self.0.call(method, params, &[], &mut results.0)?;
        let results = schema::info::ResultsReader::read(reply.payload)?;
        Ok((results.limit(), results.used()))
    }
}

/// What serves `FrameAllocator`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait FrameAllocatorService<T: Transport> {
    /// New memory, cleared.
    fn allocate(
        &mut self,
        pages: u32,
        results: schema::allocate::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;

    /// An allocator of its own with a part of what this one has left.
    fn derive(
        &mut self,
        pages: u32,
        results: schema::derive::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;

    /// The method `info`.
    fn info(&mut self, results: schema::info::ResultsWriter<'_>) -> Result<(), Exception>;
}

/// Decodes calls of `FrameAllocator`, hands them on, and encodes the results.
pub struct FrameAllocatorServer<S>(pub S);

impl<S: FrameAllocatorService<T>, T: Transport> Service<T> for FrameAllocatorServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("FrameAllocator"));
        }
        match call.method {
            schema::allocate::METHOD => {
                let params = schema::allocate::ParamsReader::read(call.payload)?;
                let results = schema::allocate::ResultsWriter::root(message)?;
                self.0.allocate(params.pages(), results, given)?;
            }
            schema::derive::METHOD => {
                let params = schema::derive::ParamsReader::read(call.payload)?;
                let results = schema::derive::ResultsWriter::root(message)?;
                self.0.derive(params.pages(), results, given)?;
            }
            schema::info::METHOD => {
                schema::info::ParamsReader::read(call.payload)?;
                let results = schema::info::ResultsWriter::root(message)?;
                self.0.info(results)?;
            }
            _ => return Err(no_such_method("FrameAllocator")),
        }
        Ok(())
    }
}
