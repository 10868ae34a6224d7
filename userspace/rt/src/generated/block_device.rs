//! `BlockDevice`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::BlockInfoReader;
use capos_abi::generated::block_device as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `BlockDevice`.
    BlockDevice of schema::INTERFACE_ID
}

impl<T: Transport> BlockDevice<T> {
    /// The method `info`.
    #[inline]
    pub(crate) fn call_info<'r>(
        &self,
        results: &'r mut [u8],
    ) -> Result<BlockInfoReader<'r>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::info::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::info::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::info::ResultsReader::read(reply.payload)?;
        Ok(results.info()?)
    }

    /// The method `read`.
    #[inline]
    pub(crate) fn call_read<'r>(
        &self,
        start: u64,
        count: u32,
        results: &'r mut [u8],
    ) -> Result<&'r [u8], Error> {
        let mut params = Buffer::<24>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::read::ParamsWriter::root(&mut message)?;
        writer.set_start(start);
        writer.set_count(count);
        let params = message.finish();
        let method = schema::read::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::read::ResultsReader::read(reply.payload)?;
        Ok(results.data()?)
    }

    /// The method `write`.
    #[inline]
    pub(crate) fn call_write(
        &self,
        start: u64,
        data: &[u8],
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<(), Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::write::ParamsWriter::root(&mut message)?;
        writer.set_start(start);
        writer.set_data(data)?;
        let params = message.finish();
        let method = schema::write::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }

    /// Blocks of blockSize bytes; at most 32 KiB in one call. A write is durable only after a flush
    /// that was called after it has completed.
    #[inline]
    pub fn flush(&self) -> Result<(), Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::flush::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::flush::METHOD;
        self.0.call(method, params, &[], &mut results.0)?;
        Ok(())
    }
}

/// What serves `BlockDevice`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait BlockDeviceService {
    /// The method `info`.
    fn info(&mut self, results: schema::info::ResultsWriter<'_>) -> Result<(), Exception>;

    /// The method `read`.
    fn read(
        &mut self,
        start: u64,
        count: u32,
        results: schema::read::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `write`.
    fn write(&mut self, start: u64, data: &[u8]) -> Result<(), Exception>;

    /// Blocks of blockSize bytes; at most 32 KiB in one call. A write is durable only after a flush
    /// that was called after it has completed.
    fn flush(&mut self) -> Result<(), Exception>;
}

/// Decodes calls of `BlockDevice`, hands them on, and encodes the results.
pub struct BlockDeviceServer<S>(pub S);

impl<S: BlockDeviceService, T: Transport> Service<T> for BlockDeviceServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("BlockDevice"));
        }
        let _ = given;
        match call.method {
            schema::info::METHOD => {
                schema::info::ParamsReader::read(call.payload)?;
                let results = schema::info::ResultsWriter::root(message)?;
                self.0.info(results)?;
            }
            schema::read::METHOD => {
                let params = schema::read::ParamsReader::read(call.payload)?;
                let results = schema::read::ResultsWriter::root(message)?;
                self.0.read(params.start(), params.count(), results)?;
            }
            schema::write::METHOD => {
                let params = schema::write::ParamsReader::read(call.payload)?;
                self.0.write(params.start(), params.data()?)?;
                schema::write::ResultsWriter::root(message)?;
            }
            schema::flush::METHOD => {
                schema::flush::ParamsReader::read(call.payload)?;
                self.0.flush()?;
                schema::flush::ResultsWriter::root(message)?;
            }
            _ => return Err(no_such_method("BlockDevice")),
        }
        Ok(())
    }
}
