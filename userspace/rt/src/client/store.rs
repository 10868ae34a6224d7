//! `Store`: content-addressed objects.

use super::client;
use crate::error::Error;
use crate::transport::{LargeBuffer, SmallBuffer, Transport};
use capos_abi::generated::store::{commit, delete, get, has, put};
use capos_abi::generated::{CommitResultWhich, GetResultWhich, PutResultWhich};
use capos_abi::wire::MessageWriter;

client! {
    /// Keeps objects.
    Store of store
}

/// A message with nothing but one digest in it.
type DigestMessage = [u8; 64];

impl<T: Transport> Store<T> {
    /// Stores an object of at most 32 KiB; durable with the next commit.
    pub fn put<'r>(
        &self,
        data: &[u8],
        buffer: &mut LargeBuffer,
        results: &'r mut SmallBuffer,
    ) -> Result<PutResultWhich<'r>, Error> {
        let mut message = MessageWriter::new(&mut buffer.0);
        put::ParamsWriter::root(&mut message)?.set_data(data)?;
        let reply = self
            .0
            .call(put::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(put::ResultsReader::read(reply.payload)?.result()?.which()?)
    }

    /// Reads an object.
    pub fn get<'r>(
        &self,
        digest: &[u8; 32],
        buffer: &'r mut LargeBuffer,
    ) -> Result<GetResultWhich<'r>, Error> {
        let mut params: DigestMessage = [0; 64];
        let mut message = MessageWriter::new(&mut params);
        get::ParamsWriter::root(&mut message)?.set_digest(digest)?;
        let reply = self
            .0
            .call(get::METHOD, message.finish(), &[], &mut buffer.0)?;
        Ok(get::ResultsReader::read(reply.payload)?.result()?.which()?)
    }

    /// True if the store has the object.
    pub fn has(&self, digest: &[u8; 32]) -> Result<bool, Error> {
        let mut params: DigestMessage = [0; 64];
        let mut message = MessageWriter::new(&mut params);
        has::ParamsWriter::root(&mut message)?.set_digest(digest)?;
        let mut results = SmallBuffer::ZERO;
        let reply = self
            .0
            .call(has::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(has::ResultsReader::read(reply.payload)?.present())
    }

    /// Takes an object out; true if it was there.
    pub fn delete(&self, digest: &[u8; 32]) -> Result<bool, Error> {
        let mut params: DigestMessage = [0; 64];
        let mut message = MessageWriter::new(&mut params);
        delete::ParamsWriter::root(&mut message)?.set_digest(digest)?;
        let mut results = SmallBuffer::ZERO;
        let reply = self
            .0
            .call(delete::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(delete::ResultsReader::read(reply.payload)?.deleted())
    }

    /// Makes everything before it durable.
    pub fn commit<'r>(&self, results: &'r mut SmallBuffer) -> Result<CommitResultWhich<'r>, Error> {
        let mut params = [0; 16];
        let mut message = MessageWriter::new(&mut params);
        commit::ParamsWriter::root(&mut message)?;
        let reply = self
            .0
            .call(commit::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(commit::ResultsReader::read(reply.payload)?
            .result()?
            .which()?)
    }
}
