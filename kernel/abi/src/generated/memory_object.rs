//! The interface `MemoryObject`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xdabb_0202_7c8c_b1d4;

/// The method `info`.
pub mod info {
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
        /// The field `pages`.
        #[inline]
        pub fn pages(self) -> u32 {
            self.0.u32(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `pages`.
        #[inline]
        pub fn set_pages(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }
    }
}

/// Maps all of it into the caller's address space, where there is room.
pub mod map {
    use crate::wire::{reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl ParamsReader<'_> {
        /// The field `writable`.
        #[inline]
        pub fn writable(self) -> bool {
            self.0.bool(0)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 0)
    }

    impl ParamsWriter<'_> {
        /// The field `writable`.
        #[inline]
        pub fn set_writable(&mut self, value: bool) {
            self.0.set_bool(0, value);
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

/// The method `unmap`.
pub mod unmap {
    use crate::wire::{reader, writer};

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

/// A facet of it that cannot be mapped for writing.
pub mod reader {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 3;

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
        /// The field `reader`: the index of a `MemoryReader` in the transfer list.
        #[inline]
        pub fn reader(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `reader`: the index of a `MemoryReader` in the transfer list.
        #[inline]
        pub fn set_reader(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }
}
