//! The interface `EndpointFactory`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xd913_7e04_ac6b_f582;

/// A new endpoint: its owner side, and a client facet of the given interface that can only CALL.
pub mod create {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `interfaceId`.
        #[inline]
        pub fn interface_id(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `interfaceId`.
        #[inline]
        pub fn set_interface_id(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `endpoint`: the index of a `Endpoint` in the transfer list.
        #[inline]
        pub fn endpoint(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }

        /// The field `client`: the index of a capability in the transfer list.
        #[inline]
        pub fn client(self) -> Result<u32, WireError> {
            self.0.capability(1)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 2)
    }

    impl ResultsWriter<'_> {
        /// The field `endpoint`: the index of a `Endpoint` in the transfer list.
        #[inline]
        pub fn set_endpoint(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }

        /// The field `client`: the index of a capability in the transfer list.
        #[inline]
        pub fn set_client(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(1, value)
        }
    }
}
