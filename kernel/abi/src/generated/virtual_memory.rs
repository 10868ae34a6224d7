//! Memory of the caller's own. Addresses and lengths are multiples of 4096.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xe8e6_db00_6c4f_3e8d;

/// A range that nothing else will be mapped in, with an unmapped page on either side.
pub mod reserve {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 0;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `pages`.
        #[inline]
        pub fn pages(self) -> u32 {
            self.0.u32(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `pages`.
        #[inline]
        pub fn set_pages(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl ResultsReader<'_> {
        /// The field `address`.
        #[inline]
        pub fn address(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `address`.
        #[inline]
        pub fn set_address(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }
    }
}

/// Cleared memory for a part of a range; it can be read and written.
pub mod commit {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `address`.
        #[inline]
        pub fn address(self) -> u64 {
            self.0.u64(0)
        }

        /// The field `pages`.
        #[inline]
        pub fn pages(self) -> u32 {
            self.0.u32(2)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(2, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `address`.
        #[inline]
        pub fn set_address(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }

        /// The field `pages`.
        #[inline]
        pub fn set_pages(&mut self, value: u32) {
            self.0.set_u32(2, value);
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

/// The method `protect`.
pub mod protect {
    use crate::generated::MemoryAccess;
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 2;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `address`.
        #[inline]
        pub fn address(self) -> u64 {
            self.0.u64(0)
        }

        /// The field `pages`.
        #[inline]
        pub fn pages(self) -> u32 {
            self.0.u32(2)
        }

        /// The field `access`.
        #[inline]
        pub fn access(self) -> Result<MemoryAccess, WireError> {
            MemoryAccess::from_wire(self.0.u16(6))
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(2, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `address`.
        #[inline]
        pub fn set_address(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }

        /// The field `pages`.
        #[inline]
        pub fn set_pages(&mut self, value: u32) {
            self.0.set_u32(2, value);
        }

        /// The field `access`.
        #[inline]
        pub fn set_access(&mut self, value: MemoryAccess) {
            self.0.set_u16(6, value.to_wire());
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

/// The method `decommit`.
pub mod decommit {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 3;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `address`.
        #[inline]
        pub fn address(self) -> u64 {
            self.0.u64(0)
        }

        /// The field `pages`.
        #[inline]
        pub fn pages(self) -> u32 {
            self.0.u32(2)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(2, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `address`.
        #[inline]
        pub fn set_address(&mut self, value: u64) {
            self.0.set_u64(0, value);
        }

        /// The field `pages`.
        #[inline]
        pub fn set_pages(&mut self, value: u32) {
            self.0.set_u32(2, value);
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

/// Gives a whole range up, and what is committed in it.
pub mod release {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 4;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `address`.
        #[inline]
        pub fn address(self) -> u64 {
            self.0.u64(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `address`.
        #[inline]
        pub fn set_address(&mut self, value: u64) {
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
