//! A queue of at most `N` values, in order of arrival.

/// A bounded first-in-first-out queue; `N` is a power of two. Its values are the `len` from `first`
/// on, round the end; what the other slots hold is left over and means nothing.
#[derive(Clone, Copy, Debug)]
pub struct Fifo<T, const N: usize> {
    items: [T; N],
    first: usize,
    len: usize,
}

impl<T: Copy, const N: usize> Fifo<T, N> {
    /// An empty queue; `filler` fills slots, and is never given out.
    pub const fn new(filler: T) -> Self {
        const { assert!(N.is_power_of_two()) };
        Self {
            items: [filler; N],
            first: 0,
            len: 0,
        }
    }

    /// Values in the queue.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing in the queue.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether there is no room.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.len >= N
    }

    /// The slot so many behind the first; always one that exists.
    #[inline]
    fn slot(&self, offset: usize) -> usize {
        self.first.wrapping_add(offset) & N.wrapping_sub(1)
    }

    /// Adds a value at the end; gives it back where there is no room.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), T> {
        if self.is_full() {
            return Err(value);
        }
        let slot = self.slot(self.len);
        if let Some(item) = self.items.get_mut(slot) {
            *item = value;
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }

    /// The first value, which stays.
    #[inline]
    pub fn first(&self) -> Option<T> {
        if self.is_empty() {
            None
        } else {
            self.items.get(self.slot(0)).copied()
        }
    }

    /// Takes the first value.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let value = self.first()?;
        self.first = self.slot(1);
        self.len = self.len.saturating_sub(1);
        Some(value)
    }

    /// Whether any value is as `fits` says.
    pub fn any(&self, fits: impl Fn(&T) -> bool) -> bool {
        (0..self.len).any(|offset| self.items.get(self.slot(offset)).is_some_and(&fits))
    }

    /// Keeps the values for which `keep` says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for _ in 0..self.len {
            let Some(value) = self.pop() else { return };
            if keep(&value) {
                // What was just taken out leaves room.
                let _ = self.push(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fifo;

    #[test]
    fn order_and_bounds() {
        let mut fifo = Fifo::<u8, 4>::new(9);
        for round in 0..5 {
            assert_eq!((fifo.pop(), fifo.first()), (None, None));
            for value in 0..4 {
                fifo.push(round + value).unwrap();
            }
            assert_eq!(fifo.push(9), Err(9));
            assert_eq!(
                (fifo.pop(), fifo.first(), fifo.len()),
                (Some(round), Some(round + 1), 3)
            );
            // What has left is not found any more, though nothing came in its place.
            assert!(!fifo.any(|value| *value == round));
            fifo.push(17).unwrap();
            assert!(fifo.any(|value| *value == 17) && !fifo.any(|value| *value == 9));
            fifo.retain(|value| *value != round + 2);
            let rest = [(); 4].map(|()| fifo.pop());
            assert_eq!(rest, [Some(round + 1), Some(round + 3), Some(17), None]);
        }
    }
}
