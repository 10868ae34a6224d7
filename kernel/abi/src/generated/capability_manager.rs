//! The interface `CapabilityManager`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xcb83_08f8_31aa_823f;

/// The caller's own capabilities, in the order of their slots: at most 32, from the start-th on,
/// and how many there are in all.
pub mod list {
    use crate::generated::{HeldCapListWriter, HeldCapReader, HeldCapWriter};
    use crate::wire::{StructList, WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `start`.
        #[inline]
        pub fn start(self) -> u32 {
            self.0.u32(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `start`.
        #[inline]
        pub fn set_start(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `caps`.
        #[inline]
        pub fn caps(self) -> Result<StructList<'a, HeldCapReader<'a>>, WireError> {
            self.0.structs(0)
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
        /// The field `caps`.
        #[inline]
        pub fn init_caps(&mut self, count: usize) -> Result<HeldCapListWriter<'_>, WireError> {
            self.0.init_structs(0, HeldCapWriter::SIZE, count)
        }

        /// The field `total`.
        #[inline]
        pub fn set_total(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }
}

/// A capability to the same object that can be taken back, and what takes it back.
pub mod derive {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `cap`: the index of a capability in the transfer list.
        #[inline]
        pub fn cap(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(0, 1)
    }

    impl ParamsWriter<'_> {
        /// The field `cap`: the index of a capability in the transfer list.
        #[inline]
        pub fn set_cap(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `derived`: the index of a capability in the transfer list.
        #[inline]
        pub fn derived(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }

        /// The field `revoker`: the index of a `Revoker` in the transfer list.
        #[inline]
        pub fn revoker(self) -> Result<u32, WireError> {
            self.0.capability(1)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 2)
    }

    impl ResultsWriter<'_> {
        /// The field `derived`: the index of a capability in the transfer list.
        #[inline]
        pub fn set_derived(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }

        /// The field `revoker`: the index of a `Revoker` in the transfer list.
        #[inline]
        pub fn set_revoker(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(1, value)
        }
    }
}
