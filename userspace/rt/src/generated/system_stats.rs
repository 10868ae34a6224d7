//! `SystemStats`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::system_stats as schema;
use capos_abi::generated::{StatsReader, TableCheckReader};
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `SystemStats`.
    SystemStats of schema::INTERFACE_ID
}

impl<T: Transport> SystemStats<T> {
    /// The method `read`.
    #[inline]
    pub(crate) fn call_read<'r>(&self, results: &'r mut [u8]) -> Result<StatsReader<'r>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::read::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::read::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::read::ResultsReader::read(reply.payload)?;
        Ok(results.stats()?)
    }

    /// Walks all page tables.
    #[inline]
    pub(crate) fn call_check_tables<'r>(
        &self,
        results: &'r mut [u8],
    ) -> Result<TableCheckReader<'r>, Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::check_tables::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::check_tables::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::check_tables::ResultsReader::read(reply.payload)?;
        Ok(results.tables()?)
    }
}

/// What serves `SystemStats`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait SystemStatsService {
    /// The method `read`.
    fn read(&mut self, results: schema::read::ResultsWriter<'_>) -> Result<(), Exception>;

    /// Walks all page tables.
    fn check_tables(
        &mut self,
        results: schema::check_tables::ResultsWriter<'_>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `SystemStats`, hands them on, and encodes the results.
pub struct SystemStatsServer<S>(pub S);

impl<S: SystemStatsService, T: Transport> Service<T> for SystemStatsServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("SystemStats"));
        }
        let _ = given;
        match call.method {
            schema::read::METHOD => {
                schema::read::ParamsReader::read(call.payload)?;
                let results = schema::read::ResultsWriter::root(message)?;
                self.0.read(results)?;
            }
            schema::check_tables::METHOD => {
                schema::check_tables::ParamsReader::read(call.payload)?;
                let results = schema::check_tables::ResultsWriter::root(message)?;
                self.0.check_tables(results)?;
            }
            _ => return Err(no_such_method("SystemStats")),
        }
        Ok(())
    }
}
