//! Which ranges of a program's address space are taken besides its image: what it reserved, and the
//! memory objects that it mapped.

use capos_abi::layout::{MAPPED_END, MAPPED_START};

use crate::frames::FRAME_BYTES;
use crate::ledger::REGION_QUOTA;

/// Pages that one range can have: 4 GiB.
pub const REGION_PAGES: u32 = 1 << 20;
const REGIONS: usize = REGION_QUOTA as usize;

/// What a range is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Memory of the program's own, as far as it is committed.
    Own,
    /// The memory object at this place, mapped through a capability of this revocation node.
    Shared(u16, u16),
}

/// A range of whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first address.
    pub start: u64,
    /// Its pages, at least one.
    pub pages: u32,
    /// What it is for.
    pub what: Use,
}

impl Region {
    /// The first address behind it.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(bytes(self.pages))
    }
}

/// Bytes of so many pages.
fn bytes(pages: u32) -> u64 {
    u64::from(pages).saturating_mul(FRAME_BYTES)
}

/// The ranges of one program, in ascending order.
pub struct Regions {
    items: [Option<Region>; REGIONS],
    count: usize,
}

impl Default for Regions {
    fn default() -> Self {
        Self::new()
    }
}

impl Regions {
    /// No ranges.
    pub const fn new() -> Self {
        Self {
            items: [None; REGIONS],
            count: 0,
        }
    }

    /// Ranges.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no range.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Every range, in ascending order.
    pub fn each(&self) -> impl Iterator<Item = Region> {
        self.items.iter().flatten().copied()
    }

    /// Takes the lowest range of `pages` with an unmapped page on either side. `None` where there is
    /// no such place, no pages are wanted or too many, or there are as many ranges as there may be.
    pub fn add(&mut self, pages: u32, what: Use) -> Option<u64> {
        if pages == 0 || pages > REGION_PAGES || self.count >= REGIONS {
            return None;
        }
        let guard = FRAME_BYTES;
        let mut start = MAPPED_START.saturating_add(guard);
        let mut place = 0_usize;
        for region in self.items.iter().take(self.count).flatten() {
            let end = start.saturating_add(bytes(pages)).saturating_add(guard);
            if end <= region.start {
                break;
            }
            start = region.end().saturating_add(guard);
            place = place.saturating_add(1);
        }
        if start.saturating_add(bytes(pages)).saturating_add(guard) > MAPPED_END {
            return None;
        }
        // What stands behind makes room; the last item is free.
        let mut carried = Some(Region { start, pages, what });
        for item in self.items.get_mut(place..)? {
            carried = core::mem::replace(item, carried);
        }
        self.count = self.count.saturating_add(1);
        Some(start)
    }

    /// The range that starts at an address.
    pub fn at(&self, start: u64) -> Option<Region> {
        self.each().find(|region| region.start == start)
    }

    /// The range that holds `pages` whole pages, at least one, from a page's address on.
    pub fn around(&self, address: u64, pages: u32) -> Option<Region> {
        let end = address.checked_add(bytes(pages))?;
        let holds = |region: &Region| region.start <= address && end <= region.end();
        if pages == 0 || !address.is_multiple_of(FRAME_BYTES) {
            return None;
        }
        self.each().find(holds)
    }

    /// Gives a range up.
    pub fn remove(&mut self, start: u64) -> Option<Region> {
        self.at(start)?;
        // From the end on, each takes the place before it, and the one that goes is carried out.
        let mut carried = None;
        for item in self.items.iter_mut().rev() {
            carried = core::mem::replace(item, carried);
            if carried.is_some_and(|region| region.start == start) {
                break;
            }
        }
        self.count = self.count.saturating_sub(1);
        carried
    }
}

#[cfg(test)]
mod tests {
    use capos_abi::layout::{MAPPED_END, MAPPED_START};

    use super::{REGION_PAGES, REGIONS, Regions, Use};

    #[test]
    fn ranges_keep_a_page_between_them() {
        let mut regions = Regions::new();
        let first = regions.add(2, Use::Own).unwrap();
        let second = regions.add(1, Use::Shared(3, 4)).unwrap();
        assert_eq!(first, MAPPED_START + 0x1000);
        assert_eq!(second, first + 0x3000);
        assert_eq!(regions.around(first, 2).unwrap().what, Use::Own);
        for (address, pages) in [(first, 3), (first, 0), (first + 8, 1), (first - 0x1000, 1)] {
            assert_eq!(regions.around(address, pages), None);
        }
        assert_eq!(regions.around(u64::MAX - 0xfff, 1), None);
        regions.remove(first).unwrap();
        assert_eq!(regions.remove(first), None);
        assert_eq!(regions.add(3, Use::Own), Some(second + 0x2000));
        assert_eq!(regions.add(2, Use::Own), Some(first));
    }

    #[test]
    fn bounds() {
        let mut regions = Regions::new();
        assert_eq!(regions.add(0, Use::Own), None);
        assert_eq!(regions.add(REGION_PAGES + 1, Use::Own), None);
        let taken = (0..20).filter_map(|_| regions.add(REGION_PAGES, Use::Own));
        let taken: Vec<u64> = taken.collect();
        let most = (MAPPED_END - MAPPED_START) / ((u64::from(REGION_PAGES) + 1) << 12);
        assert_eq!(taken.len() as u64, most.min(REGIONS as u64));
    }

    #[test]
    fn random_ranges_never_touch() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut regions = Regions::new();
        for _ in 0..5000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            if seed % 3 == 0 {
                let starts: Vec<u64> = regions.each().map(|region| region.start).collect();
                if let Some(start) = starts.get((seed >> 8) as usize % 16) {
                    regions.remove(*start).unwrap();
                }
            } else {
                regions.add((seed >> 40) as u32 % 9, Use::Own);
            }
            let all: Vec<_> = regions.each().collect();
            assert_eq!(all.len(), regions.len());
            for pair in all.windows(2) {
                assert!(pair[0].end() + 0x1000 <= pair[1].start);
            }
        }
    }
}
