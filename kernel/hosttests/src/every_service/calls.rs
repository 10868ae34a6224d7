//! `Calls`: its client, and what serves it.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use crate::every::calls as schema;
use crate::every::{CallsPaintReader, CallsShade, Colour, HolderReader};
use capos_abi::message::TransferDescriptor;
use capos_abi::wire::{MessageWriter, StructList};
use capos_rt::cap::Cap;
use capos_rt::client::client;
use capos_rt::error::{Error, Exception};
use capos_rt::ring::Incoming;
use capos_rt::server::{Given, Service, no_such_method, other_interface};
use capos_rt::transport::{Buffer, Received, Transport};

client! {
    /// A method of named structs, one of its own, and one with nothing at all.
    Calls of schema::INTERFACE_ID
}

impl<T: Transport> Calls<T> {
    /// The method `convert`.
    #[inline]
    pub fn convert<'r>(
        &self,
        write: impl FnOnce(schema::convert::ParamsWriter<'_>) -> Result<(), Error>,
        params: &mut [u8],
        results: &'r mut [u8],
    ) -> Result<schema::convert::ResultsReader<'r>, Error> {
        let mut message = MessageWriter::new(params);
        write(schema::convert::ParamsWriter::root(&mut message)?)?;
        let params = message.finish();
        let method = schema::convert::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::convert::ResultsReader::read(reply.payload)?;
        Ok(results)
    }

    /// The method `move`.
    #[inline]
    pub fn r#move(
        &self,
        write: impl FnOnce(schema::r#move::ParamsWriter<'_>) -> Result<(), Error>,
        given: &[TransferDescriptor],
        params: &mut [u8],
    ) -> Result<(Colour, bool), Error> {
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(params);
        write(schema::r#move::ParamsWriter::root(&mut message)?)?;
        let params = message.finish();
        let method = schema::r#move::METHOD;
        let reply = self.0.call(method, params, given, &mut results.0)?;
        let results = schema::r#move::ResultsReader::read(reply.payload)?;
        Ok((results.colour()?, results.done()))
    }

    /// The method `ping`.
    #[inline]
    pub fn ping(&self) -> Result<(), Error> {
        let mut params = Buffer::<8>::ZERO;
        let mut results = Buffer::<88>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        schema::ping::ParamsWriter::root(&mut message)?;
        let params = message.finish();
        let method = schema::ping::METHOD;
        self.0.call(method, params, &[], &mut results.0)?;
        Ok(())
    }

    /// What is declared inside an interface.
    #[inline]
    pub fn mix<'r>(
        &self,
        write: impl FnOnce(schema::mix::ParamsWriter<'_>) -> Result<(), Error>,
        params: &mut [u8],
        results: &'r mut [u8],
    ) -> Result<(CallsShade, StructList<'r, CallsPaintReader<'r>>), Error> {
        let mut message = MessageWriter::new(params);
        write(schema::mix::ParamsWriter::root(&mut message)?)?;
        let params = message.finish();
        let method = schema::mix::METHOD;
        let reply = self.0.call(method, params, &[], results)?;
        let results = schema::mix::ResultsReader::read(reply.payload)?;
        Ok((results.shade()?, results.used()?))
    }
}

/// What serves `Calls`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait CallsService<T: Transport> {
    /// The method `convert`.
    fn convert(
        &mut self,
        params: schema::convert::ParamsReader<'_>,
        results: schema::convert::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `move`.
    fn r#move(
        &mut self,
        from: &str,
        to: StructList<'_, HolderReader<'_>>,
        received: &mut Received<'_, T>,
        results: schema::r#move::ResultsWriter<'_>,
    ) -> Result<(), Exception>;

    /// The method `ping`.
    fn ping(&mut self) -> Result<(), Exception>;

    /// What is declared inside an interface.
    fn mix(
        &mut self,
        shade: CallsShade,
        paint: CallsPaintReader<'_>,
        holder: Calls<T>,
        any: Cap<T>,
        results: schema::mix::ResultsWriter<'_>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `Calls`, hands them on, and encodes the results.
pub struct CallsServer<S>(pub S);

impl<S: CallsService<T>, T: Transport> Service<T> for CallsServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Calls"));
        }
        let mut received = call.caps;
        let _ = given;
        match call.method {
            schema::convert::METHOD => {
                let params = schema::convert::ParamsReader::read(call.payload)?;
                let results = schema::convert::ResultsWriter::root(message)?;
                self.0.convert(params, results)?;
            }
            schema::r#move::METHOD => {
                let params = schema::r#move::ParamsReader::read(call.payload)?;
                let results = schema::r#move::ResultsWriter::root(message)?;
                self.0
                    .r#move(params.from()?, params.to()?, &mut received, results)?;
            }
            schema::ping::METHOD => {
                schema::ping::ParamsReader::read(call.payload)?;
                self.0.ping()?;
                schema::ping::ResultsWriter::root(message)?;
            }
            schema::mix::METHOD => {
                let params = schema::mix::ParamsReader::read(call.payload)?;
                let results = schema::mix::ResultsWriter::root(message)?;
                self.0.mix(
                    params.shade()?,
                    params.paint()?,
                    received.client(params.holder()?)?,
                    received.take(params.any()?)?,
                    results,
                )?;
            }
            _ => return Err(no_such_method("Calls")),
        }
        Ok(())
    }
}
