//! Counting what exists.

use super::lifecycle::State;
use super::places::count;
use super::{Counters, FrameFacts, Machine, System};
use crate::ledger::Class;

/// What exists now, and what the machine has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub frames: FrameFacts,
    pub counters: Counters,
    pub processes: u64,
    pub threads: u64,
    pub capabilities: u64,
    pub endpoints: u64,
    pub labels: u64,
    pub notifications: u64,
    pub derivations: u64,
    pub allocators: u64,
    pub memory_objects: u64,
    pub regions: u64,
    pub calls: u64,
    pub calls_queued: u64,
    pub queue_bytes: u64,
    pub waiters: u64,
    pub entries: u64,
    pub spawns: u64,
}

impl System {
    /// Counts everything. Costs a walk over all tables.
    pub(super) fn facts<M: Machine>(&self, machine: &M) -> Facts {
        let processes = || {
            let used = self.processes.things();
            used.filter(|process| process.state != State::Unused)
        };
        let sum = |each: &mut dyn Iterator<Item = usize>| -> u64 {
            each.fold(0_u64, |sum, more| sum.saturating_add(more as u64))
        };
        let labels = self.labels.things().filter(|label| label.holders > 0);
        let endpoints = self.endpoints.things().filter(|each| !each.is_free());
        let notifications = self.notifications.things().filter(|each| each.holders > 0);
        let allocators = self.allocators.things().filter(|each| !each.is_free());
        let memory = self.memory.things().filter(|each| !each.is_free());
        let bytes = |class| move |process: &super::Process| process.ledger.used(class) as usize;
        Facts {
            frames: machine.frames(),
            counters: machine.counters(),
            processes: count(processes()) as u64,
            threads: count(self.threads.things().filter(|thread| thread.live)) as u64,
            capabilities: sum(&mut processes().map(|process| process.table.len())),
            endpoints: count(endpoints) as u64,
            labels: count(labels) as u64,
            notifications: count(notifications) as u64,
            derivations: self.revocation.used() as u64,
            allocators: count(allocators) as u64,
            memory_objects: count(memory) as u64,
            regions: sum(&mut processes().map(|process| process.regions.len())),
            calls: self.calls.live as u64,
            calls_queued: self.calls.queued() as u64,
            queue_bytes: sum(&mut processes().map(bytes(Class::QueueBytes))),
            waiters: self.waiters() as u64,
            entries: self.entries() as u64,
            spawns: self.last_number,
        }
    }
}
