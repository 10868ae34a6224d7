//! Writing a message into a buffer of the caller: objects follow each other in the order in which
//! they are made, nothing is moved, nothing is allocated. Made in the order of the schema's fields, a
//! message is laid out as the canonical form wants it.

use super::list::Scalar;
use super::pointer::{POINTERS, capability_bits};
use super::room::{Room, StructSize};
use super::write_list::{BytesListWriter, ListWriter, ScalarListWriter};
use super::{Limits, WireError, Word};

/// A message that is being written.
#[derive(Debug)]
pub struct MessageWriter<'b> {
    words: &'b mut [Word],
    used: usize,
}

impl<'b> MessageWriter<'b> {
    /// Starts a message in `buffer`, of which at most 64 KiB of whole words are used. The buffer need
    /// not be cleared.
    #[inline]
    pub fn new(buffer: &'b mut [u8]) -> Self {
        let (words, _) = buffer.as_chunks_mut();
        let room = words.len().min(Limits::MESSAGE.bytes >> 3);
        // The empty default cannot be taken: room is at most the length.
        Self {
            words: words.get_mut(..room).unwrap_or_default(),
            used: 0,
        }
    }

    /// Makes the root struct. Errors: `Full`, also when the message has its root already.
    #[inline]
    pub fn root(&mut self, size: StructSize) -> Result<StructWriter<'_>, WireError> {
        if self.used != 0 {
            return Err(WireError::Full);
        }
        let mut room = Room {
            words: self.words,
            used: &mut self.used,
        };
        let position = room.allocate(1)?;
        room.new_struct(position, size)
    }

    /// The finished message; empty when no root was made.
    #[inline]
    pub fn finish(self) -> &'b [u8] {
        let words: &'b [Word] = self.words;
        words.get(..self.used).unwrap_or_default().as_flattened()
    }

    /// Bytes written so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.used.saturating_mul(size_of::<Word>())
    }

    /// Whether nothing was written yet.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }
}

/// A struct that is being written. Slots and pointers are numbered as in [`super::StructReader`].
#[derive(Debug)]
pub struct StructWriter<'w> {
    pub(super) room: Room<'w>,
    pub(super) at: usize,
    pub(super) size: StructSize,
}

impl StructWriter<'_> {
    /// The same struct for a shorter time: what a group's writer is made from.
    #[inline]
    pub fn reborrow(&mut self) -> StructWriter<'_> {
        StructWriter {
            room: self.room.reborrow(),
            at: self.at,
            size: self.size,
        }
    }

    /// Sets the 64-bit field in slot `slot`. A slot outside the struct is not written.
    #[inline]
    pub fn set_u64(&mut self, slot: usize, value: u64) {
        self.merge(slot, 0, u64::MAX, value);
    }

    /// Sets the 32-bit field in slot `slot`.
    #[inline]
    pub fn set_u32(&mut self, slot: usize, value: u32) {
        self.merge(
            slot >> 1,
            (slot as u32 & 1) << 5,
            u64::from(u32::MAX),
            value.into(),
        );
    }

    /// Sets the 16-bit field in slot `slot`.
    #[inline]
    pub fn set_u16(&mut self, slot: usize, value: u16) {
        self.merge(
            slot >> 2,
            (slot as u32 & 3) << 4,
            u64::from(u16::MAX),
            value.into(),
        );
    }

    /// Sets the 8-bit field in slot `slot`.
    #[inline]
    pub fn set_u8(&mut self, slot: usize, value: u8) {
        self.merge(
            slot >> 3,
            (slot as u32 & 7) << 3,
            u64::from(u8::MAX),
            value.into(),
        );
    }

    /// Sets the one-bit field in slot `slot`.
    #[inline]
    pub fn set_bool(&mut self, slot: usize, value: bool) {
        self.merge(slot >> 6, slot as u32 & 63, 1, value.into());
    }

    #[inline]
    fn merge(&mut self, index: usize, shift: u32, mask: u64, value: u64) {
        if index >= usize::from(self.size.data) {
            return;
        }
        if let Some(word) = self.room.words.get_mut(self.at.saturating_add(index)) {
            let kept = u64::from_le_bytes(*word) & !mask.wrapping_shl(shift);
            *word = (kept | value.wrapping_shl(shift)).to_le_bytes();
        }
    }

    /// Sets the text in pointer `index`. Errors: `Full`.
    #[inline]
    pub fn set_text(&mut self, index: usize, text: &str) -> Result<(), WireError> {
        let position = self.pointer(index)?;
        self.room.reborrow().put_text(position, text)
    }

    /// Sets the bytes in pointer `index`. Errors: `Full`.
    #[inline]
    pub fn set_data(&mut self, index: usize, data: &[u8]) -> Result<(), WireError> {
        let position = self.pointer(index)?;
        self.room.reborrow().put_data(position, data)
    }

    /// Makes `len` zero bytes in pointer `index`, to be filled in place. Errors: `Full`.
    #[inline]
    pub fn init_data(&mut self, index: usize, len: usize) -> Result<&mut [u8], WireError> {
        let position = self.pointer(index)?;
        self.room.reborrow().new_zeros(position, len)
    }

    /// Sets the capability in pointer `index` to an index into the transfer list. Errors: `Full`.
    #[inline]
    pub fn set_capability(&mut self, index: usize, capability: u32) -> Result<(), WireError> {
        let position = self.pointer(index)?;
        self.room.put(position, capability_bits(capability));
        Ok(())
    }

    /// Makes the struct in pointer `index`. Errors: `Full`.
    #[inline]
    pub fn init_struct<'s, T: From<StructWriter<'s>>>(
        &'s mut self,
        index: usize,
        size: StructSize,
    ) -> Result<T, WireError> {
        let position = self.pointer(index)?;
        self.room.reborrow().new_struct(position, size).map(T::from)
    }

    /// Makes a list of `count` structs in pointer `index`. Errors: `Full`.
    pub fn init_structs<'s, T: From<ListWriter<'s>>>(
        &'s mut self,
        index: usize,
        size: StructSize,
        count: usize,
    ) -> Result<T, WireError> {
        let position = self.pointer(index)?;
        self.room
            .reborrow()
            .new_structs(position, size, count)
            .map(T::from)
    }

    /// Makes a list of `count` texts or byte strings in pointer `index`. Errors: `Full`.
    pub fn init_bytes_list(
        &mut self,
        index: usize,
        count: usize,
    ) -> Result<BytesListWriter<'_>, WireError> {
        let position = self.pointer(index)?;
        let list = self
            .room
            .reborrow()
            .new_list(position, POINTERS, count, count)?;
        Ok(BytesListWriter(list))
    }

    /// Makes a list of `count` numbers in pointer `index`. Errors: `Full`.
    pub fn init_scalars<T: Scalar>(
        &mut self,
        index: usize,
        count: usize,
    ) -> Result<ScalarListWriter<'_, T>, WireError> {
        let position = self.pointer(index)?;
        let words = count
            .checked_mul(T::BYTES)
            .ok_or(WireError::Full)?
            .div_ceil(8);
        let list = self
            .room
            .reborrow()
            .new_list(position, T::SIZE, count, words)?;
        Ok(ScalarListWriter::new(list, words))
    }

    /// The word of pointer `index`. The generated code knows its struct, so this does not fail there.
    #[inline]
    fn pointer(&self, index: usize) -> Result<usize, WireError> {
        if index >= usize::from(self.size.pointers) {
            return Err(WireError::Bounds);
        }
        Ok(self
            .at
            .saturating_add(usize::from(self.size.data))
            .saturating_add(index))
    }
}
