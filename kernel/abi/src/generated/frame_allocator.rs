//! The interface `FrameAllocator`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

/// What a table entry of this interface carries.
pub const INTERFACE_ID: u64 = 0xc9d8_00b1_7567_0b23;

/// New memory, cleared.
pub mod allocate {
    use crate::wire::{WireError, reader, writer};

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
        /// The field `memory`: the index of a `MemoryObject` in the transfer list.
        #[inline]
        pub fn memory(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `memory`: the index of a `MemoryObject` in the transfer list.
        #[inline]
        pub fn set_memory(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }
}

/// An allocator of its own with a part of what this one has left.
pub mod derive {
    use crate::wire::{WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 1;

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
        /// The field `allocator`: the index of a `FrameAllocator` in the transfer list.
        #[inline]
        pub fn allocator(self) -> Result<u32, WireError> {
            self.0.capability(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(0, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `allocator`: the index of a `FrameAllocator` in the transfer list.
        #[inline]
        pub fn set_allocator(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(0, value)
        }
    }
}

/// The method `info`.
pub mod info {
    use crate::wire::{reader, writer};

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

    impl ResultsReader<'_> {
        /// The field `limit`.
        #[inline]
        pub fn limit(self) -> u32 {
            self.0.u32(0)
        }

        /// The field `used`.
        #[inline]
        pub fn used(self) -> u32 {
            self.0.u32(1)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 0)
    }

    impl ResultsWriter<'_> {
        /// The field `limit`.
        #[inline]
        pub fn set_limit(&mut self, value: u32) {
            self.0.set_u32(0, value);
        }

        /// The field `used`.
        #[inline]
        pub fn set_used(&mut self, value: u32) {
            self.0.set_u32(1, value);
        }
    }
}
