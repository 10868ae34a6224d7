//! The list of a function's capabilities.

use super::{COMMAND, ConfigSpace, Function};

const HAS_LIST: u32 = 1 << 20;
const FIRST: u8 = 0x34;
/// Below this lie the registers that every function has.
const LIST_START: u8 = 0x40;
/// A capability takes at least 4 bytes, so that no more fit behind `LIST_START`.
const MOST: usize = 48;

/// One capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capability {
    /// What kind it is of.
    pub id: u8,
    /// Where in configuration space it lies: a multiple of 4, at least 0x40.
    pub offset: u8,
}

/// The list is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCapabilities {
    /// An entry points into the registers that every function has.
    Pointer,
    /// It has more entries than fit: it goes in a circle.
    Circle,
}

/// The capabilities of a function, in the device's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    found: [Capability; MOST],
    count: usize,
}

impl Capabilities {
    /// Each capability.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.found.iter().copied().take(self.count)
    }
}

/// Reads the list of a function's capabilities; an empty one if it has none.
pub fn capabilities(
    space: &impl ConfigSpace,
    function: Function,
) -> Result<Capabilities, BadCapabilities> {
    let mut list = Capabilities {
        found: [Capability::default(); MOST],
        count: 0,
    };
    if space.read(function, COMMAND) & HAS_LIST == 0 {
        return Ok(list);
    }
    // The two low bits of a pointer are reserved, to be masked.
    let mut offset = (space.read(function, FIRST) & 0xfc) as u8;
    while offset != 0 {
        if offset < LIST_START {
            return Err(BadCapabilities::Pointer);
        }
        let slot = list.found.get_mut(list.count);
        let slot = slot.ok_or(BadCapabilities::Circle)?;
        let entry = space.read(function, offset);
        *slot = Capability {
            id: (entry & 0xff) as u8,
            offset,
        };
        list.count = list.count.saturating_add(1);
        offset = (entry >> 8 & 0xfc) as u8;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::super::double::{Machine, SOME};
    use super::super::{COMMAND, ConfigSpace};
    use super::{BadCapabilities, Capability, FIRST, HAS_LIST, MOST, capabilities};
    use crate::virtio::double::Random;

    fn listed(first: u32, entries: &[(u8, u32)]) -> Machine {
        let mut machine = Machine::with(SOME);
        machine.set(SOME, COMMAND, HAS_LIST);
        machine.set(SOME, FIRST, first);
        for (offset, entry) in entries {
            machine.set(SOME, *offset, *entry);
        }
        machine
    }

    #[test]
    fn in_order() {
        let machine = listed(0x98, &[(0x98, 0x4011), (0x40, 0x8509), (0x84, 0x0009)]);
        let list = capabilities(&machine, SOME).unwrap();
        let found: Vec<Capability> = list.iter().collect();
        let expected = [(0x11, 0x98), (0x09, 0x40), (0x09, 0x84)];
        assert_eq!(
            found,
            expected.map(|(id, offset)| Capability { id, offset })
        );
    }

    #[test]
    fn none() {
        let mut machine = listed(0x40, &[(0x40, 0x4009)]);
        machine.set(SOME, COMMAND, !HAS_LIST);
        assert_eq!(capabilities(&machine, SOME).unwrap().iter().count(), 0);
        assert_eq!(
            capabilities(&listed(0, &[]), SOME).unwrap().iter().count(),
            0
        );
    }

    #[test]
    fn damaged() {
        let circle = listed(0x40, &[(0x40, 0x5009), (0x50, 0x4109)]);
        assert_eq!(capabilities(&circle, SOME), Err(BadCapabilities::Circle));
        let low = listed(0x40, &[(0x40, 0x3c09)]);
        assert_eq!(capabilities(&low, SOME), Err(BadCapabilities::Pointer));
        let nobody = Machine::default();
        assert_eq!(nobody.read(SOME, FIRST), u32::MAX);
        assert_eq!(capabilities(&nobody, SOME), Err(BadCapabilities::Circle));
    }

    #[test]
    fn as_many_as_fit() {
        let entries: Vec<(u8, u32)> = (0x10..0x40_u8)
            .map(|place| (place * 4, (u32::from(place + 1) * 4 % 256) << 8))
            .collect();
        let list = capabilities(&listed(0x40, &entries), SOME).unwrap();
        assert_eq!(list.iter().count(), MOST);
    }

    #[test]
    fn any_bytes_end() {
        let mut random = Random::new(7);
        for _ in 0..2000 {
            let entries: Vec<(u8, u32)> = (0x10..0x40_u8)
                .map(|place| (place * 4, random.next() as u32))
                .collect();
            if let Ok(list) = capabilities(&listed(random.next() as u32, &entries), SOME) {
                assert!(list.iter().all(|entry| entry.offset >= 0x40));
                assert!(list.iter().all(|entry| entry.offset % 4 == 0));
            }
        }
    }
}
