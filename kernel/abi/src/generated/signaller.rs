//! The interface `Signaller`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xd3b5_71c5_1512_974d;

/// The method `signal`.
pub mod signal {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `bits`.
        #[inline]
        pub fn bits(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `bits`.
        #[inline]
        pub fn set_bits(&mut self, value: u64) {
            self.0.set_u64(0, value);
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
