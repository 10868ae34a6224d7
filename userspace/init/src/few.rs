//! A short list without an allocator.

use core::ops::Deref;

/// At most `N` values.
#[derive(Clone, Copy, Debug)]
pub struct Few<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self {
            items: [T::default(); N],
            len: 0,
        }
    }
}

impl<T: Copy + Default, const N: usize> Few<T, N> {
    /// Adds a value; false where there is no room.
    pub fn push(&mut self, value: T) -> bool {
        let place = self.items.get_mut(self.len);
        let added = place.map(|place| *place = value).is_some();
        self.len += usize::from(added);
        added
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or(&self.items)
    }
}
