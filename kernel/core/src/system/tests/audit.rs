//! Everything counted anew, by another way than the kernel counts: what is held against what holds
//! it, and every ledger against what its process has made.

use std::collections::BTreeMap;

use super::double::{Double, FRAMES};
use crate::ledger::Class;
use crate::object::Object;
use crate::regions::Use;
use crate::revocation::NODES;
use crate::system::calls::Stage;
use crate::system::lifecycle::State;
use crate::system::{Payer, System};

/// Panics where a count is not what it should be.
pub fn audit(system: &System, machine: &Double) {
    let mut holders: BTreeMap<(u8, u16), u32> = BTreeMap::new();
    let mut nodes: BTreeMap<u16, u32> = BTreeMap::new();
    let mut mapped: BTreeMap<u16, u32> = BTreeMap::new();
    for (_, process) in system.processes.each() {
        for (_, held) in process.table.each() {
            *nodes.entry(held.node).or_default() += 1;
            if let Object::Revoker(node) = held.object {
                *nodes.entry(node).or_default() += 1;
            }
            *holders.entry(key(held.object)).or_default() += 1;
        }
        for region in process.regions.each() {
            if let Use::Shared(place, node) = region.what {
                *mapped.entry(place).or_default() += 1;
                *nodes.entry(node).or_default() += 1;
            }
        }
    }
    for node in 1..=NODES as u16 {
        let (count, parent, _) = system.revocation.node(node);
        if count > 0 && parent != 0 {
            *nodes.entry(parent).or_default() += 1;
        }
    }
    let counted = |kind, place| holders.get(&(kind, place)).copied().unwrap_or(0);
    for (place, endpoint) in system.endpoints.each() {
        let held = (counted(0, place), counted(1, place));
        assert_eq!((endpoint.owners, endpoint.clients), held);
        assert!(endpoint.calls.is_empty() || endpoint.receivers.is_empty());
    }
    for (place, label) in system.labels.each() {
        assert_eq!(label.holders, counted(2, place));
    }
    for (place, process) in system.processes.each() {
        assert_eq!(process.handles, counted(3, place));
    }
    for (place, notification) in system.notifications.each() {
        assert_eq!(notification.holders, counted(4, place));
    }
    for (place, memory) in system.memory.each() {
        assert_eq!(memory.holders, counted(5, place));
        assert_eq!(memory.mapped, mapped.get(&place).copied().unwrap_or(0));
        assert_eq!(
            machine.pages_of(place),
            (!memory.is_free()).then_some(memory.pages)
        );
    }
    for (place, allocator) in system.allocators.each() {
        assert_eq!(allocator.holders, counted(6, place));
        let objects = system
            .memory
            .things()
            .filter(|each| !each.is_free() && each.allocator == place);
        let parts = system
            .allocators
            .things()
            .filter(|each| each.parent == Some(place));
        let children: Vec<u32> = objects
            .map(|each| each.pages)
            .chain(parts.map(|each| each.limit))
            .collect();
        assert_eq!(allocator.children as usize, children.len());
        assert_eq!(allocator.used, children.iter().sum());
        assert!(allocator.used <= allocator.limit);
    }
    for node in 1..=NODES as u16 {
        let expected = nodes.get(&node).copied().unwrap_or(0);
        assert_eq!(system.revocation.node(node).0, expected, "node {node}");
    }
    assert_eq!(machine.free + machine.taken(), FRAMES);
    ledgers(system);
}

fn key(object: Object) -> (u8, u16) {
    match object {
        Object::Endpoint(place) => (0, place),
        Object::Client(place) => (1, place),
        Object::Console(place) => (2, place),
        Object::ProcessHandle(place) => (3, place),
        Object::Notification(place) | Object::Signaller(place) => (4, place),
        Object::Memory(place) | Object::MemoryReader(place) => (5, place),
        Object::FrameAllocator(place) => (6, place),
        _ => (255, 0),
    }
}

fn ledgers(system: &System) {
    for (place, process) in system.processes.each() {
        if process.state != State::Live {
            assert!(process.ledger.is_empty());
            continue;
        }
        let own = Payer {
            place,
            number: process.number,
        };
        let who = own.number << 16 | u64::from(place);
        let queued = || {
            let calls = system
                .calls
                .each()
                .filter(|call| call.stage == Stage::Queued);
            calls.filter(|call| call.invocation.process == place)
        };
        let nodes = (1..=NODES as u16).map(|node| system.revocation.node(node));
        let count = |all: &mut dyn Iterator<Item = (bool, Payer)>| {
            all.filter(|(used, payer)| *used && *payer == own).count()
        };
        let expected = [
            count(
                &mut system
                    .endpoints
                    .things()
                    .map(|each| (!each.is_free(), each.payer)),
            ),
            count(
                &mut system
                    .labels
                    .things()
                    .map(|each| (each.holders > 0, each.payer)),
            ),
            count(
                &mut system
                    .processes
                    .things()
                    .map(|each| (each.state != State::Unused, each.payer)),
            ),
            count(
                &mut system
                    .notifications
                    .things()
                    .map(|each| (each.holders > 0, each.payer)),
            ),
            nodes
                .filter(|(holders, _, payer)| *holders > 0 && *payer == who)
                .count(),
            count(
                &mut system
                    .allocators
                    .things()
                    .map(|each| (!each.is_free(), each.payer)),
            ),
            count(
                &mut system
                    .memory
                    .things()
                    .map(|each| (!each.is_free(), each.payer)),
            ),
            process.regions.len(),
            queued().count(),
            queued()
                .map(|call| call.invocation.entry.message().len as usize)
                .sum(),
        ];
        let classes = [
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
        for (class, expected) in classes.into_iter().zip(expected) {
            assert_eq!(process.ledger.used(class) as usize, expected, "{class:?}");
        }
    }
}
