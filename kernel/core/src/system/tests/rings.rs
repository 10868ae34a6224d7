//! Rings: taking entries, reserving completions, waiting.

use capos_abi::CapError;
use capos_abi::ring::{Sqe, flag, op};

use super::{booted, code, endpoint};
use crate::system::Entered;

#[test]
fn entries_complete_in_order_with_their_data() {
    let (mut system, mut machine) = booted();
    for user_data in 0..16 {
        machine.offer(
            0,
            Sqe {
                user_data,
                ..Sqe::default()
            },
        );
    }
    assert_eq!(machine.enter(&mut system, 0, 16), Entered::Return(16));
    for user_data in 0..16 {
        let done = machine.take(0).unwrap();
        assert_eq!((done.user_data, done.result), (user_data, 0));
    }
}

#[test]
fn success_can_be_silent_but_errors_never_are() {
    let (mut system, mut machine) = booted();
    let flags = flag::NO_CQE_ON_SUCCESS;
    machine.offer(
        0,
        Sqe {
            flags,
            ..Sqe::default()
        },
    );
    machine.offer(
        0,
        Sqe {
            flags,
            opcode: op::RELEASE,
            cap: 99,
            ..Sqe::default()
        },
    );
    assert_eq!(machine.enter(&mut system, 0, 1), Entered::Return(1));
    assert_eq!(machine.take(0).unwrap().result, code(CapError::BadCap));
}

#[test]
fn corrupted_indices_consume_nothing() {
    let (mut system, mut machine) = booted();
    for (sq_tail, cq_head) in [(17, 0), (u32::MAX, 0), (0, 1), (0, u32::MAX - 40)] {
        machine.set_indices(0, sq_tail, cq_head);
        let entered = machine.enter(&mut system, 0, 0);
        assert_eq!(entered, Entered::Return(code(CapError::Ring).into()));
    }
    machine.set_indices(0, 0, 0);
    assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(0));
    assert_eq!(
        machine.enter(&mut system, 0, 33),
        Entered::Return(code(CapError::InvalidEntry).into())
    );
}

#[test]
fn an_entry_is_taken_only_with_a_slot_for_its_completion() {
    let (mut system, mut machine) = booted();
    let (_, client) = endpoint(&mut system, &mut machine, 0);
    // 8 calls wait in the endpoint, 24 more are refused; then no slot is left.
    for completed in [8, 24] {
        for _ in 0..16 {
            machine.offer(
                0,
                Sqe {
                    opcode: op::CALL,
                    cap: client,
                    ..Sqe::default()
                },
            );
        }
        assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(completed));
    }
    machine.offer(
        0,
        Sqe {
            user_data: 5,
            ..Sqe::default()
        },
    );
    assert_eq!(machine.enter(&mut system, 0, 0), Entered::Return(24));
    for _ in 0..24 {
        assert_eq!(machine.take(0).unwrap().result, code(CapError::Quota));
    }
    assert_eq!(machine.enter(&mut system, 0, 1), Entered::Return(1));
    assert_eq!(machine.take(0).unwrap().user_data, 5);
}

#[test]
fn waits_end_by_time() {
    let (mut system, mut machine) = booted();
    machine.woken.clear();
    assert_eq!(
        machine.enter_until(&mut system, 0, 1, Some(100)),
        Entered::Short(0)
    );
    assert_eq!(system.next_deadline(), Some(100));
    system.expire(&mut machine, 99);
    assert!(machine.woken.is_empty());
    system.expire(&mut machine, 100);
    assert_eq!(machine.woken, [(0, code(CapError::Timeout).into())]);
    assert_eq!(system.next_deadline(), None);
}
