//! `Signaller`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::{Buffer, Transport};
use capos_abi::generated::signaller as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `Signaller`.
    Signaller of schema::INTERFACE_ID
}

impl<T: Transport> Signaller<T> {
    /// The method `signal`.
    #[inline]
    pub(crate) fn call_signal(&self, bits: u64, results: &mut [u8]) -> Result<(), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        let mut writer = schema::signal::ParamsWriter::root(&mut message)?;
        writer.set_bits(bits);
        let params = message.finish();
        let method = schema::signal::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }
}

/// What serves `Signaller`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait SignallerService {
    /// The method `signal`.
    fn signal(&mut self, bits: u64) -> Result<(), Exception>;
}

/// Decodes calls of `Signaller`, hands them on, and encodes the results.
pub struct SignallerServer<S>(pub S);

impl<S: SignallerService, T: Transport> Service<T> for SignallerServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Signaller"));
        }
        let _ = given;
        match call.method {
            schema::signal::METHOD => {
                let params = schema::signal::ParamsReader::read(call.payload)?;
                self.0.signal(params.bits())?;
                schema::signal::ResultsWriter::root(message)?;
            }
            _ => return Err(no_such_method("Signaller")),
        }
        Ok(())
    }
}
