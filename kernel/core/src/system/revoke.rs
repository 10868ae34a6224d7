//! Taking back what was derived.

use capos_abi::CapError;

use super::{Machine, Payer, System};
use crate::ledger::Class;
use crate::revocation::NoNode;

impl System {
    /// Makes a derivation below `parent` that counts one holder, charged to `payer`.
    pub(super) fn new_node(&mut self, parent: u16, payer: Payer) -> Result<u16, CapError> {
        let who = payer.number << 16 | u64::from(payer.place);
        self.revocation
            .derive(parent, who)
            .map_err(|reason| match reason {
                NoNode::Revoked => CapError::Revoked,
                NoNode::Depth | NoNode::Full => CapError::Quota,
            })
    }

    /// One holder of a derivation less.
    #[inline]
    pub(super) fn drop_node(&mut self, node: u16) {
        if node != crate::revocation::ROOT {
            self.drop_below_root(node);
        }
    }

    fn drop_below_root(&mut self, node: u16) {
        // A chain of derivations can end at once: at most as many as it is deep.
        let mut gone = [None; crate::revocation::DEPTH as usize];
        let mut free = gone.iter_mut();
        self.revocation.let_go(node, |who| {
            if let Some(slot) = free.next() {
                *slot = Some(who);
            }
        });
        for who in gone.into_iter().flatten() {
            let payer = Payer {
                place: who as u16,
                number: who >> 16,
            };
            self.give_back(payer, Class::Derivations);
        }
    }

    /// Revokes a derivation and all below it; says how many there were. From here on none of their
    /// capabilities resolves, and nothing that went through one is under way or mapped any more.
    pub(super) fn revoke<M: Machine>(&mut self, machine: &mut M, node: u16) -> u32 {
        let count = self.revocation.revoke(node);
        if count > 0 {
            self.end_waiting(machine, CapError::Revoked, &|system, ticket, cap| {
                let table = &system.processes.at(ticket.process).table;
                let node = table.get(cap).map(|held| held.node);
                node.is_some_and(|node| system.revocation.is_revoked(node))
            });
            self.unmap_revoked(machine);
        }
        count
    }
}
