//! `Console`: its client, and what serves it.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::client::client;
use crate::error::{Error, Exception};
use crate::ring::Incoming;
use crate::server::{Given, Service, no_such_method, other_interface};
use crate::transport::Transport;
use capos_abi::generated::console as schema;
use capos_abi::wire::MessageWriter;

client! {
    /// A client of `Console`.
    Console of schema::INTERFACE_ID
}

impl<T: Transport> Console<T> {
    /// Prints one line, `[label] text`. At most 512 bytes; other bytes than printable ASCII are
    /// written as \\xNN. The label belongs to the capability, so it cannot be forged.
    #[inline]
    pub(crate) fn call_write_line(
        &self,
        text: &[u8],
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<(), Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::write_line::ParamsWriter::root(&mut message)?;
        writer.set_text(text)?;
        let params = message.finish();
        let method = schema::write_line::METHOD;
        self.0.call(method, params, &[], results)?;
        Ok(())
    }

    /// A Console whose label is this one's, a slash, and `label` (\[a-z0-9-\]{1,24}, not "kernel");
    /// from the root Console the label alone. A label can only grow, to at most 80 bytes.
    #[inline]
    pub(crate) fn call_derive(
        &self,
        label: &str,
        params: &mut [u8],
        results: &mut [u8],
    ) -> Result<Console<T>, Error> {
        let mut message = MessageWriter::new(params);
        let mut writer = schema::derive::ParamsWriter::root(&mut message)?;
        writer.set_label(label)?;
        let params = message.finish();
        let method = schema::derive::METHOD;
        let mut reply = self.0.call(method, params, &[], results)?;
        let results = schema::derive::ResultsReader::read(reply.payload)?;
        reply.caps.client(results.console()?)
    }
}

/// What serves `Console`: a function for each method, which writes its results. What a caller must
/// expect in ordinary use is a case of the results; an exception is for everything else.
pub trait ConsoleService<T: Transport> {
    /// Prints one line, `[label] text`. At most 512 bytes; other bytes than printable ASCII are
    /// written as \\xNN. The label belongs to the capability, so it cannot be forged.
    fn write_line(&mut self, text: &[u8]) -> Result<(), Exception>;

    /// A Console whose label is this one's, a slash, and `label` (\[a-z0-9-\]{1,24}, not "kernel");
    /// from the root Console the label alone. A label can only grow, to at most 80 bytes.
    fn derive(
        &mut self,
        label: &str,
        results: schema::derive::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;
}

/// Decodes calls of `Console`, hands them on, and encodes the results.
pub struct ConsoleServer<S>(pub S);

impl<S: ConsoleService<T>, T: Transport> Service<T> for ConsoleServer<S> {
    fn call(
        &mut self,
        call: Incoming<'_, T>,
        message: &mut MessageWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception> {
        if call.interface_id != schema::INTERFACE_ID {
            return Err(other_interface("Console"));
        }
        match call.method {
            schema::write_line::METHOD => {
                let params = schema::write_line::ParamsReader::read(call.payload)?;
                self.0.write_line(params.text()?)?;
                schema::write_line::ResultsWriter::root(message)?;
            }
            schema::derive::METHOD => {
                let params = schema::derive::ParamsReader::read(call.payload)?;
                let results = schema::derive::ResultsWriter::root(message)?;
                self.0.derive(params.label()?, results, given)?;
            }
            _ => return Err(no_such_method("Console")),
        }
        Ok(())
    }
}
