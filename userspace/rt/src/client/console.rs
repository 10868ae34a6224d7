//! `Console`: lines with a label that cannot be forged.

use super::Console;
use crate::error::Error;
use crate::transport::{Buffer, Transport};
use capos_abi::limits::CONSOLE_LINE;

/// Root pointer, text pointer, text; an exception does not need more.
const LINE_MESSAGE: usize = 16 + CONSOLE_LINE;
const SHORT_MESSAGE: usize = 256;

impl<T: Transport> Console<T> {
    /// Prints one line of at most 512 bytes.
    pub fn write_line(&self, text: &[u8]) -> Result<(), Error> {
        let mut params = Buffer::<LINE_MESSAGE>::ZERO;
        let mut results = Buffer::<SHORT_MESSAGE>::ZERO;
        self.call_write_line(text, &mut params.0, &mut results.0)
    }

    /// A Console whose label is this one's and `label`.
    pub fn derive(&self, label: &str) -> Result<Console<T>, Error> {
        let mut params = Buffer::<SHORT_MESSAGE>::ZERO;
        let mut results = Buffer::<SHORT_MESSAGE>::ZERO;
        self.call_derive(label, &mut params.0, &mut results.0)
    }
}
