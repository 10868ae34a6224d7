//! A queue of at most `N` values, in order of arrival.

/// A bounded first-in-first-out queue.
#[derive(Clone, Copy, Debug)]
pub struct Fifo<T, const N: usize> {
    items: [Option<T>; N],
    first: usize,
    len: usize,
}

impl<T: Copy, const N: usize> Default for Fifo<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy, const N: usize> Fifo<T, N> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self {
            items: [None; N],
            first: 0,
            len: 0,
        }
    }

    /// Values in the queue.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing in the queue.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether there is no room.
    pub fn is_full(&self) -> bool {
        self.len >= N
    }

    fn slot(&self, offset: usize) -> usize {
        let at = self.first.saturating_add(offset);
        if at >= N { at.saturating_sub(N) } else { at }
    }

    /// Adds a value at the end; gives it back where there is no room.
    pub fn push(&mut self, value: T) -> Result<(), T> {
        if self.is_full() {
            return Err(value);
        }
        let slot = self.slot(self.len);
        if let Some(item) = self.items.get_mut(slot) {
            *item = Some(value);
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }

    /// The first value, which stays.
    pub fn first(&self) -> Option<T> {
        if self.is_empty() {
            None
        } else {
            self.items.get(self.first).copied().flatten()
        }
    }

    /// Takes the first value.
    pub fn pop(&mut self) -> Option<T> {
        let value = self.first()?;
        if let Some(item) = self.items.get_mut(self.first) {
            *item = None;
        }
        self.first = self.slot(1);
        self.len = self.len.saturating_sub(1);
        Some(value)
    }

    /// Whether any value is as `fits` says.
    pub fn any(&self, fits: impl Fn(&T) -> bool) -> bool {
        self.items.iter().flatten().any(fits)
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
        let mut fifo = Fifo::<u8, 3>::new();
        for round in 0..5 {
            assert_eq!(fifo.pop(), None);
            for value in 0..3 {
                fifo.push(round + value).unwrap();
            }
            assert_eq!(fifo.push(9), Err(9));
            assert_eq!(
                (fifo.pop(), fifo.first(), fifo.len()),
                (Some(round), Some(round + 1), 2)
            );
            fifo.push(7).unwrap();
            assert!(fifo.any(|value| *value == 7) && !fifo.any(|value| *value == 9));
            fifo.retain(|value| *value != round + 2);
            assert_eq!(
                (fifo.pop(), fifo.pop(), fifo.pop()),
                (Some(round + 1), Some(7), None)
            );
        }
    }
}
