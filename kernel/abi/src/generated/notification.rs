//! The interface `Notification`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xa809_d621_bbfa_a809;

/// Sets bits. They stay set until somebody takes them.
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

/// Completes when a bit of the mask is set: takes the bits of the mask that are. At once if one
/// is set already.
pub mod wait {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `mask`.
        #[inline]
        pub fn mask(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `mask`.
        #[inline]
        pub fn set_mask(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `bits`.
        #[inline]
        pub fn bits(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `bits`.
        #[inline]
        pub fn set_bits(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }
}

/// Takes the bits of the mask that are set, be there any or none.
pub mod poll {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 2;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `mask`.
        #[inline]
        pub fn mask(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `mask`.
        #[inline]
        pub fn set_mask(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `bits`.
        #[inline]
        pub fn bits(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `bits`.
        #[inline]
        pub fn set_bits(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }
}
