//! `Numbers`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use crate::every::Colour;
use capos_abi::wire::{WireError, list_writer, reader, writer};

reader! {
    /// Every size and sign, in an order that makes the compiler fill the holes.
    NumbersReader
}

impl NumbersReader<'_> {
    /// The field `bit`.
    #[inline]
    pub fn bit(self) -> bool {
        self.0.bool(0)
    }

    /// The field `small`.
    #[inline]
    pub fn small(self) -> i8 {
        self.0.u8(1).cast_signed()
    }

    /// The field `otherBit`.
    #[inline]
    pub fn other_bit(self) -> bool {
        !self.0.bool(1)
    }

    /// The field `medium`.
    #[inline]
    pub fn medium(self) -> i16 {
        (self.0.u16(1) ^ 0xfffd).cast_signed()
    }

    /// The field `word`.
    #[inline]
    pub fn word(self) -> i32 {
        (self.0.u32(1) ^ 0x7fffffff).cast_signed()
    }

    /// The field `large`.
    #[inline]
    pub fn large(self) -> i64 {
        (self.0.u64(1) ^ 0xffffffffffffffff).cast_signed()
    }

    /// The field `byte`.
    #[inline]
    pub fn byte(self) -> u8 {
        self.0.u8(16) ^ 0xff
    }

    /// The field `half`.
    #[inline]
    pub fn half(self) -> u16 {
        self.0.u16(9) ^ 0x201
    }

    /// The field `single`.
    #[inline]
    pub fn single(self) -> u32 {
        self.0.u32(5)
    }

    /// The field `double`.
    #[inline]
    pub fn double(self) -> u64 {
        self.0.u64(3) ^ 0x123456789abcdef0
    }

    /// The field `colour`.
    #[inline]
    pub fn colour(self) -> Result<Colour, WireError> {
        Colour::from_wire(self.0.u16(16) ^ 0x1)
    }
}

writer! {
    /// Writes [`NumbersReader`].
    NumbersWriter(5, 0)
}

impl NumbersWriter<'_> {
    /// The field `bit`.
    #[inline]
    pub fn set_bit(&mut self, value: bool) {
        self.0.set_bool(0, value);
    }

    /// The field `small`.
    #[inline]
    pub fn set_small(&mut self, value: i8) {
        self.0.set_u8(1, value.cast_unsigned());
    }

    /// The field `otherBit`.
    #[inline]
    pub fn set_other_bit(&mut self, value: bool) {
        self.0.set_bool(1, !value);
    }

    /// The field `medium`.
    #[inline]
    pub fn set_medium(&mut self, value: i16) {
        let bits = value.cast_unsigned() ^ 0xfffd;
        self.0.set_u16(1, bits);
    }

    /// The field `word`.
    #[inline]
    pub fn set_word(&mut self, value: i32) {
        let bits = value.cast_unsigned() ^ 0x7fffffff;
        self.0.set_u32(1, bits);
    }

    /// The field `large`.
    #[inline]
    pub fn set_large(&mut self, value: i64) {
        let bits = value.cast_unsigned() ^ 0xffffffffffffffff;
        self.0.set_u64(1, bits);
    }

    /// The field `byte`.
    #[inline]
    pub fn set_byte(&mut self, value: u8) {
        self.0.set_u8(16, value ^ 0xff);
    }

    /// The field `half`.
    #[inline]
    pub fn set_half(&mut self, value: u16) {
        self.0.set_u16(9, value ^ 0x201);
    }

    /// The field `single`.
    #[inline]
    pub fn set_single(&mut self, value: u32) {
        self.0.set_u32(5, value);
    }

    /// The field `double`.
    #[inline]
    pub fn set_double(&mut self, value: u64) {
        self.0.set_u64(3, value ^ 0x123456789abcdef0);
    }

    /// The field `colour`.
    #[inline]
    pub fn set_colour(&mut self, value: Colour) {
        self.0.set_u16(16, value.to_wire() ^ 0x1);
    }
}

list_writer! {
    /// Writes a list of [`NumbersReader`].
    NumbersListWriter of NumbersWriter
}
