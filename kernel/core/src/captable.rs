//! A process's capabilities: slots with generations.

use capos_abi::CapId;
use capos_abi::capid::GENERATION_MAX;
use capos_abi::limits::TABLE_SLOTS;

use crate::object::Object;

/// What a capability is: an object, and the derivation through which it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The object.
    pub object: Object,
    /// The revocation node; `revocation::ROOT` for what nobody can take back.
    pub node: u16,
}

impl Held {
    /// An empty slot.
    pub const NOTHING: Held = Held {
        object: Object::None,
        node: 0,
    };

    /// A capability that nobody can take back.
    pub const fn root(object: Object) -> Held {
        Held { object, node: 0 }
    }
}

#[derive(Clone, Copy)]
struct Slot {
    held: Held,
    /// The generation of the id that is out, or was out last; 0 before the first.
    generation: u32,
    /// The next free slot behind this one, plus one; 0 ends the list.
    next: u16,
}

/// The table. Slots start unused and are taken in ascending order before any is used again, so that
/// an unused table is all zero.
pub struct CapTable {
    slots: [Slot; TABLE_SLOTS],
    /// The first slot of the list of used and freed ones.
    free: u16,
    /// The first slot that was never used.
    fresh: u16,
    used: u16,
    retired: u16,
}

impl Default for CapTable {
    fn default() -> Self {
        Self::new()
    }
}

impl CapTable {
    /// An empty table.
    pub const fn new() -> Self {
        const EMPTY: Slot = Slot {
            held: Held::NOTHING,
            generation: 0,
            next: 0,
        };
        Self {
            slots: [EMPTY; TABLE_SLOTS],
            free: 0,
            fresh: 0,
            used: 0,
            retired: 0,
        }
    }

    /// Makes the table empty and as new; only the slots that were used are touched.
    pub fn clear(&mut self) {
        let fresh = usize::from(self.fresh);
        for slot in self.slots.iter_mut().take(fresh) {
            *slot = Slot {
                held: Held::NOTHING,
                generation: 0,
                next: 0,
            };
        }
        (self.free, self.fresh, self.used, self.retired) = (0, 0, 0, 0);
    }

    /// Slots that can still be filled.
    #[inline]
    pub fn room(&self) -> usize {
        TABLE_SLOTS
            .saturating_sub(usize::from(self.used))
            .saturating_sub(usize::from(self.retired))
    }

    /// Capabilities in the table.
    pub fn len(&self) -> usize {
        self.used.into()
    }

    /// Whether the table holds nothing.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Adds a capability; `None` where the table is full.
    pub fn insert(&mut self, held: Held) -> Option<CapId> {
        let number = match self.free.checked_sub(1) {
            Some(number) => number,
            None if usize::from(self.fresh) < TABLE_SLOTS => self.fresh,
            None => return None,
        };
        let slot = self.slots.get_mut(usize::from(number))?;
        if self.free != 0 {
            self.free = slot.next;
        } else {
            self.fresh = self.fresh.saturating_add(1);
        }
        slot.next = 0;
        slot.held = held;
        slot.generation = slot.generation.saturating_add(1);
        self.used = self.used.saturating_add(1);
        Some(CapId::new(number, slot.generation))
    }

    /// What an id stands for, if it is not stale.
    #[inline]
    pub fn get(&self, id: CapId) -> Option<&Held> {
        let slot = self.slots.get(id.slot())?;
        let live = slot.generation == id.generation() && slot.held.object != Object::None;
        live.then_some(&slot.held)
    }

    /// Takes a capability out. Its id is stale from here on.
    pub fn remove(&mut self, id: CapId) -> Option<Held> {
        let held = *self.get(id)?;
        let slot = self.slots.get_mut(id.slot())?;
        slot.held = Held::NOTHING;
        self.used = self.used.saturating_sub(1);
        if slot.generation >= GENERATION_MAX {
            self.retired = self.retired.saturating_add(1);
        } else {
            slot.next = self.free;
            self.free = (id.slot() as u16).saturating_add(1);
        }
        Some(held)
    }

    /// Every capability in the table, in the order of the slots.
    pub fn each(&self) -> impl Iterator<Item = (CapId, Held)> {
        (0..self.fresh)
            .zip(&self.slots)
            .filter(|(_, slot)| slot.held.object != Object::None)
            .map(|(number, slot)| (CapId::new(number, slot.generation), slot.held))
    }

    /// The id of the first capability; for emptying a table.
    pub fn first(&self) -> Option<CapId> {
        self.each().map(|(id, _)| id).next()
    }
}

#[cfg(test)]
mod tests {
    use super::{CapTable, Held};
    use crate::object::Object;
    use capos_abi::CapId;
    use capos_abi::capid::GENERATION_MAX;

    #[test]
    fn a_stale_id_never_resolves() {
        let mut table = CapTable::new();
        let first = table.insert(Held::root(Object::ProcessSpawner)).unwrap();
        assert_eq!(table.get(first), Some(&Held::root(Object::ProcessSpawner)));
        assert_eq!(
            table.remove(first),
            Some(Held::root(Object::ProcessSpawner))
        );
        let second = table.insert(Held::root(Object::BootPackage)).unwrap();
        assert_eq!(
            (second.slot(), second.generation()),
            (first.slot(), first.generation() + 1)
        );
        assert_eq!(table.get(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(CapId::NONE), None);
        assert_eq!(table.get(CapId(u32::MAX)), None);
    }

    #[test]
    fn a_full_table_refuses_and_recovers() {
        let mut table = CapTable::new();
        let ids: Vec<_> =
            core::iter::from_fn(|| table.insert(Held::root(Object::BootPackage))).collect();
        assert_eq!((ids.len(), table.room()), (256, 0));
        table.remove(ids[100]).unwrap();
        assert_eq!(
            table
                .insert(Held::root(Object::BootPackage))
                .unwrap()
                .slot(),
            100
        );
        table.clear();
        assert_eq!((table.room(), table.first()), (256, None));
    }

    #[test]
    fn a_used_up_slot_is_retired() {
        let mut table = CapTable::new();
        for generation in 1..=GENERATION_MAX {
            let id = table.insert(Held::root(Object::BootPackage)).unwrap();
            assert_eq!((id.slot(), id.generation()), (0, generation));
            table.remove(id).unwrap();
        }
        assert_eq!(
            table
                .insert(Held::root(Object::BootPackage))
                .unwrap()
                .slot(),
            1
        );
        assert_eq!(table.room(), 254);
    }
}
