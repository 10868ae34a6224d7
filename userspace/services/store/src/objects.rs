//! The volume as a server of `Store`.

use crate::disk::DiskError;
use capos_abi::generated::{CapExceptionType, CommitResultWhich, GetResultWhich, PutResultWhich};
use capos_formats::device::Device;
use capos_formats::store::{Digest, Error, Get, Object, Put, Volume};
use capos_rt::Exception;
use capos_rt::server;

/// A mounted volume.
pub struct Objects<D> {
    volume: Volume<'static, D>,
    /// The object that was read last.
    object: &'static mut Object,
    /// The digest that was put last.
    digest: Digest,
}

impl<D> Objects<D> {
    /// Serves `volume`; objects are read into `object`.
    pub fn new(volume: Volume<'static, D>, object: &'static mut Object) -> Self {
        Self {
            volume,
            object,
            digest: [0; 32],
        }
    }
}

impl<D: Device<Error = DiskError>> server::Store for Objects<D> {
    fn put(&mut self, data: &[u8]) -> Result<PutResultWhich<'_>, Exception> {
        Ok(match self.volume.put(data).map_err(failed)? {
            Put::Digest(digest) => {
                self.digest = digest;
                PutResultWhich::Digest(&self.digest)
            }
            Put::Full => PutResultWhich::Full,
            Put::TooLarge => PutResultWhich::TooLarge,
        })
    }

    fn get(&mut self, digest: &Digest) -> Result<GetResultWhich<'_>, Exception> {
        let got = self.volume.get(digest, self.object);
        Ok(match got.map_err(|error| failed(Error::Device(error)))? {
            Get::Length(length) => {
                GetResultWhich::Data(self.object.as_flattened().get(..length).unwrap_or(&[]))
            }
            Get::NotFound => GetResultWhich::NotFound,
            Get::Corrupt => GetResultWhich::Corrupt,
        })
    }

    fn has(&mut self, digest: &Digest) -> Result<bool, Exception> {
        Ok(self.volume.has(digest))
    }

    fn delete(&mut self, digest: &Digest) -> Result<bool, Exception> {
        self.volume.delete(digest).map_err(failed)
    }

    fn commit(&mut self) -> Result<CommitResultWhich<'_>, Exception> {
        Ok(match self.volume.commit() {
            Ok(generation) => CommitResultWhich::Generation(generation),
            Err(error) => CommitResultWhich::Failed(reason(&error)),
        })
    }
}

fn failed(error: Error<DiskError>) -> Exception {
    Exception::new(CapExceptionType::Failed, reason(&error))
}

fn reason(error: &Error<DiskError>) -> &'static str {
    match error {
        Error::Device(_) => "the device failed",
        Error::Halted => "a commit failed; the volume must be mounted again",
    }
}
