//! Reading a struct.

use super::check::check;
use super::list::{DataList, Scalar, ScalarList, StructList, TextList};
use super::pointer::{BYTES, ListAt, POINTERS, StructAt, Target, follow};
use super::{Limits, WireError, Word};

/// A struct inside a checked message. Fields that the sender did not know, and those of a null
/// struct, read as zero, as Cap'n Proto wants it.
///
/// Slots are numbered as the schema compiler numbers them: in multiples of the field's own size.
#[derive(Clone, Copy, Debug)]
pub struct StructReader<'a> {
    words: &'a [Word],
    data: &'a [Word],
    pointers_at: usize,
    pointer_count: usize,
}

impl<'a> StructReader<'a> {
    const NULL: Self = Self {
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
        let (words, rest) = message.as_chunks();
        if !rest.is_empty() {
            return Err(WireError::Size);
        }
        match check(words, limits)? {
            Some(found) => Self::new(words, found),
            None => Ok(Self::NULL),
        }
    }

    #[inline]
    pub(super) fn new(words: &'a [Word], found: StructAt) -> Result<Self, WireError> {
        let pointers_at = found.at.saturating_add(found.data);
        let data = words.get(found.at..pointers_at).ok_or(WireError::Bounds)?;
        Ok(Self {
            words,
            data,
            pointers_at,
            pointer_count: found.pointers,
        })
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
        text_of(self.words, self.follow(index)?)
    }

    /// The bytes in pointer `index`; null reads as no bytes. Errors: `Kind`.
    #[inline]
    pub fn data(self, index: usize) -> Result<&'a [u8], WireError> {
        data_of(self.words, self.follow(index)?)
    }

    /// The index into the transfer list in pointer `index`. Errors: `Kind`, `NoCapability`.
    #[inline]
    pub fn capability(self, index: usize) -> Result<u32, WireError> {
        match self.follow(index)? {
            Target::Capability(index) => Ok(index),
            Target::Null => Err(WireError::NoCapability),
            _ => Err(WireError::Kind),
        }
    }

    /// The struct in pointer `index`; null reads as a struct of zeros. Errors: `Kind`.
    #[inline]
    pub fn structure<T: From<Self>>(self, index: usize) -> Result<T, WireError> {
        match self.follow(index)? {
            Target::Struct(found) => Self::new(self.words, found).map(T::from),
            Target::Null => Ok(T::from(Self::NULL)),
            _ => Err(WireError::Kind),
        }
    }

    /// The list of structs in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn structs<T: From<Self>>(self, index: usize) -> Result<StructList<'a, T>, WireError> {
        match self.follow(index)? {
            Target::Structs(found) => Ok(StructList::new(self.words, Some(found))),
            Target::Null => Ok(StructList::new(self.words, None)),
            _ => Err(WireError::Kind),
        }
    }

    /// The list of texts in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn texts(self, index: usize) -> Result<TextList<'a>, WireError> {
        Ok(TextList::new(self.words, self.list(index, POINTERS)?))
    }

    /// The list of byte strings in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn datas(self, index: usize) -> Result<DataList<'a>, WireError> {
        Ok(DataList::new(self.words, self.list(index, POINTERS)?))
    }

    /// The list of numbers in pointer `index`; null reads as an empty list. Errors: `Kind`.
    #[inline]
    pub fn scalars<T: Scalar>(self, index: usize) -> Result<ScalarList<'a, T>, WireError> {
        match self.list(index, T::SIZE)? {
            Some(found) => Ok(ScalarList::new(list_bytes(self.words, found)?, found.count)),
            None => Ok(ScalarList::new(&[], 0)),
        }
    }

    #[inline]
    fn list(self, index: usize, size: u8) -> Result<Option<ListAt>, WireError> {
        match self.follow(index)? {
            Target::List(found) if found.size == size => Ok(Some(found)),
            Target::Null => Ok(None),
            _ => Err(WireError::Kind),
        }
    }

    #[inline]
    fn follow(self, index: usize) -> Result<Target, WireError> {
        if index >= self.pointer_count {
            return Ok(Target::Null);
        }
        follow(self.words, self.pointers_at.saturating_add(index))
    }
}

/// Text is a list of bytes whose last one is NUL and is not part of it.
pub(super) fn text_of(words: &[Word], target: Target) -> Result<&str, WireError> {
    if let Target::Null = target {
        return Ok("");
    }
    match data_of(words, target)?.split_last() {
        Some((0, text)) => core::str::from_utf8(text).map_err(|_| WireError::Text),
        _ => Err(WireError::Text),
    }
}

pub(super) fn data_of(words: &[Word], target: Target) -> Result<&[u8], WireError> {
    match target {
        Target::List(found) if found.size == BYTES => list_bytes(words, found)?
            .get(..found.count)
            .ok_or(WireError::Bounds),
        Target::Null => Ok(&[]),
        _ => Err(WireError::Kind),
    }
}

/// The bytes of the words of a list.
fn list_bytes(words: &[Word], found: ListAt) -> Result<&[u8], WireError> {
    let end = found.at.saturating_add(found.words);
    Ok(words
        .get(found.at..end)
        .ok_or(WireError::Bounds)?
        .as_flattened())
}
