//! The interface `SystemStats`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xbd16_8aba_41cc_12f3;

/// The method `read`.
pub mod read {
    use crate::generated::{StatsReader, StatsWriter};
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
        /// The field `stats`.
        #[inline]
        pub fn stats(self) -> Result<StatsReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `stats`.
        #[inline]
        pub fn init_stats(&mut self) -> Result<StatsWriter<'_>, WireError> {
            self.0.init_struct(0, StatsWriter::SIZE)
        }
    }
}

/// Walks all page tables.
pub mod check_tables {
    use crate::generated::{TableCheckReader, TableCheckWriter};
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

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
        /// The field `tables`.
        #[inline]
        pub fn tables(self) -> Result<TableCheckReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `tables`.
        #[inline]
        pub fn init_tables(&mut self) -> Result<TableCheckWriter<'_>, WireError> {
            self.0.init_struct(0, TableCheckWriter::SIZE)
        }
    }
}
