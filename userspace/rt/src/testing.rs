//! What several tests serve.

use crate::Exception;
use crate::server::StoreService;
use capos_abi::generated::CapExceptionType;
use capos_abi::generated::store::{commit, delete, get, has, put};

/// A store with one object.
pub struct One(pub [u8; 32]);

impl StoreService for One {
    fn put(&mut self, data: &[u8], mut results: put::ResultsWriter<'_>) -> Result<(), Exception> {
        let mut result = results.init_result()?;
        if data == b"large" {
            result.set_too_large();
        } else {
            result.set_digest(&self.0)?;
        }
        Ok(())
    }

    fn get(&mut self, digest: &[u8], mut results: get::ResultsWriter<'_>) -> Result<(), Exception> {
        let mut result = results.init_result()?;
        if digest == self.0 {
            result.set_data(b"object")?;
        } else {
            result.set_not_found();
        }
        Ok(())
    }

    fn has(&mut self, digest: &[u8], mut results: has::ResultsWriter<'_>) -> Result<(), Exception> {
        results.set_present(digest == self.0);
        Ok(())
    }

    fn delete(&mut self, _: &[u8], _: delete::ResultsWriter<'_>) -> Result<(), Exception> {
        Err(Exception::new(CapExceptionType::Failed, "read-only"))
    }

    fn commit(&mut self, mut results: commit::ResultsWriter<'_>) -> Result<(), Exception> {
        results.init_result()?.set_generation(9);
        Ok(())
    }
}
