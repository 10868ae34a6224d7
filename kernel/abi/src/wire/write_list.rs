//! Writing lists.

use core::marker::PhantomData;

use super::WireError;
use super::list::Scalar;
use super::room::{Room, StructSize};
use super::write::StructWriter;

/// A list of structs that is being written; the generated list writers wrap it.
#[derive(Debug)]
pub struct ListWriter<'w> {
    pub(super) room: Room<'w>,
    pub(super) at: usize,
    pub(super) count: usize,
    pub(super) size: StructSize,
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
pub struct BytesListWriter<'w>(pub(super) ListWriter<'w>);

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

impl<'w, T: Scalar> ScalarListWriter<'w, T> {
    pub(super) fn new(list: ListWriter<'w>, words: usize) -> Self {
        Self {
            list,
            words,
            element: PhantomData,
        }
    }

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
