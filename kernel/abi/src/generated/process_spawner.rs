//! The interface `ProcessSpawner`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xa90d_6c31_e5b8_f742;

/// Starts a program of the boot package. The grants are exactly the capabilities of its CapSet.
pub mod spawn {
    use crate::generated::{NamedCapListWriter, NamedCapReader, NamedCapWriter};
    use crate::wire::{BytesListWriter, StructList, TextList, WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `binary`.
        #[inline]
        pub fn binary(self) -> Result<&'a str, WireError> {
            self.0.text(0)
        }

        /// The field `args`.
        #[inline]
        pub fn args(self) -> Result<TextList<'a>, WireError> {
            self.0.texts(1)
        }

        /// The field `grants`.
        #[inline]
        pub fn grants(self) -> Result<StructList<'a, NamedCapReader<'a>>, WireError> {
            self.0.structs(2)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 3)
    }

    impl ParamsWriter<'_> {
        /// The field `binary`.
        #[inline]
        pub fn set_binary(&mut self, value: &str) -> Result<(), WireError> {
            self.0.set_text(0, value)
        }

        /// The field `args`.
        #[inline]
        pub fn init_args(&mut self, count: usize) -> Result<BytesListWriter<'_>, WireError> {
            self.0.init_bytes_list(1, count)
        }

        /// The field `grants`.
        #[inline]
        pub fn init_grants(&mut self, count: usize) -> Result<NamedCapListWriter<'_>, WireError> {
            self.0.init_structs(2, NamedCapWriter::SIZE, count)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `handle`: the index of a `ProcessHandle` in the transfer list.
        #[inline]
        pub fn handle(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `handle`: the index of a `ProcessHandle` in the transfer list.
        #[inline]
        pub fn set_handle(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }
}
