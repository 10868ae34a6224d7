//! The interface `ProcessHandle`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xf82a_5d3b_6710_c9e4;

/// Completes when the process has ended; at once if it already has. One waiter at a time.
pub mod wait {
    use crate::generated::{ProcessEndReader, ProcessEndWriter};
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 0)
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `end`.
        #[inline]
        pub fn end(self) -> Result<ProcessEndReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `end`.
        #[inline]
        pub fn init_end(&mut self) -> Result<ProcessEndWriter<'_>, WireError> {
            self.0.init_struct(0, ProcessEndWriter::SIZE)
        }
    }
}
