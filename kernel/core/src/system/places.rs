//! Fixed tables whose places are named by small numbers.

/// How many there are. `Iterator::count` brings a check of its sum with it, whose failure is a panic;
/// here are never more than places, and no more than fit are counted.
pub fn count(things: impl Iterator) -> usize {
    things.fold(0_usize, |sum, _| sum.saturating_add(1))
}

/// `N` places and a spare one. A number that is out of range names the spare place, which is never
/// live: so looking a place up cannot fail, and a wrong number can do no harm.
pub struct Places<T, const N: usize> {
    items: [T; N],
    spare: T,
}

impl<T, const N: usize> Places<T, N> {
    /// A table of the given things.
    pub const fn new(items: [T; N], spare: T) -> Self {
        Self { items, spare }
    }

    /// The thing at a place.
    #[inline]
    pub fn at(&self, place: u16) -> &T {
        self.items.get(usize::from(place)).unwrap_or(&self.spare)
    }

    /// The thing at a place, to be changed.
    #[inline]
    pub fn at_mut(&mut self, place: u16) -> &mut T {
        self.items
            .get_mut(usize::from(place))
            .unwrap_or(&mut self.spare)
    }

    /// The first place whose thing fits.
    pub fn find(&self, fits: impl Fn(&T) -> bool) -> Option<u16> {
        let mut all = self.places().zip(&self.items);
        all.find(|(_, thing)| fits(thing)).map(|(place, _)| place)
    }

    /// Every thing, in the order of the places.
    pub fn things(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// Every place.
    pub fn places(&self) -> core::ops::Range<u16> {
        0..N as u16
    }

    /// Every place and its thing.
    #[cfg(test)]
    pub fn each(&self) -> impl Iterator<Item = (u16, &T)> {
        (0_u16..).zip(&self.items)
    }
}
