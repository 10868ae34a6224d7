//! The interface `NotificationFactory`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0x9564_50e0_1b80_185d;

/// A new notification: a word of bits, all clear, and a facet of it that can only signal.
pub mod create {
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

    impl ResultsReader<'_> {
        /// The field `notification`: the index of a `Notification` in the transfer list.
        #[inline]
        pub fn notification(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }

        /// The field `signaller`: the index of a `Signaller` in the transfer list.
        #[inline]
        pub fn signaller(self) -> Result<u32, WireError> {
            self.0.capability(1)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 2)
    }

    impl ResultsWriter<'_> {
        /// The field `notification`: the index of a `Notification` in the transfer list.
        #[inline]
        pub fn set_notification(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }

        /// The field `signaller`: the index of a `Signaller` in the transfer list.
        #[inline]
        pub fn set_signaller(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(1, value)
        }
    }
}
