//! Revocation beside a call and beside a transfer, under every interleaving of processors that each take the
//! kernel's lock for one entry (`interleavings.rs` shows that it lets one in at a time). The forest of derivations is
//! the kernel's own (`capos_core::revocation`); the calls and tables around it are models of
//! `kernel/core/src/system`. Each model has a twin that looks first and acts later, as no entry may: it must be caught.
//! Models do not panic, because loom's small stacks do not stand a backtrace: what is wrong is given back.

use capos_core::revocation::{ROOT, Revocation};
use loom::sync::{Arc, Mutex};
use loom::thread;
use std::collections::BTreeSet;

/// All that was wrong after any interleaving.
fn explore(
    model: impl Fn() -> Vec<&'static str> + Send + Sync + 'static,
) -> BTreeSet<&'static str> {
    let all = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let found = all.clone();
    loom::model(move || found.lock().unwrap().extend(model()));
    std::mem::take(&mut *all.lock().unwrap())
}

/// The sentences whose conditions do not hold.
fn wrong(conditions: &[(bool, &'static str)]) -> Vec<&'static str> {
    let broken = conditions.iter().filter(|(holds, _)| !holds);
    broken.map(|(_, sentence)| *sentence).collect()
}

const NOTHING: BTreeSet<&str> = BTreeSet::new();

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Answered,
    Revoked,
    Stale,
}

/// Where the one call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Nowhere,
    Queued,
    Received,
}

/// A client facet whose derivation can be taken back, and the call through it.
struct Calls {
    revocation: Revocation,
    node: u16,
    stage: Stage,
    /// How the caller's entry completed: never twice.
    completed: Option<Done>,
    /// The revoker's entry has completed.
    is_revoked: bool,
    /// What may not be.
    wrong: Option<&'static str>,
}

impl Calls {
    fn must(&mut self, holds: bool, wrong: &'static str) {
        if !holds {
            self.wrong.get_or_insert(wrong);
        }
    }

    fn complete(&mut self, done: Done) {
        self.must(self.completed.is_none(), "an entry completes twice");
        self.completed = Some(done);
        self.stage = Stage::Nowhere;
    }

    fn is_allowed(&self) -> bool {
        !self.revocation.is_revoked(self.node)
    }

    /// CALL, its capability found good.
    fn queue(&mut self) {
        self.must(!self.is_revoked, "a call through what was taken back");
        self.stage = Stage::Queued;
    }

    fn revoke(&mut self) {
        self.revocation.revoke(self.node);
        if self.stage != Stage::Nowhere {
            self.complete(Done::Revoked);
        }
        self.is_revoked = true;
    }

    /// RETURN: what the server hears.
    fn answer(&mut self) -> Done {
        if self.stage != Stage::Received {
            return Done::Stale;
        }
        self.must(!self.is_revoked, "an answer through what was taken back");
        self.complete(Done::Answered);
        Done::Answered
    }
}

/// How a call looks at its capability.
#[derive(Clone, Copy)]
enum Look {
    /// In the same turn in which it is queued.
    Together,
    /// In a turn of its own.
    Before,
}

fn call_beside_revocation(look: Look) -> BTreeSet<&'static str> {
    explore(move || {
        let mut revocation = Revocation::new();
        let node = revocation.derive(ROOT, 0).unwrap();
        let kernel = Arc::new(Mutex::new(Calls {
            revocation,
            node,
            stage: Stage::Nowhere,
            completed: None,
            is_revoked: false,
            wrong: None,
        }));
        let revoker = {
            let kernel = kernel.clone();
            thread::spawn(move || kernel.lock().unwrap().revoke())
        };
        let server = {
            let kernel = kernel.clone();
            thread::spawn(move || {
                // RECV takes what waits; a call that comes later is not waited for.
                let mut entry = kernel.lock().unwrap();
                if entry.stage != Stage::Queued {
                    return None;
                }
                entry.stage = Stage::Received;
                drop(entry);
                Some(kernel.lock().unwrap().answer())
            })
        };
        match look {
            Look::Together => {
                let mut entry = kernel.lock().unwrap();
                match entry.is_allowed() {
                    true => entry.queue(),
                    false => entry.complete(Done::Revoked),
                }
            }
            Look::Before => {
                let is_allowed = kernel.lock().unwrap().is_allowed();
                let mut entry = kernel.lock().unwrap();
                match is_allowed {
                    true => entry.queue(),
                    false => entry.complete(Done::Revoked),
                }
            }
        }
        revoker.join().unwrap();
        let heard = server.join().unwrap();
        let kernel = kernel.lock().unwrap();
        let expected = match heard {
            Some(Done::Answered) => Done::Answered,
            _ => Done::Revoked,
        };
        // Revoked in the end, so nothing is under way, and the caller has heard once.
        let mut found = wrong(&[
            (kernel.stage == Stage::Nowhere, "a call is left behind"),
            (
                kernel.completed == Some(expected),
                "the caller hears what was not",
            ),
        ]);
        found.extend(kernel.wrong);
        found
    })
}

#[test]
fn a_call_queued_or_in_flight_completes_once_and_nothing_comes_after() {
    assert_eq!(call_beside_revocation(Look::Together), NOTHING);
}

#[test]
fn a_call_that_looks_before_it_is_queued_is_caught() {
    let found = call_beside_revocation(Look::Before);
    assert!(
        found.contains("a call through what was taken back"),
        "{found:?}"
    );
    assert!(found.contains("a call is left behind"), "{found:?}");
}

/// Two tables of one slot each, a capability that moves from the first to the second, and what its derivation's
/// maker does meanwhile.
struct Tables {
    revocation: Revocation,
    slots: [Option<u16>; 2],
    revoker: Option<u16>,
    /// A derivation that somebody else makes, and that nobody takes back.
    other: Option<u16>,
}

impl Tables {
    fn let_go(&mut self, node: u16) {
        self.revocation.let_go(node, |_| {});
    }
}

/// How a move is carried out.
#[derive(Clone, Copy)]
enum Move {
    /// Its hold on the derivation goes with it, in one turn.
    Whole,
    /// Taken out of one table in one turn, put into the other in the next.
    Halves,
}

fn move_beside_revocation(how: Move) -> BTreeSet<&'static str> {
    explore(move || {
        let mut revocation = Revocation::new();
        let node = revocation.derive(ROOT, 0).unwrap();
        // One holder is the capability, the other the revoker.
        revocation.hold(node);
        let kernel = Arc::new(Mutex::new(Tables {
            revocation,
            slots: [Some(node), None],
            revoker: Some(node),
            other: None,
        }));
        let revoker = {
            let kernel = kernel.clone();
            thread::spawn(move || {
                let mut entry = kernel.lock().unwrap();
                let node = entry.revoker.take().unwrap();
                entry.revocation.revoke(node);
                entry.let_go(node);
            })
        };
        let other = {
            let kernel = kernel.clone();
            thread::spawn(move || {
                let mut entry = kernel.lock().unwrap();
                entry.other = entry.revocation.derive(ROOT, 1).ok();
            })
        };
        match how {
            Move::Whole => {
                let mut entry = kernel.lock().unwrap();
                entry.slots[1] = entry.slots[0].take();
            }
            Move::Halves => {
                let mut entry = kernel.lock().unwrap();
                let node = entry.slots[0].take().unwrap();
                entry.let_go(node);
                drop(entry);
                let mut entry = kernel.lock().unwrap();
                entry.revocation.hold(node);
                entry.slots[1] = Some(node);
            }
        }
        revoker.join().unwrap();
        other.join().unwrap();
        let mut kernel = kernel.lock().unwrap();
        let [None, Some(node)] = kernel.slots else {
            return vec!["it is not in one table"];
        };
        let other = kernel.other.unwrap_or(ROOT);
        let is_revoked = kernel.revocation.is_revoked(node);
        let is_others_revoked = kernel.revocation.is_revoked(other);
        kernel.let_go(node);
        kernel.let_go(other);
        wrong(&[
            (is_revoked, "what was taken back works again"),
            (!is_others_revoked, "another's was taken back"),
            // Every hold is given back once.
            (kernel.revocation.used() == 0, "a derivation is left"),
        ])
    })
}

#[test]
fn a_capability_that_moves_is_revoked_wherever_it_is() {
    assert_eq!(move_beside_revocation(Move::Whole), NOTHING);
}

#[test]
fn a_move_in_two_turns_is_caught() {
    let found = move_beside_revocation(Move::Halves);
    assert!(
        found.contains("what was taken back works again"),
        "{found:?}"
    );
}

/// A derivation of what is being taken back: made before, it goes too; made after, it is refused.
#[test]
fn nothing_derived_meanwhile_escapes() {
    let found = explore(|| {
        let mut revocation = Revocation::new();
        let Ok(node) = revocation.derive(ROOT, 0) else {
            return vec!["there is no room"];
        };
        let kernel = Arc::new(Mutex::new(revocation));
        let revoker = {
            let kernel = kernel.clone();
            thread::spawn(move || kernel.lock().unwrap().revoke(node))
        };
        let below = {
            let kernel = kernel.clone();
            thread::spawn(move || {
                let first = kernel.lock().unwrap().derive(node, 1);
                let second = first.and_then(|first| kernel.lock().unwrap().derive(first, 2));
                [first, second]
            })
        };
        let count = revoker.join().unwrap();
        let made = below.join().unwrap().into_iter().flatten();
        let kernel = kernel.lock().unwrap();
        let are_revoked = made.clone().all(|node| kernel.is_revoked(node));
        wrong(&[
            (are_revoked, "it escapes"),
            (count as usize == 1 + made.count(), "another number went"),
        ])
    });
    assert_eq!(found, NOTHING);
}
