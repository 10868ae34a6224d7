//! Calls and their answers between two processes: what travels with them, and whose they are.

use capos_abi::CapError;
use capos_abi::message::{RecvHeader, TransferDescriptor};
use capos_abi::ring::{Sqe, op};

use super::audit::audit;
use super::authority::{ask, receive, request};
use super::double::{Double, LIST, OUT};
use super::{CONSOLE, NOTIFICATIONS, booted, code, endpoint, granted, line, one, spawn};
use crate::system::System;

/// Everything about one transfer, in a call and in its answer, copied and moved.
#[test]
fn transfers_count_on_both_sides() {
    for flags in [0_u32, 1] {
        let (mut system, mut machine) = booted();
        let (owner, client) = endpoint(&mut system, &mut machine, 0);
        spawn(
            &mut system,
            &mut machine,
            "program",
            &[("own", owner, true)],
        );
        let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
        let given = machine.record(0, &made, 0);
        let before = system.processes.at(0).table.len();
        let list = |cap| TransferDescriptor {
            cap,
            flags,
            reserved: 0,
        };
        machine.offer(1, receive(granted(0)));
        machine.enter(&mut system, 1, 0);
        machine.put(0, LIST, &list(given).to_bytes());
        let sqe = Sqe {
            xfer_addr: LIST,
            xfer_count: 1,
            ..request(client, 1)
        };
        machine.offer(0, sqe);
        machine.enter(&mut system, 0, 0);
        let received = machine.take(1).unwrap();
        assert_eq!((received.result, received.cap_count), (8, 1));
        let header = RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap());
        let theirs = u32::from_le_bytes(machine.get(1, OUT + 72, 4).try_into().unwrap());
        let ours = system.processes.at(0).table.len();
        assert_eq!(ours, before - flags as usize);
        audit(&system, &machine);

        machine.put(1, LIST, &list(theirs).to_bytes());
        let answer = Sqe {
            opcode: op::RETURN,
            pipeline_dep: header.call_id,
            addr: 0x1000,
            len: 8,
            xfer_addr: LIST,
            xfer_count: 1,
            ..Sqe::default()
        };
        assert_eq!(one(&mut system, &mut machine, 1, answer).result, 0);
        let done = machine.take(0).unwrap();
        assert_eq!((done.result, done.cap_count), (8, 1));
        let ours = system.processes.at(0).table.len();
        assert_eq!(ours, before + 1 - flags as usize);
        assert_eq!(system.processes.at(1).table.len(), 2 - flags as usize);
        audit(&system, &machine);
    }
}

#[test]
fn a_transfer_without_room_changes_nothing() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, true), ("c", CONSOLE, false)],
    );
    let moved = |cap| TransferDescriptor {
        cap,
        flags: 1,
        reserved: 0,
    };
    // The receiver's table is full.
    let fill = |system: &mut System, process| {
        while system.processes.at(process).table.room() > 0 {
            let held = crate::captable::Held::root(crate::object::Object::BootPackage);
            system.processes.at_mut(process).table.insert(held).unwrap();
        }
    };
    let empty = |system: &mut System, process| {
        let all: Vec<_> = system.processes.at(process).table.each().collect();
        for (id, held) in all {
            if held.object == crate::object::Object::BootPackage && id.slot() > 13 {
                system.processes.at_mut(process).table.remove(id);
            }
        }
    };
    let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
    let given = machine.record(0, &made, 0);
    fill(&mut system, 1);
    machine.offer(1, receive(granted(0)));
    machine.enter(&mut system, 1, 0);
    machine.put(0, LIST, &moved(given).to_bytes());
    let sqe = Sqe {
        xfer_addr: LIST,
        xfer_count: 1,
        ..request(client, 1)
    };
    assert_eq!(
        one(&mut system, &mut machine, 0, sqe).result,
        code(CapError::Quota)
    );
    assert_eq!(ask(&mut system, &mut machine, given, 2, &[0]).result, 16);
    audit(&system, &machine);
    empty(&mut system, 1);

    // The caller's table is full, then its buffer too small.
    for full in [true, false] {
        machine.offer(0, request(client, 2));
        machine.enter(&mut system, 0, 0);
        assert_eq!(machine.take(1).unwrap().result, 8);
        let header = RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap());
        if full {
            fill(&mut system, 0);
        }
        machine.put(1, LIST, &moved(granted(1)).to_bytes());
        let answer = Sqe {
            opcode: op::RETURN_RECV,
            cap: granted(0),
            result_addr: OUT,
            result_len: 4096,
            pipeline_dep: header.call_id,
            addr: 0x1000,
            len: if full { 8 } else { 56 },
            xfer_addr: LIST,
            xfer_count: 1,
            ..Sqe::default()
        };
        machine.offer(1, answer);
        machine.enter(&mut system, 1, 0);
        let wanted = if full {
            CapError::Quota
        } else {
            CapError::Buffer
        };
        assert_eq!(machine.take(0).unwrap().result, code(wanted));
        let line = line(&mut machine, 1, granted(1), b"still here");
        assert_eq!(one(&mut system, &mut machine, 1, line).result, 8);
        empty(&mut system, 0);
        audit(&system, &machine);
    }
}

/// Two servers, each with an endpoint of its own; the clients are init's.
fn two_servers() -> (Box<System>, Double, [u32; 2]) {
    let (mut system, mut machine) = booted();
    let clients = [0, 1].map(|_| {
        let (owner, client) = endpoint(&mut system, &mut machine, 0);
        spawn(
            &mut system,
            &mut machine,
            "program",
            &[("own", owner, true)],
        );
        client
    });
    (system, machine, clients)
}

fn answer(call_id: u32, len: u32) -> Sqe {
    Sqe {
        opcode: op::RETURN,
        pipeline_dep: call_id,
        addr: 0x1000,
        len,
        ..Sqe::default()
    }
}

#[test]
fn a_call_is_answered_by_whoever_received_it_and_once() {
    let (mut system, mut machine, [client, _]) = two_servers();
    let stale = code(CapError::StaleCall);
    let mut last = 0;
    for round in 0..3 {
        machine.offer(0, request(client, round));
        machine.enter(&mut system, 0, 0);
        let got = one(&mut system, &mut machine, 1, receive(granted(0)));
        assert_eq!(got.result, 8);
        let header = RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap());
        // Another server, and the id of the call that was at this place before.
        for (thread, id) in [(2, header.call_id), (1, last)] {
            let done = one(&mut system, &mut machine, thread, answer(id, 8));
            assert_eq!(done.result, stale, "{id:x}");
        }
        assert!(machine.take(0).is_none());
        last = header.call_id;
        let done = one(&mut system, &mut machine, 1, answer(last, 8));
        assert_eq!(done.result, 0);
        assert_eq!(machine.take(0).unwrap().result, 8);
    }
}

#[test]
fn an_answer_never_leaves_its_buffer() {
    let (mut system, mut machine, [client, _]) = two_servers();
    machine.put(0, OUT + 64, b"kept");
    for (len, wanted) in [(64, 64), (72, code(CapError::Buffer))] {
        machine.offer(0, request(client, 1));
        machine.enter(&mut system, 0, 0);
        one(&mut system, &mut machine, 1, receive(granted(0)));
        let header = RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap());
        let done = one(&mut system, &mut machine, 1, answer(header.call_id, len));
        assert_eq!(done.result, 0, "the server is not to blame");
        assert_eq!(machine.take(0).unwrap().result, wanted);
        assert_eq!(machine.get(0, OUT + 64, 4), b"kept");
    }
}

#[test]
fn bytes_that_wait_are_charged_over_all_endpoints() {
    let (mut system, mut machine, clients) = two_servers();
    let long = |client, data| Sqe {
        len: 40_000,
        ..request(client, data)
    };
    for (data, client) in (0..).zip(clients) {
        machine.offer(0, long(client, data));
    }
    machine.enter(&mut system, 0, 0);
    let refused = machine.take(0).unwrap();
    assert_eq!(
        (refused.user_data, refused.result),
        (1, code(CapError::Quota))
    );
    audit(&system, &machine);
    let got = one(
        &mut system,
        &mut machine,
        1,
        Sqe {
            result_len: 50_000,
            ..receive(granted(0))
        },
    );
    assert_eq!(got.result, 40_000);
    machine.offer(0, long(clients[1], 2));
    machine.enter(&mut system, 0, 0);
    assert!(machine.take(0).is_none(), "there is room again");
    audit(&system, &machine);
}
