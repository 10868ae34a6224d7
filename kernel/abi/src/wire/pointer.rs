//! One pointer word: its meaning when read, its bits when written.

use super::read::StructReader;
use super::{WireError, Word};

/// Element size codes of lists, as they stand in a pointer.
pub(super) const BYTES: u8 = 2;
pub(super) const POINTERS: u8 = 6;
pub(super) const COMPOSITE: u8 = 7;

/// What kind of thing a pointer leads to.
pub(super) enum Kind {
    Struct,
    List,
    /// A capability, or something that is reserved.
    Other,
    /// Far pointers have no meaning in a single segment.
    Far,
}

/// A pointer and where it stands. The methods check that what they return lies inside the message; each
/// refuses a pointer of another kind, and a null pointer is for the caller to see.
#[derive(Clone, Copy)]
pub(super) struct Pointer<'a> {
    words: &'a [Word],
    position: usize,
    raw: u64,
}

/// A list of structs; `at` is the word of its first element, behind the tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Structs<'a> {
    pub words: &'a [Word],
    pub at: usize,
    pub count: usize,
    pub data: usize,
    pub pointers: usize,
}

/// A list of anything else: `count` elements in `content`, which starts at the word `at`.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    pub words: &'a [Word],
    pub at: usize,
    pub content: &'a [Word],
    pub count: usize,
}

impl<'a> Pointer<'a> {
    /// The pointer in word `position`. Errors: `Bounds`.
    #[inline]
    pub fn at(words: &'a [Word], position: usize) -> Result<Self, WireError> {
        match words.get(position) {
            Some(word) => Ok(Self {
                words,
                position,
                raw: u64::from_le_bytes(*word),
            }),
            None => Err(WireError::Bounds),
        }
    }

    #[inline]
    pub fn is_null(self) -> bool {
        self.raw == 0
    }

    #[inline]
    pub fn kind(self) -> Kind {
        match self.raw & 3 {
            0 => Kind::Struct,
            1 => Kind::List,
            2 => Kind::Far,
            _ => Kind::Other,
        }
    }

    /// The element size code of a list.
    #[inline]
    pub fn size(self) -> u8 {
        (self.raw >> 32 & 7) as u8
    }

    /// Errors: `Kind`, `Bounds`.
    #[inline]
    pub fn structure(self) -> Result<StructReader<'a>, WireError> {
        if self.raw & 3 != 0 {
            return Err(WireError::Kind);
        }
        let data = (self.raw >> 32 & 0xffff) as usize;
        let pointers = (self.raw >> 48) as usize;
        StructReader::at(self.words, self.target(), data, pointers).ok_or(WireError::Bounds)
    }

    /// A list whose elements have the size code `size`, which is not `COMPOSITE`. Errors: `Kind`,
    /// `Bounds`.
    #[inline]
    pub fn list(self, size: u8) -> Result<List<'a>, WireError> {
        if self.raw & 3 != 1 || self.size() != size {
            return Err(WireError::Kind);
        }
        let bits: usize = match size {
            0 => 0,
            1 => 1,
            2 => 8,
            3 => 16,
            4 => 32,
            _ => 64,
        };
        let (at, count) = (self.target(), (self.raw >> 35) as usize);
        // 29 bits of count times at most 64: this does not saturate.
        let length = count.saturating_mul(bits).div_ceil(64);
        let content = section(self.words, at, length)?;
        Ok(List {
            words: self.words,
            at,
            content,
            count,
        })
    }

    /// A list of structs, which starts with a tag: a struct pointer whose offset is the number of
    /// elements. Errors: `Kind`, `Bounds`.
    pub fn structs(self) -> Result<Structs<'a>, WireError> {
        if self.raw & 3 != 1 || self.size() != COMPOSITE {
            return Err(WireError::Kind);
        }
        let tag = Self::at(self.words, self.target())?;
        let at = tag.position.wrapping_add(1);
        let length = (self.raw >> 35) as usize;
        section(self.words, at, length)?;
        if tag.raw & 3 != 0 {
            return Err(WireError::Kind);
        }
        let count = (tag.raw as u32 >> 2) as usize;
        let data = (tag.raw >> 32 & 0xffff) as usize;
        let pointers = (tag.raw >> 48) as usize;
        if count.saturating_mul(data.saturating_add(pointers)) > length {
            return Err(WireError::Bounds);
        }
        Ok(Structs {
            words: self.words,
            at,
            count,
            data,
            pointers,
        })
    }

    /// The index of a capability: two kind bits set, the rest of the low half zero. Errors: `Kind`.
    #[inline]
    pub fn capability(self) -> Result<u32, WireError> {
        if self.raw & 0xffff_ffff != 3 {
            return Err(WireError::Kind);
        }
        Ok((self.raw >> 32) as u32)
    }

    /// Offsets count from the word behind the pointer and are signed 30-bit numbers. One that leads
    /// before the start wraps to a place far behind the end, where every check finds it.
    #[inline]
    fn target(self) -> usize {
        self.position
            .wrapping_add(1)
            .wrapping_add_signed((self.raw as i32 >> 2) as isize)
    }
}

#[inline]
fn section(words: &[Word], at: usize, length: usize) -> Result<&[Word], WireError> {
    words
        .get(at..)
        .and_then(|from| from.get(..length))
        .ok_or(WireError::Bounds)
}

/// The bits of a struct pointer at `position` to a struct at `at`.
#[inline]
pub(super) fn struct_bits(position: usize, at: usize, data: u16, pointers: u16) -> u64 {
    offset_bits(position, at) | u64::from(data) << 32 | u64::from(pointers) << 48
}

/// The bits of a list pointer at `position` to a list at `at`.
#[inline]
pub(super) fn list_bits(position: usize, at: usize, size: u8, count: usize) -> u64 {
    offset_bits(position, at) | 1 | u64::from(size) << 32 | (count as u64) << 35
}

/// The bits of a pointer at `position` to a list of structs whose tag lies at `at`.
#[inline]
pub(super) fn composite_bits(position: usize, at: usize, words: usize) -> u64 {
    list_bits(position, at, COMPOSITE, words)
}

/// The tag of a list of `count` structs.
#[inline]
pub(super) fn tag_bits(count: usize, data: u16, pointers: u16) -> u64 {
    (count as u64) << 2 | u64::from(data) << 32 | u64::from(pointers) << 48
}

/// The bits of a capability pointer.
#[inline]
pub(super) fn capability_bits(index: u32) -> u64 {
    3 | u64::from(index) << 32
}

#[inline]
fn offset_bits(position: usize, at: usize) -> u64 {
    let offset = at.wrapping_sub(position).wrapping_sub(1) as u32;
    u64::from(offset.wrapping_shl(2))
}
