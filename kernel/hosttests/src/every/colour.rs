//! `Colour`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use capos_abi::wire::WireError;

/// The enum `Colour`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Colour {
    /// The value `red`.
    Red = 0,
    /// The value `green`.
    Green = 1,
    /// The value `darkBlue`.
    DarkBlue = 2,
}

impl Colour {
    /// The value with this number. Errors: `Unknown`.
    #[inline]
    pub fn from_wire(number: u16) -> Result<Self, WireError> {
        match number {
            0 => Ok(Self::Red),
            1 => Ok(Self::Green),
            2 => Ok(Self::DarkBlue),
            other => Err(WireError::Unknown(other)),
        }
    }

    /// The number of this value.
    #[inline]
    pub fn to_wire(self) -> u16 {
        self as u16
    }
}
