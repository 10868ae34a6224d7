//! `Lists`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use crate::every::{
    EmptyListWriter, EmptyReader, EmptyWriter, NumbersListWriter, NumbersReader, NumbersWriter,
};
use capos_abi::wire::{
    BytesListWriter, DataList, ScalarList, ScalarListWriter, StructList, TextList, WireError,
    reader, writer,
};

reader! {
    /// The struct `Lists`.
    ListsReader
}

impl<'a> ListsReader<'a> {
    /// The field `bytes`.
    #[inline]
    pub fn bytes(self) -> Result<ScalarList<'a, u8>, WireError> {
        self.0.scalars(0)
    }

    /// The field `shorts`.
    #[inline]
    pub fn shorts(self) -> Result<ScalarList<'a, i16>, WireError> {
        self.0.scalars(1)
    }

    /// The field `words`.
    #[inline]
    pub fn words(self) -> Result<ScalarList<'a, u32>, WireError> {
        self.0.scalars(2)
    }

    /// The field `longs`.
    #[inline]
    pub fn longs(self) -> Result<ScalarList<'a, i64>, WireError> {
        self.0.scalars(3)
    }

    /// The field `texts`.
    #[inline]
    pub fn texts(self) -> Result<TextList<'a>, WireError> {
        self.0.texts(4)
    }

    /// The field `blobs`.
    #[inline]
    pub fn blobs(self) -> Result<DataList<'a>, WireError> {
        self.0.datas(5)
    }

    /// The field `numbers`.
    #[inline]
    pub fn numbers(self) -> Result<StructList<'a, NumbersReader<'a>>, WireError> {
        self.0.structs(6)
    }

    /// The field `empties`.
    #[inline]
    pub fn empties(self) -> Result<StructList<'a, EmptyReader<'a>>, WireError> {
        self.0.structs(7)
    }
}

writer! {
    /// Writes [`ListsReader`].
    ListsWriter(0, 8)
}

impl ListsWriter<'_> {
    /// The field `bytes`.
    #[inline]
    pub fn init_bytes(&mut self, count: usize) -> Result<ScalarListWriter<'_, u8>, WireError> {
        self.0.init_scalars(0, count)
    }

    /// The field `shorts`.
    #[inline]
    pub fn init_shorts(&mut self, count: usize) -> Result<ScalarListWriter<'_, i16>, WireError> {
        self.0.init_scalars(1, count)
    }

    /// The field `words`.
    #[inline]
    pub fn init_words(&mut self, count: usize) -> Result<ScalarListWriter<'_, u32>, WireError> {
        self.0.init_scalars(2, count)
    }

    /// The field `longs`.
    #[inline]
    pub fn init_longs(&mut self, count: usize) -> Result<ScalarListWriter<'_, i64>, WireError> {
        self.0.init_scalars(3, count)
    }

    /// The field `texts`.
    #[inline]
    pub fn init_texts(&mut self, count: usize) -> Result<BytesListWriter<'_>, WireError> {
        self.0.init_bytes_list(4, count)
    }

    /// The field `blobs`.
    #[inline]
    pub fn init_blobs(&mut self, count: usize) -> Result<BytesListWriter<'_>, WireError> {
        self.0.init_bytes_list(5, count)
    }

    /// The field `numbers`.
    #[inline]
    pub fn init_numbers(&mut self, count: usize) -> Result<NumbersListWriter<'_>, WireError> {
        self.0.init_structs(6, NumbersWriter::SIZE, count)
    }

    /// The field `empties`.
    #[inline]
    pub fn init_empties(&mut self, count: usize) -> Result<EmptyListWriter<'_>, WireError> {
        self.0.init_structs(7, EmptyWriter::SIZE, count)
    }
}
