//! `Console`: lines with a label that cannot be forged.

use super::client;
use crate::error::Error;
use crate::transport::{Buffer, Transport};
use capos_abi::generated::console::{derive, write_line};
use capos_abi::limits::CONSOLE_LINE;
use capos_abi::wire::MessageWriter;

client! {
    /// Prints lines.
    Console of console
}

/// Root pointer, text pointer, text; an exception does not need more.
const LINE_MESSAGE: usize = 16 + CONSOLE_LINE;
const SHORT_MESSAGE: usize = 256;

impl<T: Transport> Console<T> {
    /// Prints one line of at most 512 bytes.
    pub fn write_line(&self, text: &[u8]) -> Result<(), Error> {
        let mut buffer = Buffer::<LINE_MESSAGE>::ZERO;
        let mut message = MessageWriter::new(&mut buffer.0);
        write_line::ParamsWriter::root(&mut message)?.set_text(text)?;
        let mut results = Buffer::<SHORT_MESSAGE>::ZERO;
        self.0
            .call(write_line::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(())
    }

    /// A Console whose label is this one's and `label`.
    pub fn derive(&self, label: &str) -> Result<Console<T>, Error> {
        let mut buffer = Buffer::<SHORT_MESSAGE>::ZERO;
        let mut message = MessageWriter::new(&mut buffer.0);
        derive::ParamsWriter::root(&mut message)?.set_label(label)?;
        let mut results = Buffer::<SHORT_MESSAGE>::ZERO;
        let mut reply = self
            .0
            .call(derive::METHOD, message.finish(), &[], &mut results.0)?;
        let console = derive::ResultsReader::read(reply.payload)?.console()?;
        reply.caps.take(console)?.typed()
    }
}
