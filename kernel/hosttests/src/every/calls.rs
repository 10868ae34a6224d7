//! A method of named structs, one of its own, and one with nothing at all.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xe8c8_438e_9ad5_cf53;

/// The method `convert`.
pub mod convert {
    pub use crate::every::{NumbersReader as ParamsReader, NumbersWriter as ParamsWriter};

    pub use crate::every::{ListsReader as ResultsReader, ListsWriter as ResultsWriter};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;
}

/// The method `move`.
pub mod r#move {
    use crate::every::{Colour, HolderListWriter, HolderReader, HolderWriter};
    use capos_abi::wire::{StructList, WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `from`.
        #[inline]
        pub fn from(self) -> Result<&'a str, WireError> {
            self.0.text(0)
        }

        /// The field `to`.
        #[inline]
        pub fn to(self) -> Result<StructList<'a, HolderReader<'a>>, WireError> {
            self.0.structs(1)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 2)
    }

    impl ParamsWriter<'_> {
        /// The field `from`.
        #[inline]
        pub fn set_from(&mut self, value: &str) -> Result<(), WireError> {
            self.0.set_text(0, value)
        }

        /// The field `to`.
        #[inline]
        pub fn init_to(&mut self, count: usize) -> Result<HolderListWriter<'_>, WireError> {
            self.0.init_structs(1, HolderWriter::SIZE, count)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `colour`.
        #[inline]
        pub fn colour(self) -> Result<Colour, WireError> {
            Colour::from_wire(self.0.u16(0) ^ 0x2)
        }

        /// The field `done`.
        #[inline]
        pub fn done(self) -> bool {
            self.0.bool(16)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `colour`.
        #[inline]
        pub fn set_colour(&mut self, value: Colour) {
            self.0.set_u16(0, value.to_wire() ^ 0x2);
        }

        /// The field `done`.
        #[inline]
        pub fn set_done(&mut self, value: bool) {
            self.0.set_bool(16, value);
        }
    }
}

/// The method `ping`.
pub mod ping {
    use capos_abi::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 2;

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
