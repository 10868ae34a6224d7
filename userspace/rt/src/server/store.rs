//! The server side of `Store`.

use super::{Service, malformed, too_long};
use crate::error::Exception;
use crate::ring::Incoming;
use crate::transport::Transport;
use capos_abi::generated::store::{commit, delete, get, has, put};
use capos_abi::generated::{CapExceptionType, CommitResultWhich, GetResultWhich, PutResultWhich};
use capos_abi::wire::{MessageWriter, WireError};

/// What a store does. An exception is for what a caller cannot expect: a disk that fails.
pub trait Store {
    /// Stores an object.
    fn put(&mut self, data: &[u8]) -> Result<PutResultWhich<'_>, Exception>;
    /// Reads an object.
    fn get(&mut self, digest: &[u8; 32]) -> Result<GetResultWhich<'_>, Exception>;
    /// True if the object is there.
    fn has(&mut self, digest: &[u8; 32]) -> Result<bool, Exception>;
    /// Takes an object out; true if it was there.
    fn delete(&mut self, digest: &[u8; 32]) -> Result<bool, Exception>;
    /// Makes everything before it durable.
    fn commit(&mut self) -> Result<CommitResultWhich<'_>, Exception>;
}

/// Decodes calls of `Store`, hands them on and encodes the results.
pub struct StoreServer<S>(pub S);

impl<S: Store, T: Transport> Service<T> for StoreServer<S> {
    fn call(&mut self, call: Incoming<'_, T>, answer: &mut [u8]) -> Result<usize, Exception> {
        let params = call.payload;
        let message = MessageWriter::new(answer);
        match call.method {
            put::METHOD => {
                let params = put::ParamsReader::read(params).map_err(malformed)?;
                let result = self.0.put(params.data().map_err(malformed)?)?;
                write_put(message, result).map_err(too_long)
            }
            get::METHOD => {
                let params = get::ParamsReader::read(params).map_err(malformed)?;
                let result = self.0.get(digest(params.digest())?)?;
                write_get(message, result).map_err(too_long)
            }
            has::METHOD => {
                let params = has::ParamsReader::read(params).map_err(malformed)?;
                let present = self.0.has(digest(params.digest())?)?;
                write_has(message, present).map_err(too_long)
            }
            delete::METHOD => {
                let params = delete::ParamsReader::read(params).map_err(malformed)?;
                let deleted = self.0.delete(digest(params.digest())?)?;
                write_delete(message, deleted).map_err(too_long)
            }
            commit::METHOD => {
                commit::ParamsReader::read(params).map_err(malformed)?;
                let result = self.0.commit()?;
                write_commit(message, result).map_err(too_long)
            }
            _ => Err(Exception::new(
                CapExceptionType::Unimplemented,
                "Store has no such method",
            )),
        }
    }
}

fn digest(field: Result<&[u8], WireError>) -> Result<&[u8; 32], Exception> {
    let bytes = field.map_err(malformed)?;
    bytes
        .try_into()
        .map_err(|_| Exception::new(CapExceptionType::InvalidArgument, "a digest has 32 bytes"))
}

fn write_put(
    mut message: MessageWriter<'_>,
    result: PutResultWhich<'_>,
) -> Result<usize, WireError> {
    let mut results = put::ResultsWriter::root(&mut message)?;
    let mut writer = results.init_result()?;
    match result {
        PutResultWhich::Digest(digest) => writer.set_digest(digest)?,
        PutResultWhich::Full => writer.set_full(),
        PutResultWhich::TooLarge => writer.set_too_large(),
    }
    Ok(message.finish().len())
}

fn write_get(
    mut message: MessageWriter<'_>,
    result: GetResultWhich<'_>,
) -> Result<usize, WireError> {
    let mut results = get::ResultsWriter::root(&mut message)?;
    let mut writer = results.init_result()?;
    match result {
        GetResultWhich::Data(data) => writer.set_data(data)?,
        GetResultWhich::NotFound => writer.set_not_found(),
        GetResultWhich::Corrupt => writer.set_corrupt(),
    }
    Ok(message.finish().len())
}

fn write_has(mut message: MessageWriter<'_>, present: bool) -> Result<usize, WireError> {
    has::ResultsWriter::root(&mut message)?.set_present(present);
    Ok(message.finish().len())
}

fn write_delete(mut message: MessageWriter<'_>, deleted: bool) -> Result<usize, WireError> {
    delete::ResultsWriter::root(&mut message)?.set_deleted(deleted);
    Ok(message.finish().len())
}

fn write_commit(
    mut message: MessageWriter<'_>,
    result: CommitResultWhich<'_>,
) -> Result<usize, WireError> {
    let mut results = commit::ResultsWriter::root(&mut message)?;
    let mut writer = results.init_result()?;
    match result {
        CommitResultWhich::Generation(generation) => writer.set_generation(generation),
        CommitResultWhich::Failed(reason) => writer.set_failed(reason)?,
    }
    Ok(message.finish().len())
}
