//! Calls to endpoints that have not been answered.

use capos_abi::limits;
use capos_abi::ring::SQE_WORDS;

use super::places::count;
use super::ring::Invocation;
use super::{CALLS, ProcessId};
use crate::entry::Entry;

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The place is free.
    Free,
    /// It waits in its endpoint.
    Queued,
    /// This process has received it and has not answered.
    Delivered(ProcessId),
}

/// A call to an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The caller's entry.
    pub invocation: Invocation,
    /// How far it has come.
    pub stage: Stage,
    /// Its generation, so that an answer to an earlier call at this place is stale.
    pub generation: u32,
    /// Where to.
    pub endpoint: u16,
    pub(super) next: u16,
}

const FREE: Call = Call {
    invocation: Invocation {
        entry: Entry([0; SQE_WORDS]),
        thread: 0,
        process: 0,
    },
    stage: Stage::Free,
    generation: 0,
    endpoint: 0,
    next: 0,
};

/// Bits of a call id that hold the place.
const PLACE_BITS: u32 = 12;
const GENERATIONS: u32 = 1 << (32 - PLACE_BITS);

/// All calls. There are as many places as completion slots, so a place is free whenever a caller
/// could reserve a slot.
pub struct Calls {
    items: super::Places<Call, CALLS>,
    /// The first freed place plus one; 0 ends the list.
    free: u16,
    fresh: u16,
    /// Calls that are not free.
    pub live: usize,
}

impl Calls {
    /// No calls.
    pub const fn new() -> Self {
        const { assert!(CALLS <= 1 << PLACE_BITS && limits::ENDPOINT_CALLS < CALLS) };
        Self {
            items: super::Places::new([FREE; CALLS], FREE),
            free: 0,
            fresh: 0,
            live: 0,
        }
    }

    /// Puts a call at a free place.
    #[inline]
    pub fn add(&mut self, call: Call) -> Option<u16> {
        let place = match self.free.checked_sub(1) {
            Some(place) => place,
            None if usize::from(self.fresh) < CALLS => self.fresh,
            None => return None,
        };
        if self.free != 0 {
            self.free = self.items.at(place).next;
        } else {
            self.fresh = self.fresh.saturating_add(1);
        }
        let slot = self.items.at_mut(place);
        // Never zero, so that no call has the id 0.
        let generation = slot.generation.saturating_add(1) % GENERATIONS;
        *slot = Call {
            generation: generation.max(1),
            next: 0,
            ..call
        };
        self.live = self.live.saturating_add(1);
        Some(place)
    }

    /// The call at a place.
    #[inline]
    pub fn at(&self, place: u16) -> &Call {
        self.items.at(place)
    }

    /// The id under which whoever receives a call answers it.
    #[inline]
    pub fn id(&self, place: u16) -> u32 {
        self.items.at(place).generation << PLACE_BITS | u32::from(place)
    }

    /// Notes that a process has received a call.
    #[inline]
    pub fn deliver(&mut self, place: u16, to: ProcessId) {
        self.items.at_mut(place).stage = Stage::Delivered(to);
    }

    /// The place of a call that `process` received under this id and has not answered.
    #[inline]
    pub fn received(&self, id: u32, process: ProcessId) -> Option<u16> {
        let place = (id % (1 << PLACE_BITS)) as u16;
        let call = self.items.at(place);
        let same = call.stage == Stage::Delivered(process) && call.generation == id >> PLACE_BITS;
        same.then_some(place)
    }

    /// Frees a place; whoever holds its id holds a stale one from here on.
    #[inline]
    pub fn remove(&mut self, place: u16) {
        let free = self.free;
        let call = self.items.at_mut(place);
        if call.stage != Stage::Free {
            call.stage = Stage::Free;
            call.next = free;
            self.free = place.saturating_add(1);
            self.live = self.live.saturating_sub(1);
        }
    }

    /// The first call that fits.
    pub fn find(&self, fits: impl Fn(&Call) -> bool) -> Option<u16> {
        if self.live == 0 {
            return None;
        }
        // Places are used again last in, first out: few were ever used at all.
        let mut used = (0..self.fresh).zip(self.items.things());
        let found = used.find(|(_, call)| call.stage != Stage::Free && fits(call));
        found.map(|(place, _)| place)
    }

    /// Every call that is not free.
    #[cfg(test)]
    pub fn each(&self) -> impl Iterator<Item = &Call> {
        let all = self.items.things();
        all.filter(|call| call.stage != Stage::Free)
    }

    /// Calls that wait in an endpoint.
    pub fn queued(&self) -> usize {
        let queued = |call: &&Call| call.stage == Stage::Queued;
        let used = self.items.things().take(usize::from(self.fresh));
        count(used.filter(queued))
    }
}

impl Call {
    /// A call that has come nowhere yet.
    #[inline]
    pub fn new(invocation: Invocation, endpoint: u16) -> Call {
        Call {
            invocation,
            stage: Stage::Queued,
            endpoint,
            ..FREE
        }
    }
}
