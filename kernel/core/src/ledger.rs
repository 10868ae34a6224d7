//! What one process has taken of everything that is not its own memory, and how much it may.
//!
//! Taking is asked for before anything is done, and given back on every way out, by whoever made
//! the thing and for as long as he lives.

/// A kind of thing that a process can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Endpoints that it made.
    Endpoints,
    /// Console labels that it derived.
    Labels,
    /// Processes that it started.
    Children,
    /// Notifications that it made.
    Notifications,
    /// Capabilities that it derived in order to take them back.
    Derivations,
    /// Frame allocators that it derived.
    Allocators,
    /// Memory objects that it allocated.
    MemoryObjects,
    /// Ranges of its address space that it reserved or mapped.
    Regions,
    /// Its calls that wait in endpoints' queues.
    QueuedCalls,
    /// Bytes of their parameters.
    QueueBytes,
}

/// Kinds of things.
pub const CLASSES: usize = 10;

/// Endpoints that one process may have made.
pub const ENDPOINT_QUOTA: u32 = 32;
/// Labels that one process may have derived.
pub const LABEL_QUOTA: u32 = 32;
/// Processes that one process may have started and still hold.
pub const CHILD_QUOTA: u32 = 48;
/// Notifications that one process may have made.
pub const NOTIFICATION_QUOTA: u32 = 32;
/// Derivations that one process may have made.
pub const DERIVATION_QUOTA: u32 = 64;
/// Frame allocators that one process may have derived.
pub const ALLOCATOR_QUOTA: u32 = 8;
/// Memory objects that one process may have allocated.
pub const MEMORY_OBJECT_QUOTA: u32 = 16;
/// Ranges that one process may have reserved or mapped.
pub const REGION_QUOTA: u32 = 16;
/// Calls of one process that may wait in queues: half of what one endpoint takes, so that nobody
/// fills one alone.
pub const QUEUED_CALL_QUOTA: u32 = 8;
/// Bytes of the parameters of these calls.
pub const QUEUE_BYTE_QUOTA: u32 = 65536;

/// What each class may come to, in the order of the classes.
const QUOTAS: [u32; CLASSES] = [
    ENDPOINT_QUOTA,
    LABEL_QUOTA,
    CHILD_QUOTA,
    NOTIFICATION_QUOTA,
    DERIVATION_QUOTA,
    ALLOCATOR_QUOTA,
    MEMORY_OBJECT_QUOTA,
    REGION_QUOTA,
    QUEUED_CALL_QUOTA,
    QUEUE_BYTE_QUOTA,
];

/// The process has as much as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

/// One process's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    used: [u32; CLASSES],
}

impl Ledger {
    /// Nothing taken.
    pub const fn new() -> Self {
        Self { used: [0; CLASSES] }
    }

    /// Takes `amount`, or nothing.
    #[inline]
    pub fn charge(&mut self, class: Class, amount: u32) -> Result<(), Exhausted> {
        let place = class as usize;
        let (Some(used), Some(quota)) = (self.used.get_mut(place), QUOTAS.get(place)) else {
            return Err(Exhausted);
        };
        let wanted = used.checked_add(amount).ok_or(Exhausted)?;
        if wanted > *quota {
            return Err(Exhausted);
        }
        *used = wanted;
        Ok(())
    }

    /// Gives `amount` back.
    #[inline]
    pub fn give_back(&mut self, class: Class, amount: u32) {
        if let Some(used) = self.used.get_mut(class as usize) {
            debug_assert!(*used >= amount, "{class:?}: {amount} of {used} given back");
            *used = used.saturating_sub(amount);
        }
    }

    /// What is taken of a class.
    pub fn used(&self, class: Class) -> u32 {
        self.used.get(class as usize).copied().unwrap_or(0)
    }

    /// Whether nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.used.iter().all(|used| *used == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Exhausted, Ledger, QUEUE_BYTE_QUOTA, QUOTAS};

    const ALL: [Class; super::CLASSES] = [
        Class::Endpoints,
        Class::Labels,
        Class::Children,
        Class::Notifications,
        Class::Derivations,
        Class::Allocators,
        Class::MemoryObjects,
        Class::Regions,
        Class::QueuedCalls,
        Class::QueueBytes,
    ];

    #[test]
    fn each_class_has_its_own_quota() {
        for (place, class) in ALL.into_iter().enumerate() {
            let mut ledger = Ledger::new();
            assert_eq!(class as usize, place);
            ledger.charge(class, QUOTAS[place]).unwrap();
            assert_eq!(ledger.charge(class, 1), Err(Exhausted));
            for other in ALL.into_iter().filter(|other| *other != class) {
                ledger.charge(other, 1).unwrap();
                ledger.give_back(other, 1);
            }
            ledger.give_back(class, QUOTAS[place]);
            assert!(ledger.is_empty());
        }
    }

    #[test]
    fn a_refusal_takes_nothing() {
        let mut ledger = Ledger::new();
        ledger.charge(Class::QueueBytes, 8).unwrap();
        for amount in [QUEUE_BYTE_QUOTA - 7, u32::MAX] {
            assert_eq!(ledger.charge(Class::QueueBytes, amount), Err(Exhausted));
            assert_eq!(ledger.used(Class::QueueBytes), 8);
        }
    }
}
