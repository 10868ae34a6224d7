//! Objects: what each refuses, and what happens when a side goes away.
//!
//! Longer than most: one short test for each refusal, side by side, so that a missing one is seen.

use capos_abi::CapError;
use capos_abi::generated::{ProcessEndFault, ProcessEndWhich, process_handle};
use capos_abi::message::RecvHeader;
use capos_abi::ring::{Sqe, op};

use super::double::{Double, MEMORY, OUT};
use super::{CONSOLE, SPAWNER, booted, code, endpoint, granted, line, one, spawn, wait};
use crate::system::{Entered, FaultKind, LoadError, System};

/// Init with an endpoint whose owner side was moved to a server (process and thread 1).
fn with_server() -> (Box<System>, Double, u32) {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    let done = spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, true)],
    );
    assert_eq!(done.cap_count, 1, "{done:?}");
    let stale = one(
        &mut system,
        &mut machine,
        0,
        Sqe {
            opcode: op::RELEASE,
            cap: owner,
            ..Sqe::default()
        },
    );
    assert_eq!(
        stale.result,
        code(CapError::BadCap),
        "what was moved is gone"
    );
    (system, machine, client)
}

fn receive(opcode: u8, call: u32) -> Sqe {
    let cap = granted(0);
    Sqe {
        opcode,
        cap,
        pipeline_dep: call,
        result_addr: OUT,
        result_len: 4096,
        ..Sqe::default()
    }
}

fn header(machine: &Double) -> RecvHeader {
    RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap())
}

fn request(client: u32) -> Sqe {
    Sqe {
        opcode: op::CALL,
        method: 3,
        cap: client,
        addr: 0x1000,
        len: 8,
        result_addr: OUT,
        result_len: 8,
        ..Sqe::default()
    }
}

#[test]
fn a_call_goes_there_and_back() {
    let (mut system, mut machine, client) = with_server();
    machine.offer(1, receive(op::RECV, 0));
    assert_eq!(machine.enter(&mut system, 1, 1), Entered::Short(0));
    machine.put(0, 0x1000, b"question");
    machine.offer(0, request(client));
    assert_eq!(machine.enter(&mut system, 0, 1), Entered::Short(0));
    assert!(machine.woken.contains(&(1, 1)));
    let found = header(&machine);
    assert_eq!(
        (found.method, found.payload_len, found.interface_id),
        (3, 8, 77)
    );
    assert_eq!(machine.get(1, OUT + 64, 8), b"question");
    assert_eq!(machine.take(1).unwrap().result, 8);

    machine.put(1, 0x1000, b"answered");
    let answer = Sqe {
        addr: 0x1000,
        len: 8,
        ..receive(op::RETURN_RECV, found.call_id)
    };
    machine.offer(1, answer);
    machine.offer(
        1,
        Sqe {
            opcode: op::RETURN,
            pipeline_dep: found.call_id,
            ..Sqe::default()
        },
    );
    assert_eq!(machine.enter(&mut system, 1, 1), Entered::Return(1));
    assert_eq!(
        machine.take(1).unwrap().result,
        code(CapError::StaleCall),
        "answered once"
    );
    let done = machine.take(0).unwrap();
    assert_eq!(
        (done.result, machine.get(0, OUT, 8)),
        (8, b"answered".to_vec())
    );
}

#[test]
fn when_the_server_goes_every_call_comes_back() {
    let (mut system, mut machine, client) = with_server();
    for _ in 0..3 {
        machine.offer(0, request(client));
    }
    assert_eq!(machine.enter(&mut system, 0, 3), Entered::Short(0));
    machine.offer(1, receive(op::RECV, 0));
    assert_eq!(machine.enter(&mut system, 1, 1), Entered::Return(1));
    system.fault(&mut machine, 1, FaultKind::Page);
    for _ in 0..3 {
        assert_eq!(
            machine.take(0).unwrap().result,
            code(CapError::Disconnected)
        );
    }
    assert!(machine.woken.contains(&(0, 3)));
    let done = one(&mut system, &mut machine, 0, request(client));
    assert_eq!(done.result, code(CapError::Disconnected));
}

#[test]
fn when_the_last_client_goes_the_server_hears_of_it() {
    let (mut system, mut machine, client) = with_server();
    machine.offer(1, receive(op::RECV, 0));
    assert_eq!(machine.enter(&mut system, 1, 1), Entered::Short(0));
    let release = Sqe {
        opcode: op::RELEASE,
        cap: client,
        ..Sqe::default()
    };
    assert_eq!(one(&mut system, &mut machine, 0, release).result, 0);
    assert_eq!(
        machine.take(1).unwrap().result,
        code(CapError::Disconnected)
    );
    assert_eq!(
        one(&mut system, &mut machine, 1, receive(op::RECV, 0)).result,
        code(CapError::Disconnected)
    );
}

#[test]
fn releasing_a_facet_cancels_what_waits_through_it() {
    let (mut system, mut machine, client) = with_server();
    machine.offer(0, request(client));
    machine.offer(
        0,
        Sqe {
            opcode: op::RELEASE,
            cap: client,
            user_data: 9,
            ..Sqe::default()
        },
    );
    assert_eq!(machine.enter(&mut system, 0, 2), Entered::Return(2));
    assert_eq!(machine.take(0).unwrap().result, code(CapError::Cancelled));
    assert_eq!(machine.take(0).unwrap().user_data, 9);
}

#[test]
fn bad_buffers_hurt_only_their_owner() {
    let (mut system, mut machine, client) = with_server();
    machine.offer(
        0,
        Sqe {
            addr: MEMORY as u64 - 4,
            ..request(client)
        },
    );
    machine.offer(
        0,
        Sqe {
            result_addr: MEMORY as u64,
            ..request(client)
        },
    );
    assert_eq!(machine.enter(&mut system, 0, 2), Entered::Short(0));
    let short = Sqe {
        result_len: 71,
        ..receive(op::RECV, 0)
    };
    machine.offer(1, short);
    machine.offer(1, receive(op::RECV, 0));
    assert_eq!(machine.enter(&mut system, 1, 2), Entered::Return(2));
    assert_eq!(
        machine.take(0).unwrap().result,
        code(CapError::Buffer),
        "unmapped parameters"
    );
    assert_eq!(
        machine.take(1).unwrap().result,
        code(CapError::Buffer),
        "a short RECV"
    );
    assert_eq!(machine.take(1).unwrap().result, 8);
    let answer = Sqe {
        opcode: op::RETURN,
        pipeline_dep: header(&machine).call_id,
        len: 8,
        ..Sqe::default()
    };
    assert_eq!(
        one(&mut system, &mut machine, 1, answer).result,
        0,
        "the server did its part"
    );
    assert_eq!(
        machine.take(0).unwrap().result,
        code(CapError::Buffer),
        "unmapped results"
    );
}

#[test]
fn an_operation_is_for_its_kind_of_object() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    let cases = [
        (op::RECV, client, 0, CapError::WrongInterface),
        (op::RECV, CONSOLE, 0, CapError::WrongInterface),
        (op::CALL, owner, 0, CapError::WrongInterface),
        (op::CALL, CONSOLE, 2, CapError::BadMethod),
        (op::CALL, SPAWNER, 1, CapError::BadMethod),
        (op::CALL, CONSOLE, 0, CapError::Message),
        (op::CALL, CONSOLE + 1, 0, CapError::Message),
        (op::CALL, CONSOLE + (1 << 12), 0, CapError::BadCap),
        (op::CALL, 0, 0, CapError::BadCap),
    ];
    for (opcode, cap, method, error) in cases {
        let done = one(
            &mut system,
            &mut machine,
            0,
            Sqe {
                opcode,
                cap,
                method,
                ..Sqe::default()
            },
        );
        assert_eq!(done.result, code(error), "{opcode} {cap:#x} {method}");
    }
}

#[test]
fn lines_carry_the_label_of_the_capability() {
    let (mut system, mut machine) = booted();
    let sqe = line(&mut machine, 0, CONSOLE, b"hello");
    assert_eq!(one(&mut system, &mut machine, 0, sqe).result, 8);
    assert_eq!(machine.lines, [(b"init".to_vec(), b"hello".to_vec())]);
    let sqe = line(&mut machine, 0, CONSOLE, &[b'x'; 513]);
    assert_eq!(
        one(&mut system, &mut machine, 0, sqe).result,
        code(CapError::ApplicationException)
    );
}

#[test]
fn a_handle_tells_how_it_ended() {
    for early in [false, true] {
        let (mut system, mut machine) = booted();
        let done = spawn(
            &mut system,
            &mut machine,
            "program",
            &[("console", CONSOLE, false)],
        );
        let handle = machine.record(0, &done, 0);
        let sqe = wait(&mut machine, handle);
        if early {
            system.exit(&mut machine, 1, -3);
        }
        machine.offer(0, sqe);
        let entered = machine.enter(&mut system, 0, 1);
        if !early {
            assert_eq!(entered, Entered::Short(0));
            let second = wait(&mut machine, handle);
            assert_eq!(
                one(&mut system, &mut machine, 0, second).result,
                code(CapError::Busy)
            );
            system.fault(&mut machine, 1, FaultKind::Divide);
        }
        let done = machine.take(0).unwrap();
        let bytes = machine.get(0, OUT, done.payload_len as usize);
        let end = process_handle::wait::ResultsReader::read(&bytes)
            .unwrap()
            .end()
            .unwrap()
            .which()
            .unwrap();
        match end {
            ProcessEndWhich::Exited(status) => assert_eq!((early, status), (true, -3)),
            ProcessEndWhich::Faulted(kind) => {
                assert_eq!((early, kind), (false, ProcessEndFault::Divide))
            }
        }
    }
}

#[test]
fn a_refused_spawn_changes_nothing() {
    let (mut system, mut machine) = booted();
    let exception = code(CapError::ApplicationException);
    type Grants = &'static [(&'static str, u32, bool)];
    let cases: [(&str, Grants, i32); 6] = [
        ("nothing", &[], exception),
        ("program", &[("", CONSOLE, false)], exception),
        ("program", &[("Name", CONSOLE, false)], exception),
        (
            "program",
            &[("a", CONSOLE, false), ("a", SPAWNER, false)],
            exception,
        ),
        (
            "program",
            &[("a", CONSOLE, true), ("b", CONSOLE, false)],
            code(CapError::Transfer),
        ),
        ("program", &[("a", 77, false)], code(CapError::Transfer)),
    ];
    for (name, grants, expected) in cases {
        let done = spawn(&mut system, &mut machine, name, grants);
        assert_eq!(
            (done.result, done.cap_count),
            (expected, 0),
            "{name} {grants:?}"
        );
    }
    for error in [LoadError::Elf, LoadError::Memory] {
        machine.refuse_load = Some(error);
        let done = spawn(
            &mut system,
            &mut machine,
            "program",
            &[("console", CONSOLE, true)],
        );
        assert_eq!(done.result, exception);
    }
    machine.refuse_load = None;
    let sqe = line(&mut machine, 0, CONSOLE, b"still mine");
    assert_eq!(one(&mut system, &mut machine, 0, sqe).result, 8);
    assert_eq!((system.live_processes, machine.is_loaded(1)), (1, false));
}

#[test]
fn quotas_are_given_back() {
    let (mut system, mut machine) = booted();
    for _ in 0..100 {
        let (owner, client) = endpoint(&mut system, &mut machine, 0);
        for cap in [owner, client] {
            let release = Sqe {
                opcode: op::RELEASE,
                cap,
                ..Sqe::default()
            };
            assert_eq!(one(&mut system, &mut machine, 0, release).result, 0);
        }
        let done = spawn(&mut system, &mut machine, "program", &[]);
        let handle = machine.record(0, &done, 0);
        let release = Sqe {
            opcode: op::RELEASE,
            cap: handle,
            ..Sqe::default()
        };
        assert_eq!(one(&mut system, &mut machine, 0, release).result, 0);
        system.exit(&mut machine, 1, 0);
    }
    assert_eq!(system.processes.at(0).ledger, Default::default());
    system.exit(&mut machine, 0, 7);
    assert_eq!(system.finished(), Some(7));
}

/// An entry must not outlive the hold of its process on what it waits through: it would complete in whatever
/// process comes to live in the same place.
#[test]
fn what_is_waited_through_is_not_moved() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    let refused = code(CapError::Transfer);

    // A handle, while its process is waited for.
    let child = spawn(&mut system, &mut machine, "program", &[]);
    let handle = machine.record(0, &child, 0);
    let waiting = wait(&mut machine, handle);
    machine.offer(0, waiting);
    machine.enter(&mut system, 0, 0);
    let moved = spawn(&mut system, &mut machine, "program", &[("h", handle, true)]);
    assert_eq!(moved.result, refused, "a handle");

    // An owner side, while a RECV waits through it; a copy is no move.
    let receiving = Sqe {
        opcode: op::RECV,
        cap: owner,
        result_addr: OUT,
        result_len: 4096,
        ..Sqe::default()
    };
    machine.offer(0, receiving);
    machine.enter(&mut system, 0, 0);
    let moved = spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, true)],
    );
    assert_eq!(moved.result, refused, "an owner side");
    let copied = spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, false)],
    );
    assert_eq!(copied.cap_count, 1, "{copied:?}");

    // A client facet that nothing waits through.
    let moved = spawn(&mut system, &mut machine, "program", &[("c", client, true)]);
    assert_eq!(moved.cap_count, 1, "{moved:?}");
}
