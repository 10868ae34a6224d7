//! The interface `Console`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xe1b7_046f_d358_2c9a;

/// Prints one line, `[label] text`. At most 512 bytes; other bytes than printable ASCII are
/// written as \\xNN. The label belongs to the capability, so it cannot be forged.
pub mod write_line {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `text`.
        #[inline]
        pub fn text(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `text`.
        #[inline]
        pub fn set_text(&mut self, value: &[u8]) -> Result<(), WireError> {
            self.0.set_data(0, value)
        }

        /// The field `text`.
        #[inline]
        pub fn init_text(&mut self, len: usize) -> Result<&mut [u8], WireError> {
            self.0.init_data(0, len)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 0)
    }
}

/// A Console whose label is this one's, a slash, and `label` (\[a-z0-9-\]{1,24}, not "kernel");
/// from the root Console the label alone. A label can only grow, to at most 80 bytes.
pub mod derive {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `label`.
        #[inline]
        pub fn label(self) -> Result<&'a str, WireError> {
            self.0.text(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `label`.
        #[inline]
        pub fn set_label(&mut self, value: &str) -> Result<(), WireError> {
            self.0.set_text(0, value)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `console`: the index of a `Console` in the transfer list.
        #[inline]
        pub fn console(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `console`: the index of a `Console` in the transfer list.
        #[inline]
        pub fn set_console(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }
}
