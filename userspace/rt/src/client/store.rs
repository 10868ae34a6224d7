//! `Store`: content-addressed objects.

use super::Store;
use crate::error::Error;
use crate::transport::{LargeBuffer, SmallBuffer, Transport};
use capos_abi::generated::{CommitResultWhich, GetResultWhich, PutResultWhich};

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
        let result = self.call_put(data, &mut buffer.0, &mut results.0)?;
        Ok(result.which()?)
    }

    /// Reads an object.
    pub fn get<'r>(
        &self,
        digest: &[u8; 32],
        buffer: &'r mut LargeBuffer,
    ) -> Result<GetResultWhich<'r>, Error> {
        let mut params: DigestMessage = [0; 64];
        let result = self.call_get(digest, &mut params, &mut buffer.0)?;
        Ok(result.which()?)
    }

    /// True if the store has the object.
    pub fn has(&self, digest: &[u8; 32]) -> Result<bool, Error> {
        let mut params: DigestMessage = [0; 64];
        self.call_has(digest, &mut params, &mut SmallBuffer::zeroed().0)
    }

    /// Takes an object out; true if it was there.
    pub fn delete(&self, digest: &[u8; 32]) -> Result<bool, Error> {
        let mut params: DigestMessage = [0; 64];
        self.call_delete(digest, &mut params, &mut SmallBuffer::zeroed().0)
    }

    /// Makes everything before it durable.
    pub fn commit<'r>(&self, results: &'r mut SmallBuffer) -> Result<CommitResultWhich<'r>, Error> {
        Ok(self.call_commit(&mut results.0)?.which()?)
    }
}
