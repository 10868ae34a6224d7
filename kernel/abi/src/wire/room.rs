//! Room in a message that is being written: objects are placed one behind the other.

use super::pointer::{BYTES, composite_bits, list_bits, struct_bits, tag_bits};
use super::write::StructWriter;
use super::write_list::ListWriter;
use super::{Limits, WireError, Word};

/// The two sections of a struct, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructSize {
    /// Words of the data section.
    pub data: u16,
    /// Pointers behind it.
    pub pointers: u16,
}

impl StructSize {
    /// A struct of `data` words and `pointers` pointers.
    pub const fn new(data: u16, pointers: u16) -> Self {
        Self { data, pointers }
    }

    #[inline]
    pub(super) fn words(self) -> usize {
        // Two 16-bit numbers: this cannot saturate.
        usize::from(self.data).saturating_add(usize::from(self.pointers))
    }
}

/// The words of a message and how many of them are taken.
#[derive(Debug)]
pub(super) struct Room<'w> {
    pub words: &'w mut [Word],
    pub used: &'w mut usize,
}

impl<'w> Room<'w> {
    #[inline]
    pub fn reborrow(&mut self) -> Room<'_> {
        Room {
            words: self.words,
            used: self.used,
        }
    }

    /// Takes `count` words and clears them.
    #[inline]
    pub fn allocate(&mut self, count: usize) -> Result<usize, WireError> {
        let at = *self.used;
        self.take(count)?.fill([0; 8]);
        Ok(at)
    }

    /// Takes `count` words as they are.
    #[inline]
    fn take(&mut self, count: usize) -> Result<&mut [Word], WireError> {
        let room = self.words.get_mut(*self.used..).ok_or(WireError::Full)?;
        let taken = room.get_mut(..count).ok_or(WireError::Full)?;
        *self.used = self.used.saturating_add(count);
        Ok(taken)
    }

    #[inline]
    pub fn put(&mut self, position: usize, bits: u64) {
        if let Some(word) = self.words.get_mut(position) {
            *word = bits.to_le_bytes();
        }
    }

    #[inline]
    pub fn new_struct(
        mut self,
        position: usize,
        size: StructSize,
    ) -> Result<StructWriter<'w>, WireError> {
        let at = self.allocate(size.words())?;
        // Canonical form: a struct without sections is its own pointer's word.
        let target = if size.words() == 0 { position } else { at };
        self.put(
            position,
            struct_bits(position, target, size.data, size.pointers),
        );
        Ok(StructWriter {
            room: self,
            at,
            size,
        })
    }

    /// Makes a list of bytes. Only its last word is cleared: the caller writes every byte.
    #[inline]
    fn new_bytes(mut self, position: usize, count: usize) -> Result<&'w mut [u8], WireError> {
        let at = *self.used;
        if let Some(last) = self.take(count.div_ceil(8))?.last_mut() {
            *last = [0; 8];
        }
        self.put(position, list_bits(position, at, BYTES, count));
        let bytes = self
            .words
            .get_mut(at..)
            .ok_or(WireError::Full)?
            .as_flattened_mut();
        bytes.get_mut(..count).ok_or(WireError::Full)
    }

    /// Makes a list of `count` zero bytes.
    pub fn new_zeros(self, position: usize, count: usize) -> Result<&'w mut [u8], WireError> {
        let bytes = self.new_bytes(position, count)?;
        bytes.fill(0);
        Ok(bytes)
    }

    pub fn put_text(self, position: usize, text: &str) -> Result<(), WireError> {
        let count = text.len().checked_add(1).ok_or(WireError::Full)?;
        let bytes = self.new_bytes(position, count)?;
        bytes
            .get_mut(..text.len())
            .ok_or(WireError::Full)?
            .copy_from_slice(text.as_bytes());
        Ok(())
    }

    pub fn put_data(self, position: usize, data: &[u8]) -> Result<(), WireError> {
        self.new_bytes(position, data.len())?.copy_from_slice(data);
        Ok(())
    }

    pub fn new_list(
        mut self,
        position: usize,
        size: u8,
        count: usize,
        words: usize,
    ) -> Result<ListWriter<'w>, WireError> {
        let at = self.allocate(words)?;
        self.put(position, list_bits(position, at, size, count));
        Ok(ListWriter {
            room: self,
            at,
            count,
            size: StructSize {
                data: 0,
                pointers: 1,
            },
        })
    }

    pub fn new_structs(
        mut self,
        position: usize,
        size: StructSize,
        count: usize,
    ) -> Result<ListWriter<'w>, WireError> {
        // Structs without sections take no room, so their number is bounded here.
        if count > Limits::MESSAGE.bytes {
            return Err(WireError::Full);
        }
        let words = count.checked_mul(size.words()).ok_or(WireError::Full)?;
        let tag = self.allocate(words.checked_add(1).ok_or(WireError::Full)?)?;
        self.put(tag, tag_bits(count, size.data, size.pointers));
        self.put(position, composite_bits(position, tag, words));
        Ok(ListWriter {
            room: self,
            at: tag.saturating_add(1),
            count,
            size,
        })
    }
}
