//! The interface `BlockDevice`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0x97f3_b8d2_e041_6ca5;

/// The method `info`.
pub mod info {
    use crate::generated::{BlockInfoReader, BlockInfoWriter};
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
        /// The field `info`.
        #[inline]
        pub fn info(self) -> Result<BlockInfoReader<'a>, WireError> {
            self.0.structure(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `info`.
        #[inline]
        pub fn init_info(&mut self) -> Result<BlockInfoWriter<'_>, WireError> {
            self.0.init_struct(0, BlockInfoWriter::SIZE)
        }
    }
}

/// The method `read`.
pub mod read {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `start`.
        #[inline]
        pub fn start(self) -> u64 {
            self.0.u64(0)
        }

        /// The field `count`.
        #[inline]
        pub fn count(self) -> u32 {
            self.0.u32(2)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(2, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `start`.
        #[inline]
        pub fn set_start(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }

        /// The field `count`.
        #[inline]
        pub fn set_count(&mut self, value: u32) {
            self.0.set_u32(2, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `data`.
        #[inline]
        pub fn data(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
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
}

/// The method `write`.
pub mod write {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 2;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `start`.
        #[inline]
        pub fn start(self) -> u64 {
            self.0.u64(0)
        }

        /// The field `data`.
        #[inline]
        pub fn data(self) -> Result<&'a [u8], WireError> {
            self.0.data(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `start`.
        #[inline]
        pub fn set_start(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }

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

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 0)
    }
}

/// Blocks of blockSize bytes; at most 32 KiB in one call. A write is durable only after a flush
/// that was called after it has completed.
pub mod flush {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 3;

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

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 0)
    }
}
