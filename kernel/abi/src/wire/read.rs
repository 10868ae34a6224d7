//! Reading a struct.

use super::check::check;
use super::list::{DataList, Scalar, ScalarList, StructList, TextList};
use super::pointer::{BYTES, List, POINTERS, Pointer};
use super::{Limits, WireError, Word};

/// A struct inside a checked message. Fields that the sender did not know, and those of a null
/// struct, read as zero, as Cap'n Proto wants it.
///
/// Slots are numbered as the schema compiler numbers them: in multiples of the field's own size.
#[derive(Clone, Copy, Debug)]
pub struct StructReader<'a> {
    words: &'a [Word],
    data: &'a [Word],
    /// The word of the first pointer, and how many there are.
    pub(super) pointers_at: usize,
    pub(super) pointer_count: usize,
}

impl<'a> StructReader<'a> {
    pub(super) const NULL: Self = Self {
        words: &[],
        data: &[],
        pointers_at: 0,
        pointer_count: 0,
    };

    /// Checks a whole message and returns its root struct.
    ///
    /// Errors: `Size`, `Bounds`, `Kind`, `Nesting`, `Amplified`.
    #[inline]
    pub fn root(message: &'a [u8], limits: Limits) -> Result<Self, WireError> {
        match message.as_chunks() {
            (words, []) => check(words, limits),
            _ => Err(WireError::Size),
        }
    }

    /// The root struct of a message that is nothing else: no pointer, and data in all words but the
    /// first, which then says just that.
    #[inline]
    pub(super) fn filling(words: &'a [Word]) -> Option<Self> {
        let (root, data) = words.split_first()?;
        let says = u64::from(u16::try_from(data.len()).ok()?) << 32;
        (u64::from_le_bytes(*root) == says).then_some(Self {
            words,
            data,
            pointers_at: 0,
            pointer_count: 0,
        })
    }

    /// The struct at word `at`, if both its sections lie inside the message.
    #[inline]
    pub(super) fn at(words: &'a [Word], at: usize, data: usize, pointers: usize) -> Option<Self> {
        let (data, rest) = words.get(at..)?.split_at_checked(data)?;
        if pointers > rest.len() {
            return None;
        }
        let pointers_at = at.wrapping_add(data.len());
        Some(Self {
            words,
            data,
            pointers_at,
            pointer_count: pointers,
        })
    }

    /// Words of both sections.
    pub(super) fn size(self) -> usize {
        self.data.len().saturating_add(self.pointer_count)
    }

    /// The 64-bit field in slot `slot`.
    #[inline]
    pub fn u64(self, slot: usize) -> u64 {
        self.data
            .get(slot)
            .map_or(0, |word| u64::from_le_bytes(*word))
    }

    /// The 32-bit field in slot `slot`.
    #[inline]
    pub fn u32(self, slot: usize) -> u32 {
        self.u64(slot >> 1).wrapping_shr((slot as u32 & 1) << 5) as u32
    }

    /// The 16-bit field in slot `slot`.
    #[inline]
    pub fn u16(self, slot: usize) -> u16 {
        self.u64(slot >> 2).wrapping_shr((slot as u32 & 3) << 4) as u16
    }

    /// The 8-bit field in slot `slot`.
    #[inline]
    pub fn u8(self, slot: usize) -> u8 {
        self.u64(slot >> 3).wrapping_shr((slot as u32 & 7) << 3) as u8
    }

    /// The one-bit field in slot `slot`.
    #[inline]
    pub fn bool(self, slot: usize) -> bool {
        self.u64(slot >> 6).wrapping_shr(slot as u32 & 63) & 1 != 0
    }

    /// The text in pointer `index`; null reads as "". Errors: `Kind`, `Text`.
    #[inline]
    pub fn text(self, index: usize) -> Result<&'a str, WireError> {
        self.pointer(index)?.map_or(Ok(""), text_of)
    }

    /// The bytes in pointer `index`; null reads as no bytes. Errors: `Kind`.
    #[inline]
    pub fn data(self, index: usize) -> Result<&'a [u8], WireError> {
        self.pointer(index)?.map_or(Ok(&[]), data_of)
    }

    /// The index into the transfer list in pointer `index`. Errors: `Kind`, `NoCapability`.
    #[inline]
    pub fn capability(self, index: usize) -> Result<u32, WireError> {
        self.pointer(index)?
            .map_or(Err(WireError::NoCapability), Pointer::capability)
    }

    /// The struct in pointer `index`; null reads as a struct of zeros. Errors: `Kind`.
    #[inline]
    pub fn structure<T: From<Self>>(self, index: usize) -> Result<T, WireError> {
        self.pointer(index)?
            .map_or(Ok(Self::NULL), Pointer::structure)
            .map(T::from)
    }

    /// The list of structs in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn structs<T: From<Self>>(self, index: usize) -> Result<StructList<'a, T>, WireError> {
        self.pointer(index)?
            .map(Pointer::structs)
            .transpose()
            .map(StructList::new)
    }

    /// The list of texts in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn texts(self, index: usize) -> Result<TextList<'a>, WireError> {
        self.list(index, POINTERS).map(TextList::new)
    }

    /// The list of byte strings in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn datas(self, index: usize) -> Result<DataList<'a>, WireError> {
        self.list(index, POINTERS).map(DataList::new)
    }

    /// The list of numbers in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn scalars<T: Scalar>(self, index: usize) -> Result<ScalarList<'a, T>, WireError> {
        self.list(index, T::SIZE).map(ScalarList::new)
    }

    #[inline]
    fn list(self, index: usize, size: u8) -> Result<Option<List<'a>>, WireError> {
        self.pointer(index)?
            .map(|pointer| pointer.list(size))
            .transpose()
    }

    /// The pointer `index`; `None` when it is null, or when the sender did not know it.
    #[inline]
    fn pointer(self, index: usize) -> Result<Option<Pointer<'a>>, WireError> {
        if index >= self.pointer_count {
            return Ok(None);
        }
        let pointer = Pointer::at(self.words, self.pointers_at.wrapping_add(index))?;
        Ok((!pointer.is_null()).then_some(pointer))
    }
}

/// Text is a list of bytes whose last one is NUL and is not part of it.
#[inline]
pub(super) fn text_of(pointer: Pointer<'_>) -> Result<&str, WireError> {
    match data_of(pointer)?.split_last() {
        Some((0, text)) => core::str::from_utf8(text).map_err(|_| WireError::Text),
        _ => Err(WireError::Text),
    }
}

#[inline]
pub(super) fn data_of(pointer: Pointer<'_>) -> Result<&[u8], WireError> {
    let found = pointer.list(BYTES)?;
    found
        .content
        .as_flattened()
        .get(..found.count)
        .ok_or(WireError::Bounds)
}
