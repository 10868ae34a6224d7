//! `ProcessEnd`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{StructReader, WireError, reader, writer};

reader! {
    /// The struct `ProcessEnd`.
    ProcessEndReader
}

impl ProcessEndReader<'_> {
    /// The case of the union that is set. Errors: `Unknown`, and those of its value.
    #[inline]
    pub fn which(self) -> Result<ProcessEndWhich, WireError> {
        ProcessEndWhich::from_struct(self.0)
    }
}

/// The union of `ProcessEnd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEndWhich {
    /// the status it gave to exit
    Exited(i32),
    /// the processor stopped it
    Faulted(ProcessEndFault),
}

impl ProcessEndWhich {
    fn from_struct(reader: StructReader<'_>) -> Result<Self, WireError> {
        match reader.u16(2) {
            0 => Ok(Self::Exited(reader.u32(0).cast_signed())),
            1 => ProcessEndFault::from_wire(reader.u16(0)).map(Self::Faulted),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`ProcessEndReader`].
    ProcessEndWriter(1, 0)
}

impl ProcessEndWriter<'_> {
    /// the status it gave to exit
    #[inline]
    pub fn set_exited(&mut self, value: i32) {
        self.0.set_u16(2, 0);
        self.0.set_u32(0, value.cast_unsigned());
    }

    /// the processor stopped it
    #[inline]
    pub fn set_faulted(&mut self, value: ProcessEndFault) {
        self.0.set_u16(2, 1);
        self.0.set_u16(0, value.to_wire());
    }
}

/// The enum `ProcessEndFault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ProcessEndFault {
    /// The value `pageFault`.
    PageFault = 0,
    /// The value `protection`.
    Protection = 1,
    /// The value `invalidOpcode`.
    InvalidOpcode = 2,
    /// The value `divide`.
    Divide = 3,
    /// The value `other`.
    Other = 4,
}

impl ProcessEndFault {
    /// The value with this number. Errors: `Unknown`.
    #[inline]
    pub fn from_wire(number: u16) -> Result<Self, WireError> {
        match number {
            0 => Ok(Self::PageFault),
            1 => Ok(Self::Protection),
            2 => Ok(Self::InvalidOpcode),
            3 => Ok(Self::Divide),
            4 => Ok(Self::Other),
            other => Err(WireError::Unknown(other)),
        }
    }

    /// The number of this value.
    #[inline]
    pub fn to_wire(self) -> u16 {
        self as u16
    }
}
