//! The interface `Revoker`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0x8127_d2e7_7035_3469;

/// Takes the derived capability back, every copy of it and all that was derived from them, in
/// every process. Says how many derivations that were: 0 when it was done already.
pub mod revoke {
    use crate::wire::{reader, writer};

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

    impl ResultsReader<'_> {
        /// The field `revoked`.
        #[inline]
        pub fn revoked(self) -> u32 {
            self.0.u32(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `revoked`.
        #[inline]
        pub fn set_revoked(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }
}
