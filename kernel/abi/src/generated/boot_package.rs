//! The interface `BootPackage`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xae65_d0f4_182c_7b93;

/// At most 32 KiB of the boot manifest message, and the message's whole length.
pub mod read_manifest {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `offset`.
        #[inline]
        pub fn offset(self) -> u32 {
            self.0.u32(0)
        }

        /// The field `length`.
        #[inline]
        pub fn length(self) -> u32 {
            self.0.u32(1)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `offset`.
        #[inline]
        pub fn set_offset(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }

        /// The field `length`.
        #[inline]
        pub fn set_length(&mut self, value: u32) {
            self.0.set_u32(1, value);
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

        /// The field `total`.
        #[inline]
        pub fn total(self) -> u32 {
            self.0.u32(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 1)
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

        /// The field `total`.
        #[inline]
        pub fn set_total(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }
}
