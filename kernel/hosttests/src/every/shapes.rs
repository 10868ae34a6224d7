//! `Shapes`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use crate::every::{
    Colour, EmptyReader, EmptyWriter, HolderReader, HolderWriter, ListsReader, ListsWriter,
    NumbersReader, NumbersWriter,
};
use capos_abi::wire::{StructReader, WireError, reader, writer};

reader! {
    /// A union of its own, a group with plain fields, and a group inside a union.
    ShapesReader
}

impl<'a> ShapesReader<'a> {
    /// The field `name`.
    #[inline]
    pub fn name(self) -> Result<&'a str, WireError> {
        self.0.text(0)
    }

    /// The field `place`.
    #[inline]
    pub fn place(self) -> ShapesPlaceReader<'a> {
        ShapesPlaceReader::from(self.0)
    }

    /// The field `holder`.
    #[inline]
    pub fn holder(self) -> Result<HolderReader<'a>, WireError> {
        self.0.structure(4)
    }

    /// The case of the union that is set. Errors: `Unknown`, and those of its value.
    #[inline]
    pub fn which(self) -> Result<ShapesWhich<'a>, WireError> {
        ShapesWhich::from_struct(self.0)
    }
}

/// The union of `Shapes`.
#[derive(Clone, Copy, Debug)]
pub enum ShapesWhich<'a> {
    /// The case `none`.
    None,
    /// The case `flag`.
    Flag(bool),
    /// The case `numbers`.
    Numbers(NumbersReader<'a>),
    /// The case `lists`.
    Lists(ListsReader<'a>),
    /// The case `corner`.
    Corner(ShapesCornerReader<'a>),
    /// The case `type`.
    Type(Colour),
}

impl<'a> ShapesWhich<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(0) {
            0 => Ok(Self::None),
            1 => Ok(Self::Flag(reader.bool(16))),
            2 => reader.structure(1).map(Self::Numbers),
            3 => reader.structure(1).map(Self::Lists),
            4 => Ok(Self::Corner(ShapesCornerReader::from(reader))),
            5 => Colour::from_wire(reader.u16(2)).map(Self::Type),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`ShapesReader`].
    ShapesWriter(3, 5)
}

impl ShapesWriter<'_> {
    /// The field `name`.
    #[inline]
    pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(0, value)
    }

    /// The field `place`.
    #[inline]
    pub fn place(&mut self) -> ShapesPlaceWriter<'_> {
        ShapesPlaceWriter::from(self.0.reborrow())
    }

    /// The field `holder`.
    #[inline]
    pub fn init_holder(&mut self) -> Result<HolderWriter<'_>, WireError> {
        self.0.init_struct(4, HolderWriter::SIZE)
    }

    /// Chooses the case `none`.
    #[inline]
    pub fn set_none(&mut self) {
        self.0.set_u16(0, 0);
    }

    /// Chooses the case `flag`.
    #[inline]
    pub fn set_flag(&mut self, value: bool) {
        self.0.set_u16(0, 1);
        self.0.set_bool(16, value);
    }

    /// Chooses the case `numbers`.
    #[inline]
    pub fn init_numbers(&mut self) -> Result<NumbersWriter<'_>, WireError> {
        self.0.set_u16(0, 2);
        self.0.init_struct(1, NumbersWriter::SIZE)
    }

    /// Chooses the case `lists`.
    #[inline]
    pub fn init_lists(&mut self) -> Result<ListsWriter<'_>, WireError> {
        self.0.set_u16(0, 3);
        self.0.init_struct(1, ListsWriter::SIZE)
    }

    /// Chooses the case `corner`.
    #[inline]
    pub fn init_corner(&mut self) -> ShapesCornerWriter<'_> {
        self.0.set_u16(0, 4);
        ShapesCornerWriter::from(self.0.reborrow())
    }

    /// Chooses the case `type`.
    #[inline]
    pub fn set_type(&mut self, value: Colour) {
        self.0.set_u16(0, 5);
        self.0.set_u16(2, value.to_wire());
    }
}

reader! {
    /// The group `ShapesCorner`.
    group ShapesCornerReader
}

impl ShapesCornerReader<'_> {
    /// The field `x`.
    #[inline]
    pub fn x(self) -> i32 {
        self.0.u32(1).cast_signed()
    }

    /// The field `y`.
    #[inline]
    pub fn y(self) -> i32 {
        self.0.u32(2).cast_signed()
    }
}

writer! {
    /// Writes [`ShapesCornerReader`].
    ShapesCornerWriter
}

impl ShapesCornerWriter<'_> {
    /// The field `x`.
    #[inline]
    pub fn set_x(&mut self, value: i32) {
        self.0.set_u32(1, value.cast_unsigned());
    }

    /// The field `y`.
    #[inline]
    pub fn set_y(&mut self, value: i32) {
        self.0.set_u32(2, value.cast_unsigned());
    }
}

reader! {
    /// The group `ShapesPlace`.
    group ShapesPlaceReader
}

impl<'a> ShapesPlaceReader<'a> {
    /// The field `line`.
    #[inline]
    pub fn line(self) -> u32 {
        self.0.u32(3)
    }

    /// The field `file`.
    #[inline]
    pub fn file(self) -> Result<&'a str, WireError> {
        self.0.text(2)
    }

    /// The field `which1`.
    #[inline]
    pub fn which1(self) -> Result<ShapesPlaceWhich1<'a>, WireError> {
        ShapesPlaceWhich1::from_struct(self.0)
    }
}

writer! {
    /// Writes [`ShapesPlaceReader`].
    ShapesPlaceWriter
}

impl ShapesPlaceWriter<'_> {
    /// The field `line`.
    #[inline]
    pub fn set_line(&mut self, value: u32) {
        self.0.set_u32(3, value);
    }

    /// The field `file`.
    #[inline]
    pub fn set_file(&mut self, value: &str) -> Result<(), WireError> {
        self.0.set_text(2, value)
    }

    /// The field `which1`.
    #[inline]
    pub fn which1(&mut self) -> ShapesPlaceWhich1Writer<'_> {
        ShapesPlaceWhich1Writer::from(self.0.reborrow())
    }
}

/// The union of `ShapesPlaceWhich1`.
#[derive(Clone, Copy, Debug)]
pub enum ShapesPlaceWhich1<'a> {
    /// The case `whole`.
    Whole,
    /// The case `column`.
    Column(u16),
    /// The case `self1`.
    Self1(EmptyReader<'a>),
}

impl<'a> ShapesPlaceWhich1<'a> {
    fn from_struct(reader: StructReader<'a>) -> Result<Self, WireError> {
        match reader.u16(8) {
            0 => Ok(Self::Whole),
            1 => Ok(Self::Column(reader.u16(9))),
            2 => reader.structure(3).map(Self::Self1),
            other => Err(WireError::Unknown(other)),
        }
    }
}

writer! {
    /// Writes [`ShapesPlaceWhich1`].
    ShapesPlaceWhich1Writer
}

impl ShapesPlaceWhich1Writer<'_> {
    /// Chooses the case `whole`.
    #[inline]
    pub fn set_whole(&mut self) {
        self.0.set_u16(8, 0);
    }

    /// Chooses the case `column`.
    #[inline]
    pub fn set_column(&mut self, value: u16) {
        self.0.set_u16(8, 1);
        self.0.set_u16(9, value);
    }

    /// Chooses the case `self1`.
    #[inline]
    pub fn init_self1(&mut self) -> Result<EmptyWriter<'_>, WireError> {
        self.0.set_u16(8, 2);
        self.0.init_struct(3, EmptyWriter::SIZE)
    }
}
