//! Writing a message into a buffer of the caller: objects follow each other in the order in which
//! they are made, nothing is moved, nothing is allocated. Made in the order of the schema's fields, a
//! message is laid out as the canonical form wants it.

use core::marker::PhantomData;

use super::list::Scalar;
use super::pointer::{
    BYTES, POINTERS, capability_bits, composite_bits, list_bits, struct_bits, tag_bits,
};
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
    fn words(self) -> usize {
        // Two 16-bit numbers: this cannot saturate.
        usize::from(self.data).saturating_add(usize::from(self.pointers))
    }
}

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

/// The words of a message and how many of them are taken.
#[derive(Debug)]
struct Room<'w> {
    words: &'w mut [Word],
    used: &'w mut usize,
}

impl<'w> Room<'w> {
    #[inline]
    fn reborrow(&mut self) -> Room<'_> {
        Room {
            words: self.words,
            used: self.used,
        }
    }

    /// Takes `count` words and clears them.
    #[inline]
    fn allocate(&mut self, count: usize) -> Result<usize, WireError> {
        let at = *self.used;
        let end = at.checked_add(count).ok_or(WireError::Full)?;
        self.words
            .get_mut(at..end)
            .ok_or(WireError::Full)?
            .fill([0; 8]);
        *self.used = end;
        Ok(at)
    }

    #[inline]
    fn put(&mut self, position: usize, bits: u64) {
        if let Some(word) = self.words.get_mut(position) {
            *word = bits.to_le_bytes();
        }
    }

    #[inline]
    fn new_struct(
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

    fn new_bytes(mut self, position: usize, count: usize) -> Result<&'w mut [u8], WireError> {
        let at = self.allocate(count.div_ceil(8))?;
        self.put(position, list_bits(position, at, BYTES, count));
        let bytes = self
            .words
            .get_mut(at..*self.used)
            .ok_or(WireError::Full)?
            .as_flattened_mut();
        bytes.get_mut(..count).ok_or(WireError::Full)
    }

    fn put_text(self, position: usize, text: &str) -> Result<(), WireError> {
        let count = text.len().checked_add(1).ok_or(WireError::Full)?;
        let bytes = self.new_bytes(position, count)?;
        bytes
            .get_mut(..text.len())
            .ok_or(WireError::Full)?
            .copy_from_slice(text.as_bytes());
        Ok(())
    }

    fn put_data(self, position: usize, data: &[u8]) -> Result<(), WireError> {
        self.new_bytes(position, data.len())?.copy_from_slice(data);
        Ok(())
    }

    fn new_list(
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
}

/// A struct that is being written. Slots and pointers are numbered as in [`super::StructReader`].
#[derive(Debug)]
pub struct StructWriter<'w> {
    room: Room<'w>,
    at: usize,
    size: StructSize,
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
        self.room.reborrow().new_bytes(position, len)
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
        let mut room = self.room.reborrow();
        let words = count.checked_mul(size.words()).ok_or(WireError::Full)?;
        if count > Limits::MESSAGE.bytes {
            return Err(WireError::Full);
        }
        let tag = room.allocate(words.checked_add(1).ok_or(WireError::Full)?)?;
        room.put(tag, tag_bits(count, size.data, size.pointers));
        room.put(position, composite_bits(position, tag, words));
        Ok(T::from(ListWriter {
            room,
            at: tag.saturating_add(1),
            count,
            size,
        }))
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
        Ok(ScalarListWriter {
            list,
            words,
            element: PhantomData,
        })
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

/// A list of structs that is being written; the generated list writers wrap it.
#[derive(Debug)]
pub struct ListWriter<'w> {
    room: Room<'w>,
    at: usize,
    count: usize,
    size: StructSize,
}

impl ListWriter<'_> {
    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The element `index`, counted from 0. Errors: `Bounds`.
    #[inline]
    pub fn get(&mut self, index: usize) -> Result<StructWriter<'_>, WireError> {
        let at = self.element(index)?;
        Ok(StructWriter {
            room: self.room.reborrow(),
            at,
            size: self.size,
        })
    }

    #[inline]
    fn element(&self, index: usize) -> Result<usize, WireError> {
        if index >= self.count {
            return Err(WireError::Bounds);
        }
        Ok(self
            .at
            .saturating_add(index.saturating_mul(self.size.words())))
    }
}

/// A list of texts or byte strings that is being written.
#[derive(Debug)]
pub struct BytesListWriter<'w>(ListWriter<'w>);

impl BytesListWriter<'_> {
    /// Sets the text `index`. Errors: `Bounds`, `Full`.
    pub fn set_text(&mut self, index: usize, text: &str) -> Result<(), WireError> {
        let position = self.0.element(index)?;
        self.0.room.reborrow().put_text(position, text)
    }

    /// Sets the byte string `index`. Errors: `Bounds`, `Full`.
    pub fn set_data(&mut self, index: usize, data: &[u8]) -> Result<(), WireError> {
        let position = self.0.element(index)?;
        self.0.room.reborrow().put_data(position, data)
    }
}

/// A list of whole numbers that is being written.
#[derive(Debug)]
pub struct ScalarListWriter<'w, T> {
    list: ListWriter<'w>,
    words: usize,
    element: PhantomData<T>,
}

impl<T: Scalar> ScalarListWriter<'_, T> {
    /// Sets the number `index`. Errors: `Bounds`.
    pub fn set(&mut self, index: usize, value: T) -> Result<(), WireError> {
        if index >= self.list.count {
            return Err(WireError::Bounds);
        }
        let end = self.list.at.saturating_add(self.words);
        let words = self
            .list
            .room
            .words
            .get_mut(self.list.at..end)
            .ok_or(WireError::Bounds)?;
        let bytes = words
            .as_flattened_mut()
            .get_mut(index.saturating_mul(T::BYTES)..);
        bytes
            .and_then(|bytes| value.put(bytes))
            .ok_or(WireError::Bounds)
    }
}
