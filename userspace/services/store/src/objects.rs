//! The volume as a server of `Store`.

use crate::disk::DiskError;
use capos_abi::generated::CapExceptionType;
use capos_abi::generated::store::{commit, delete, get, has, put};
use capos_formats::device::Device;
use capos_formats::store::{Digest, Error, Get, Object, Put, Volume};
use capos_rt::Exception;
use capos_rt::server::StoreService;

/// A mounted volume.
pub struct Objects<D> {
    volume: Volume<'static, D>,
    /// The object that was read last.
    object: &'static mut Object,
}

impl<D> Objects<D> {
    /// Serves `volume`; objects are read into `object`.
    pub fn new(volume: Volume<'static, D>, object: &'static mut Object) -> Self {
        Self { volume, object }
    }
}

impl<D: Device<Error = DiskError>> StoreService for Objects<D> {
    fn put(&mut self, data: &[u8], mut results: put::ResultsWriter<'_>) -> Result<(), Exception> {
        let mut result = results.init_result()?;
        match self.volume.put(data).map_err(failed)? {
            Put::Digest(digest) => result.set_digest(&digest)?,
            Put::Full => result.set_full(),
            Put::TooLarge => result.set_too_large(),
        }
        Ok(())
    }

    fn get(&mut self, digest: &[u8], mut results: get::ResultsWriter<'_>) -> Result<(), Exception> {
        let got = self.volume.get(exact(digest)?, self.object);
        let mut result = results.init_result()?;
        match got.map_err(|error| failed(Error::Device(error)))? {
            Get::Length(length) => {
                let object = self.object.as_flattened().get(..length).unwrap_or(&[]);
                result.set_data(object)?;
            }
            Get::NotFound => result.set_not_found(),
            Get::Corrupt => result.set_corrupt(),
        }
        Ok(())
    }

    fn has(&mut self, digest: &[u8], mut results: has::ResultsWriter<'_>) -> Result<(), Exception> {
        results.set_present(self.volume.has(exact(digest)?));
        Ok(())
    }

    fn delete(
        &mut self,
        digest: &[u8],
        mut results: delete::ResultsWriter<'_>,
    ) -> Result<(), Exception> {
        results.set_deleted(self.volume.delete(exact(digest)?).map_err(failed)?);
        Ok(())
    }

    fn commit(&mut self, mut results: commit::ResultsWriter<'_>) -> Result<(), Exception> {
        let mut result = results.init_result()?;
        match self.volume.commit() {
            Ok(generation) => result.set_generation(generation),
            Err(error) => result.set_failed(reason(&error))?,
        }
        Ok(())
    }
}

fn exact(digest: &[u8]) -> Result<&Digest, Exception> {
    let wrong = |_| Exception::new(CapExceptionType::InvalidArgument, "a digest has 32 bytes");
    digest.try_into().map_err(wrong)
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
