//! A method of named structs, one of its own, and one with nothing at all.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use capos_abi::wire::{WireError, list_writer, reader, writer};

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

/// What is declared inside an interface.
pub mod mix {
    use crate::every::{CallsPaintListWriter, CallsPaintReader, CallsPaintWriter, CallsShade};
    use capos_abi::wire::{StructList, WireError, reader, writer};

    /// The method's number in a ring entry.
    pub const METHOD: u16 = 3;

    reader! {
        /// What a caller sends.
        ParamsReader
    }

    impl<'a> ParamsReader<'a> {
        /// The field `shade`.
        #[inline]
        pub fn shade(self) -> Result<CallsShade, WireError> {
            CallsShade::from_wire(self.0.u16(0))
        }

        /// The field `paint`.
        #[inline]
        pub fn paint(self) -> Result<CallsPaintReader<'a>, WireError> {
            self.0.structure(0)
        }

        /// The field `holder`: the index of a `Calls` in the transfer list.
        #[inline]
        pub fn holder(self) -> Result<u32, WireError> {
            self.0.capability(1)
        }

        /// The field `any`: the index of a capability in the transfer list.
        #[inline]
        pub fn any(self) -> Result<u32, WireError> {
            self.0.capability(2)
        }
    }

    writer! {
        /// Writes [`ParamsReader`].
        ParamsWriter(1, 3)
    }

    impl ParamsWriter<'_> {
        /// The field `shade`.
        #[inline]
        pub fn set_shade(&mut self, value: CallsShade) {
            self.0.set_u16(0, value.to_wire());
        }

        /// The field `paint`.
        #[inline]
        pub fn init_paint(&mut self) -> Result<CallsPaintWriter<'_>, WireError> {
            self.0.init_struct(0, CallsPaintWriter::SIZE)
        }

        /// The field `holder`: the index of a `Calls` in the transfer list.
        #[inline]
        pub fn set_holder(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(1, value)
        }

        /// The field `any`: the index of a capability in the transfer list.
        #[inline]
        pub fn set_any(&mut self, value: u32) -> Result<(), WireError> {
            self.0.set_capability(2, value)
        }
    }

    reader! {
        /// What a callee answers.
        ResultsReader
    }

    impl<'a> ResultsReader<'a> {
        /// The field `shade`.
        #[inline]
        pub fn shade(self) -> Result<CallsShade, WireError> {
            CallsShade::from_wire(self.0.u16(0))
        }

        /// The field `used`.
        #[inline]
        pub fn used(self) -> Result<StructList<'a, CallsPaintReader<'a>>, WireError> {
            self.0.structs(0)
        }
    }

    writer! {
        /// Writes [`ResultsReader`].
        ResultsWriter(1, 1)
    }

    impl ResultsWriter<'_> {
        /// The field `shade`.
        #[inline]
        pub fn set_shade(&mut self, value: CallsShade) {
            self.0.set_u16(0, value.to_wire());
        }

        /// The field `used`.
        #[inline]
        pub fn init_used(&mut self, count: usize) -> Result<CallsPaintListWriter<'_>, WireError> {
            self.0.init_structs(0, CallsPaintWriter::SIZE, count)
        }
    }
}

reader! {
    /// The struct `CallsPaint`.
    CallsPaintReader
}

impl<'a> CallsPaintReader<'a> {
    /// The field `shade`.
    #[inline]
    pub fn shade(self) -> Result<CallsShade, WireError> {
        CallsShade::from_wire(self.0.u16(0) ^ 0x1)
    }

    /// The field `name`.
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }
}

writer! {
    /// Writes [`CallsPaintReader`].
    CallsPaintWriter(1, 1)
}

impl CallsPaintWriter<'_> {
    /// The field `shade`.
    #[inline]
    pub fn set_shade(&mut self, value: CallsShade) {
        self.0.set_u16(0, value.to_wire() ^ 0x1);
    }

    /// The field `name`.
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }
}

list_writer! {
    /// Writes a list of [`CallsPaintReader`].
    CallsPaintListWriter of CallsPaintWriter
}

/// The enum `CallsShade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CallsShade {
    /// The value `pale`.
    Pale = 0,
    /// The value `deep`.
    Deep = 1,
}

impl CallsShade {
    /// The value with this number. Errors: `Unknown`.
    #[inline]
    pub fn from_wire(number: u16) -> Result<Self, WireError> {
        match number {
            0 => Ok(Self::Pale),
            1 => Ok(Self::Deep),
            other => Err(WireError::Unknown(other)),
        }
    }

    /// The number of this value.
    #[inline]
    pub fn to_wire(self) -> u16 {
        self as u16
    }
}
