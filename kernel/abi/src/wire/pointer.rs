//! One pointer word: its meaning when read, its bits when written.

use super::{WireError, Word};

/// Element size codes of lists, as they stand in a pointer.
pub(super) const BYTES: u8 = 2;
pub(super) const POINTERS: u8 = 6;
const COMPOSITE: u64 = 7;

/// Where a struct lies, in words from the start of the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct StructAt {
    pub at: usize,
    pub data: usize,
    pub pointers: usize,
}

/// Where a list of structs lies; `at` is its first element, behind the tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct StructsAt {
    pub at: usize,
    pub count: usize,
    pub data: usize,
    pub pointers: usize,
}

/// Where a list of anything else lies: `count` elements of the size code `size` in `words` words.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListAt {
    pub at: usize,
    pub words: usize,
    pub count: usize,
    pub size: u8,
}

/// What a pointer leads to. Everything it names lies inside the message.
pub(super) enum Target {
    Null,
    Struct(StructAt),
    Structs(StructsAt),
    List(ListAt),
    Capability(u32),
}

/// Reads the pointer at word `position` and checks that its target lies inside `words`.
#[inline]
pub(super) fn follow(words: &[Word], position: usize) -> Result<Target, WireError> {
    let raw = word(words, position)?;
    if raw == 0 {
        return Ok(Target::Null);
    }
    match raw & 3 {
        0 => Ok(Target::Struct(follow_struct(words, position, raw)?)),
        1 => follow_list(words, position, raw),
        // A capability: two kind bits set, the rest of the low half zero, the index in the high half.
        3 if raw & 0xffff_ffff == 3 => Ok(Target::Capability((raw >> 32) as u32)),
        // Far pointers have no meaning in a single segment; the rest is reserved.
        _ => Err(WireError::Kind),
    }
}

/// The struct that the non-null struct pointer `raw` at `position` leads to.
#[inline]
pub(super) fn follow_struct(
    words: &[Word],
    position: usize,
    raw: u64,
) -> Result<StructAt, WireError> {
    let at = target(position, raw)?;
    let data = (raw >> 32 & 0xffff) as usize;
    let pointers = (raw >> 48) as usize;
    inside(words, at, data.saturating_add(pointers))?;
    Ok(StructAt { at, data, pointers })
}

fn follow_list(words: &[Word], position: usize, raw: u64) -> Result<Target, WireError> {
    let at = target(position, raw)?;
    let count = (raw >> 35) as usize;
    let bits: usize = match raw >> 32 & 7 {
        0 => 0,
        1 => 1,
        2 => 8,
        3 => 16,
        4 => 32,
        COMPOSITE => return follow_composite(words, at, count),
        _ => 64,
    };
    // 29 bits of count times at most 64: no saturation happens, and it would be out of bounds anyway.
    let length = count.saturating_mul(bits).div_ceil(64);
    inside(words, at, length)?;
    Ok(Target::List(ListAt {
        at,
        words: length,
        count,
        size: (raw >> 32 & 7) as u8,
    }))
}

/// A list of structs starts with a tag: a struct pointer whose offset is the number of elements.
fn follow_composite(words: &[Word], tag_at: usize, length: usize) -> Result<Target, WireError> {
    let at = tag_at.saturating_add(1);
    inside(words, at, length)?;
    let tag = word(words, tag_at)?;
    if tag & 3 != 0 {
        return Err(WireError::Kind);
    }
    let count = (tag as u32 >> 2) as usize;
    let data = (tag >> 32 & 0xffff) as usize;
    let pointers = (tag >> 48) as usize;
    if count.saturating_mul(data.saturating_add(pointers)) > length {
        return Err(WireError::Bounds);
    }
    Ok(Target::Structs(StructsAt {
        at,
        count,
        data,
        pointers,
    }))
}

/// The word at `position`.
#[inline]
pub(super) fn word(words: &[Word], position: usize) -> Result<u64, WireError> {
    words
        .get(position)
        .map(|word| u64::from_le_bytes(*word))
        .ok_or(WireError::Bounds)
}

/// Offsets count from the word behind the pointer and are signed 30-bit numbers.
#[inline]
fn target(position: usize, raw: u64) -> Result<usize, WireError> {
    let offset = (raw as i32 >> 2) as isize;
    position
        .checked_add(1)
        .and_then(|next| next.checked_add_signed(offset))
        .ok_or(WireError::Bounds)
}

#[inline]
fn inside(words: &[Word], at: usize, length: usize) -> Result<(), WireError> {
    match at.checked_add(length) {
        Some(end) if end <= words.len() => Ok(()),
        _ => Err(WireError::Bounds),
    }
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
    list_bits(position, at, COMPOSITE as u8, words)
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
