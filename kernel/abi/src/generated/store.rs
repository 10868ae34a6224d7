//! Content-addressed objects of at most 32 KiB, keyed by SHA-256.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0x8d26_f1b0_ea57_c493;

/// The method `put`.
pub mod put {
    use crate::generated::{PutResultReader, PutResultWriter};
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `data`.
        #[inline]
        pub fn data(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `data`.
        #[inline]
        pub fn set_data(&mut self, value: &[u8]) -> Result<(), WireError> {
            self.0.set_data(0, value)
        }

        /// The field `data`.
        #[inline]
        pub fn init_data(&mut self, len: usize) -> Result<&mut [u8], WireError> {
            self.0.init_data(0, len)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `result`.
        #[inline]
        pub fn result(self) -> Result<PutResultReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `result`.
        #[inline]
        pub fn init_result(&mut self) -> Result<PutResultWriter<'_>, WireError> {
            self.0.init_struct(0, PutResultWriter::SIZE)
        }
    }
}

/// The method `get`.
pub mod get {
    use crate::generated::{GetResultReader, GetResultWriter};
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `digest`.
        #[inline]
        pub fn digest(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `digest`.
        #[inline]
        pub fn set_digest(&mut self, value: &[u8]) -> Result<(), WireError> {
            self.0.set_data(0, value)
        }

        /// The field `digest`.
        #[inline]
        pub fn init_digest(&mut self, len: usize) -> Result<&mut [u8], WireError> {
            self.0.init_data(0, len)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `result`.
        #[inline]
        pub fn result(self) -> Result<GetResultReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `result`.
        #[inline]
        pub fn init_result(&mut self) -> Result<GetResultWriter<'_>, WireError> {
            self.0.init_struct(0, GetResultWriter::SIZE)
        }
    }
}

/// The method `has`.
pub mod has {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 2;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `digest`.
        #[inline]
        pub fn digest(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `digest`.
        #[inline]
        pub fn set_digest(&mut self, value: &[u8]) -> Result<(), WireError> {
            self.0.set_data(0, value)
        }

        /// The field `digest`.
        #[inline]
        pub fn init_digest(&mut self, len: usize) -> Result<&mut [u8], WireError> {
            self.0.init_data(0, len)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `present`.
        #[inline]
        pub fn present(self) -> bool {
            self.0.bool(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `present`.
        #[inline]
        pub fn set_present(&mut self, value: bool) {
            self.0.set_bool(0, value);
        }
    }
}

/// The method `delete`.
pub mod delete {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 3;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `digest`.
        #[inline]
        pub fn digest(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `digest`.
        #[inline]
        pub fn set_digest(&mut self, value: &[u8]) -> Result<(), WireError> {
            self.0.set_data(0, value)
        }

        /// The field `digest`.
        #[inline]
        pub fn init_digest(&mut self, len: usize) -> Result<&mut [u8], WireError> {
            self.0.init_data(0, len)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `deleted`.
        #[inline]
        pub fn deleted(self) -> bool {
            self.0.bool(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `deleted`.
        #[inline]
        pub fn set_deleted(&mut self, value: bool) {
            self.0.set_bool(0, value);
        }
    }
}

/// What was put or deleted before is durable when commit returns, and not before.
pub mod commit {
    use crate::generated::{CommitResultReader, CommitResultWriter};
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 4;

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
        /// The field `result`.
        #[inline]
        pub fn result(self) -> Result<CommitResultReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `result`.
        #[inline]
        pub fn init_result(&mut self) -> Result<CommitResultWriter<'_>, WireError> {
            self.0.init_struct(0, CommitResultWriter::SIZE)
        }
    }
}
