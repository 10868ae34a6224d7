//! Revocation, cancellation, notifications and memory, each rule by itself.
//!
//! Longer than most: one short test for each refusal, side by side, so that a missing one is seen.

use capos_abi::CapError;
use capos_abi::generated::console;
use capos_abi::message::{RecvHeader, TransferDescriptor};
use capos_abi::ring::{Cqe, Sqe, op};
use capos_abi::wire::MessageWriter;

use super::audit::audit;
use super::double::{Double, FRAMES, LIST, OUT};
use super::{
    CAPABILITIES, CONSOLE, FRAMES as ALLOCATOR, MEMORY, NOTIFICATIONS, booted, call, code,
    endpoint, granted, line, one, spawn, wait,
};
use crate::ledger::{Class, QUEUED_CALL_QUOTA};
use crate::system::{Entered, System};

/// A message whose root has so many words and pointers.
pub(super) fn message(words: &[u64], pointers: &[u64]) -> Vec<u8> {
    let root = (words.len() as u64) << 32 | (pointers.len() as u64) << 48;
    let all = core::iter::once(&root).chain(words).chain(pointers);
    all.flat_map(|word| word.to_le_bytes()).collect()
}

/// Calls a method of init's with numbers.
pub(super) fn ask(
    system: &mut System,
    machine: &mut Double,
    cap: u32,
    method: u16,
    words: &[u64],
) -> Cqe {
    let sqe = call(machine, 0, cap, method, &message(words, &[]));
    one(system, machine, 0, sqe)
}

/// The first word of init's results.
pub(super) fn word(machine: &Double) -> u64 {
    u64::from_le_bytes(machine.get(0, OUT + 8, 8).try_into().unwrap())
}

/// Derives from a capability of init's: the derived one and its revoker.
pub(super) fn derive(system: &mut System, machine: &mut Double, cap: u32) -> (u32, u32) {
    let mut sqe = call(machine, 0, CAPABILITIES, 1, &message(&[], &[3]));
    let copy = TransferDescriptor {
        cap,
        ..TransferDescriptor::default()
    };
    machine.put(0, LIST, &copy.to_bytes());
    (sqe.xfer_addr, sqe.xfer_count) = (LIST, 1);
    let done = one(system, machine, 0, sqe);
    assert_eq!(done.cap_count, 2, "{done:?}");
    (machine.record(0, &done, 0), machine.record(0, &done, 1))
}

pub(super) fn request(cap: u32, user_data: u64) -> Sqe {
    Sqe {
        opcode: op::CALL,
        cap,
        user_data,
        addr: 0x1000,
        len: 8,
        result_addr: OUT,
        result_len: 64,
        ..Sqe::default()
    }
}

pub(super) fn receive(cap: u32) -> Sqe {
    Sqe {
        opcode: op::RECV,
        cap,
        result_addr: OUT,
        result_len: 4096,
        user_data: 99,
        ..Sqe::default()
    }
}

#[test]
fn revoking_ends_calls_in_the_queue_and_in_flight() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, true), ("c", CONSOLE, false)],
    );
    let (derived, revoker) = derive(&mut system, &mut machine, client);
    machine.offer(1, receive(granted(0)));
    assert_eq!(machine.enter(&mut system, 1, 1), Entered::Short(0));
    for (cap, data) in [(derived, 1), (derived, 2), (client, 3)] {
        machine.offer(0, request(cap, data));
    }
    assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(0));
    assert_eq!(machine.take(1).unwrap().result, 8);
    let header = RecvHeader::from_bytes(&machine.get(1, OUT, 64).try_into().unwrap());
    let revoke = call(&mut machine, 0, revoker, 0, &message(&[], &[]));
    machine.offer(0, revoke);
    machine.enter(&mut system, 0, 0);
    let done: Vec<Cqe> = core::iter::from_fn(|| machine.take(0)).collect();
    let results: Vec<_> = done
        .iter()
        .map(|done| (done.user_data, done.result))
        .collect();
    let revoked = code(CapError::Revoked);
    assert_eq!(results, [(1, revoked), (2, revoked), (0, 16)]);
    assert_eq!(word(&machine), 1);
    audit(&system, &machine);

    // The server's answer comes too late, and what it would have moved is still there.
    let moved = TransferDescriptor {
        cap: granted(1),
        flags: 1,
        reserved: 0,
    };
    machine.put(1, LIST, &moved.to_bytes());
    let answer = Sqe {
        opcode: op::RETURN,
        pipeline_dep: header.call_id,
        xfer_addr: LIST,
        xfer_count: 1,
        ..Sqe::default()
    };
    assert_eq!(
        one(&mut system, &mut machine, 1, answer).result,
        code(CapError::StaleCall)
    );
    let line = line(&mut machine, 1, granted(1), b"still here");
    assert_eq!(one(&mut system, &mut machine, 1, line).result, 8);
    // The call through the original is served.
    assert_eq!(
        one(&mut system, &mut machine, 1, receive(granted(0))).result,
        8
    );
    audit(&system, &machine);
}

#[test]
fn revoking_ends_what_waits_to_receive_for_an_end_and_for_a_signal() {
    let (mut system, mut machine) = booted();
    let (owner, _client) = endpoint(&mut system, &mut machine, 0);
    let handle = spawn(&mut system, &mut machine, "program", &[]);
    let handle = machine.record(0, &handle, 0);
    let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
    let notification = machine.record(0, &made, 0);
    for (cap, entry) in [(owner, 0), (handle, 1), (notification, 2)] {
        let (derived, revoker) = derive(&mut system, &mut machine, cap);
        let sqe = match entry {
            0 => receive(derived),
            1 => wait(&mut machine, derived),
            _ => call(&mut machine, 0, derived, 1, &message(&[1], &[])),
        };
        machine.offer(
            0,
            Sqe {
                user_data: 7,
                ..sqe
            },
        );
        assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(0));
        let revoke = call(&mut machine, 0, revoker, 0, &message(&[], &[]));
        machine.offer(0, revoke);
        assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(2));
        let ended = machine.take(0).unwrap();
        assert_eq!(
            (ended.user_data, ended.result),
            (7, code(CapError::Revoked))
        );
        assert_eq!(machine.take(0).unwrap().result, 16);
        audit(&system, &machine);
    }
}

#[test]
fn what_a_revoked_object_gave_out_is_revoked_too() {
    let (mut system, mut machine) = booted();
    let (derived, revoker) = derive(&mut system, &mut machine, CONSOLE);
    let mut buffer = [0; 64];
    let mut params = MessageWriter::new(&mut buffer);
    let mut root = console::derive::ParamsWriter::root(&mut params).unwrap();
    root.set_label("a").unwrap();
    let sqe = call(&mut machine, 0, derived, 1, params.finish());
    let made = one(&mut system, &mut machine, 0, sqe);
    assert_eq!(made.cap_count, 1, "{made:?}");
    let below = machine.record(0, &made, 0);
    let says = line(&mut machine, 0, below, b"x");
    assert_eq!(one(&mut system, &mut machine, 0, says).result, 8);
    ask(&mut system, &mut machine, revoker, 0, &[]);
    let says = line(&mut machine, 0, below, b"x");
    assert_eq!(
        one(&mut system, &mut machine, 0, says).result,
        code(CapError::Revoked)
    );
    for cap in [below, derived, revoker] {
        let release = Sqe {
            opcode: op::RELEASE,
            cap,
            ..Sqe::default()
        };
        assert_eq!(one(&mut system, &mut machine, 0, release).result, 0);
    }
    assert_eq!(system.revocation.used(), 0);
    audit(&system, &machine);
}

#[test]
fn what_waits_is_charged_and_cancelled_and_given_back() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    for data in 0..=u64::from(QUEUED_CALL_QUOTA) {
        machine.offer(0, request(client, data + 10));
    }
    machine.enter(&mut system, 0, 0);
    let over = machine.take(0).unwrap();
    assert_eq!((over.user_data, over.result), (18, code(CapError::Quota)));
    let used = |system: &System| {
        let ledger = &system.processes.at(0).ledger;
        (
            ledger.used(Class::QueuedCalls),
            ledger.used(Class::QueueBytes),
        )
    };
    assert_eq!(used(&system), (8, 64));
    let cancel = |addr| Sqe {
        opcode: op::CANCEL,
        addr,
        ..Sqe::default()
    };
    machine.offer(0, cancel(12));
    machine.enter(&mut system, 0, 0);
    let ended = machine.take(0).unwrap();
    assert_eq!(
        (ended.user_data, ended.result),
        (12, code(CapError::Cancelled))
    );
    assert_eq!(machine.take(0).unwrap().result, 1);
    assert_eq!(
        one(&mut system, &mut machine, 0, cancel(12)).result,
        code(CapError::StaleCall)
    );
    assert_eq!(used(&system), (7, 56));
    assert_eq!(
        one(&mut system, &mut machine, 0, receive(owner)).user_data,
        99
    );
    assert_eq!(used(&system), (6, 48), "a delivered call waits in no queue");
    audit(&system, &machine);
}

#[test]
fn nobody_cancels_what_another_waits_for() {
    let (mut system, mut machine) = booted();
    let (owner, client) = endpoint(&mut system, &mut machine, 0);
    spawn(
        &mut system,
        &mut machine,
        "program",
        &[("own", owner, true)],
    );
    machine.offer(0, request(client, 5));
    machine.enter(&mut system, 0, 0);
    let cancel = Sqe {
        opcode: op::CANCEL,
        addr: 5,
        ..Sqe::default()
    };
    assert_eq!(
        one(&mut system, &mut machine, 1, cancel).result,
        code(CapError::StaleCall)
    );
    assert!(machine.take(0).is_none());
}

#[test]
fn bits_go_to_those_who_wait_in_their_order() {
    let (mut system, mut machine) = booted();
    let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
    let (notification, signaller) = (machine.record(0, &made, 0), machine.record(0, &made, 1));
    for (data, mask) in [(1, 0b01_u64), (2, 0b11), (3, 0b100)] {
        let sqe = call(&mut machine, 0, notification, 1, &message(&[mask], &[]));
        // Parameters are read when the entry is taken.
        machine.offer(
            0,
            Sqe {
                user_data: data,
                ..sqe
            },
        );
        machine.enter(&mut system, 0, 0);
    }
    let signal = call(&mut machine, 0, signaller, 0, &message(&[0b1011], &[]));
    machine.offer(
        0,
        Sqe {
            user_data: 4,
            ..signal
        },
    );
    machine.enter(&mut system, 0, 0);
    let order: Vec<u64> = core::iter::from_fn(|| machine.take(0))
        .map(|done| done.user_data)
        .collect();
    assert_eq!(order, [1, 2, 4]);
    ask(&mut system, &mut machine, notification, 2, &[!0]);
    assert_eq!(word(&machine), 0b1000, "what nobody took stays");
    audit(&system, &machine);
}

#[test]
fn memory_stays_while_it_is_mapped_and_goes_when_it_is_taken_back() {
    let (mut system, mut machine) = booted();
    let made = ask(&mut system, &mut machine, ALLOCATOR, 0, &[3]);
    let memory = machine.record(0, &made, 0);
    let (derived, revoker) = derive(&mut system, &mut machine, memory);
    assert_eq!(ask(&mut system, &mut machine, derived, 1, &[1]).result, 16);
    let address = word(&machine);
    machine.put(0, address + 8192, b"shared");
    for cap in [memory, derived] {
        let release = Sqe {
            opcode: op::RELEASE,
            cap,
            ..Sqe::default()
        };
        one(&mut system, &mut machine, 0, release);
    }
    audit(&system, &machine);
    assert_eq!(machine.get(0, address + 8192, 6), b"shared");
    assert_eq!(ask(&mut system, &mut machine, revoker, 0, &[]).result, 16);
    assert_eq!((machine.free, machine.pages_of(0)), (FRAMES, None));
    audit(&system, &machine);
}

#[test]
fn a_quota_or_a_machine_without_memory_refuses_and_takes_nothing() {
    let (mut system, mut machine) = booted();
    let quota = code(CapError::Quota);
    assert_eq!(
        ask(&mut system, &mut machine, ALLOCATOR, 0, &[65]).result,
        quota
    );
    machine.free = 2;
    assert_eq!(
        ask(&mut system, &mut machine, ALLOCATOR, 0, &[3]).result,
        quota
    );
    machine.free = FRAMES;
    let part = ask(&mut system, &mut machine, ALLOCATOR, 1, &[60]);
    let part = machine.record(0, &part, 0);
    assert_eq!(
        ask(&mut system, &mut machine, ALLOCATOR, 0, &[5]).result,
        quota
    );
    let object = ask(&mut system, &mut machine, part, 0, &[60]);
    let object = machine.record(0, &object, 0);
    for (cap, left) in [(part, 4), (object, 64)] {
        let release = Sqe {
            opcode: op::RELEASE,
            cap,
            ..Sqe::default()
        };
        one(&mut system, &mut machine, 0, release);
        let done = ask(&mut system, &mut machine, ALLOCATOR, 2, &[]);
        let (limit, used) = (word(&machine) as u32, (word(&machine) >> 32) as u32);
        assert_eq!((done.result, limit - used), (16, left));
        audit(&system, &machine);
    }
}

#[test]
fn own_memory_lies_in_reserved_ranges_only() {
    let (mut system, mut machine) = booted();
    assert_eq!(ask(&mut system, &mut machine, MEMORY, 0, &[4]).result, 16);
    let range = word(&machine);
    let exception = code(CapError::ApplicationException);
    let commit = |address: u64, pages: u64| [address, pages];
    for bad in [
        commit(range, 5),
        commit(range + 0x1000, 4),
        commit(range - 0x1000, 1),
        commit(range + 1, 1),
        commit(range, 0),
        commit(0x1000, 1),
    ] {
        assert_eq!(
            ask(&mut system, &mut machine, MEMORY, 1, &bad).result,
            exception,
            "{bad:x?}"
        );
    }
    assert_eq!(
        ask(&mut system, &mut machine, MEMORY, 1, &commit(range, 4)).result,
        8
    );
    assert_eq!(machine.free, FRAMES - 4);
    assert_eq!(
        ask(&mut system, &mut machine, MEMORY, 4, &[range]).result,
        8
    );
    assert_eq!(machine.free, FRAMES);
    audit(&system, &machine);
}

#[test]
fn a_buffer_that_has_gone_ends_its_own_entry_and_loses_no_bits() {
    let (mut system, mut machine) = booted();
    let made = ask(&mut system, &mut machine, NOTIFICATIONS, 0, &[]);
    let (notification, signaller) = (machine.record(0, &made, 0), machine.record(0, &made, 1));
    ask(&mut system, &mut machine, MEMORY, 0, &[1]);
    let range = word(&machine);
    ask(&mut system, &mut machine, MEMORY, 1, &[range, 1]);
    let sqe = call(&mut machine, 0, notification, 1, &message(&[3], &[]));
    let waits = Sqe {
        user_data: 5,
        result_addr: range,
        result_len: 16,
        ..sqe
    };
    machine.offer(0, waits);
    machine.enter(&mut system, 0, 0);
    assert_eq!(
        ask(&mut system, &mut machine, MEMORY, 4, &[range]).result,
        8
    );
    let signal = call(&mut machine, 0, signaller, 0, &message(&[1], &[]));
    machine.offer(0, signal);
    machine.enter(&mut system, 0, 0);
    let ended = machine.take(0).unwrap();
    assert_eq!((ended.user_data, ended.result), (5, code(CapError::Buffer)));
    assert_eq!(
        machine.take(0).unwrap().result,
        8,
        "who signals is not to blame"
    );
    ask(&mut system, &mut machine, notification, 2, &[!0]);
    assert_eq!(word(&machine), 1);
}
