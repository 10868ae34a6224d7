//! Revocation beside a call and beside a transfer, in every order in which a kernel with one lock can carry the entries
//! out: a call that carries a capability, its RECV, its RETURN that carries another, and the revocation of both the
//! facet that was called through and of what was carried.

use capos_abi::CapError;
use capos_abi::message::{RecvHeader, TransferDescriptor};
use capos_abi::ring::{Sqe, op};

use super::audit::audit;
use super::authority::{ask, derive, message, receive, request};
use super::double::{Double, LIST, OUT};
use super::{CONSOLE, NOTIFICATIONS, booted, call, code, endpoint, granted, spawn};
use crate::object::Object;
use crate::system::System;

/// The entries; the caller and the revoker are one program, the server another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Call,
    Receive,
    Return,
    RevokeFacet,
    RevokeGift,
}

const STEPS: [Step; 5] = [
    Step::Call,
    Step::Receive,
    Step::Return,
    Step::RevokeFacet,
    Step::RevokeGift,
];
const CALL_DATA: u64 = 1;

/// Every order of these steps.
fn orders(left: &[Step]) -> Vec<Vec<Step>> {
    if left.is_empty() {
        return vec![Vec::new()];
    }
    let each = left.iter().flat_map(|first| {
        let others: Vec<Step> = left
            .iter()
            .copied()
            .filter(|other| other != first)
            .collect();
        let rest = orders(&others);
        rest.into_iter().map(|rest| [vec![*first], rest].concat())
    });
    each.collect()
}

/// How often an object stands in the tables of both programs, under a derivation or under none.
fn held(system: &System, fits: impl Fn(Object, u16) -> bool) -> [usize; 2] {
    [0, 1].map(|process| {
        let table = &system.processes.at(process).table;
        table
            .each()
            .filter(|(_, held)| fits(held.object, held.node))
            .count()
    })
}

fn carry(machine: &mut Double, process: u16, cap: u32, flags: u32, sqe: Sqe) -> Sqe {
    let list = TransferDescriptor {
        cap,
        flags,
        reserved: 0,
    };
    machine.put(process, LIST, &list.to_bytes());
    Sqe {
        xfer_addr: LIST,
        xfer_count: 1,
        ..sqe
    }
}

#[test]
fn every_order_of_revocation_call_and_transfer() {
    let mut answered = 0;
    for (order, flags) in orders(&STEPS)
        .into_iter()
        .flat_map(|order| [(order.clone(), 0), (order, 1)])
    {
        let (mut system, mut machine) = booted();
        let (owner, client) = endpoint(&mut system, &mut machine, 0);
        let own = [("own", owner, true), ("c", CONSOLE, false)];
        spawn(&mut system, &mut machine, "program", &own);
        let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
        let original = machine.record(0, &made, 0);
        let (facet, facet_revoker) = derive(&mut system, &mut machine, client);
        let (gift, gift_revoker) = derive(&mut system, &mut machine, original);
        let table = &system.processes.at(0).table;
        let gift_node = table.get(capos_abi::CapId(gift)).unwrap().node;
        let consoles = held(&system, |object, _| matches!(object, Object::Console(_)));

        let (mut call_id, mut outcome, mut delivered, mut returned) = (1 << 12, None, false, None);
        for step in &order {
            match step {
                Step::Call => {
                    let sqe = carry(&mut machine, 0, gift, flags, request(facet, CALL_DATA));
                    machine.offer(0, sqe);
                }
                Step::Receive => machine.offer(1, receive(granted(0))),
                Step::Return => {
                    let answer = Sqe {
                        opcode: op::RETURN,
                        pipeline_dep: call_id,
                        user_data: 2,
                        ..Sqe::default()
                    };
                    let answer = carry(&mut machine, 1, granted(1), 1, answer);
                    machine.offer(1, answer);
                }
                Step::RevokeFacet | Step::RevokeGift => {
                    let which = if *step == Step::RevokeFacet {
                        facet_revoker
                    } else {
                        gift_revoker
                    };
                    let sqe = call(&mut machine, 0, which, 0, &message(&[], &[]));
                    machine.offer(0, sqe);
                }
            }
            let thread = u16::from(matches!(step, Step::Receive | Step::Return));
            machine.enter(&mut system, thread, 0);
            while let Some(done) = machine.take(0) {
                if done.user_data == CALL_DATA {
                    assert_eq!(outcome.replace(done.result), None, "{order:?}: twice");
                }
            }
            while let Some(done) = machine.take(1) {
                if done.user_data == 2 {
                    returned = Some(done.result);
                } else if done.result >= 0 {
                    let header = machine.get(1, OUT, 64).try_into().unwrap();
                    (call_id, delivered) = (RecvHeader::from_bytes(&header).call_id, true);
                }
            }
            audit(&system, &machine);
        }

        // The caller has heard once: an answer, or which of the two was taken back.
        let is_answered = outcome.is_some_and(|result| result >= 0);
        answered += u32::from(is_answered);
        assert!(
            is_answered || outcome == Some(code(CapError::Revoked)),
            "{order:?}: {outcome:?}"
        );
        assert_eq!(
            is_answered,
            returned.is_some_and(|result| result >= 0),
            "{order:?}: {returned:?}"
        );
        if !is_answered {
            assert_eq!(returned, Some(code(CapError::StaleCall)), "{order:?}");
        }
        // The gift is where it was, or where it went, and nowhere works.
        let gifts = held(&system, |_, node| node == gift_node);
        let expected = match (delivered, flags) {
            (false, _) => [1, 0],
            (true, 0) => [1, 1],
            (true, _) => [0, 1],
        };
        assert_eq!(gifts, expected, "{order:?}");
        assert!(system.revocation.is_revoked(gift_node), "{order:?}");
        // What the server's answer carried went with it, or stayed.
        let moved = usize::from(is_answered);
        let now = held(&system, |object, _| matches!(object, Object::Console(_)));
        assert_eq!(now, [consoles[0] + moved, consoles[1] - moved], "{order:?}");
    }
    // Call, RECV and RETURN in this order before the facet goes, the gift's revocation after the delivery.
    assert!(answered >= 2, "{answered}");
}
