//! The ring, the clients and the server loop against a kernel that the test plays.
//!
//! Longer than most: the double of the kernel and the cases that play against it are read together.

use super::{Batched, CallMemory, Ring, State, Token};
use crate::Cap;
use crate::client::{Interface, ProcessHandle};
use crate::error::Error;
use crate::page::Page;
use crate::server::{self, StoreServer};
use crate::system::Kernel;
use crate::testing::One;
use crate::transport::{Reply, SmallBuffer, Transport};
use capos_abi::generated::store::{INTERFACE_ID, commit};
use capos_abi::generated::{CapExceptionType, CapExceptionWriter};
use capos_abi::message::{CapRecord, RECV_HEADER_BYTES, RecvHeader, padded};
use capos_abi::ring::{Cqe, MAGIC, Sqe, VERSION, at, flag, op};
use capos_abi::wire::{MessageWriter, WireError};
use capos_abi::{CapError, CapId};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// What the played kernel does with an entry.
#[derive(Default)]
struct Done {
    result: i32,
    payload_len: u32,
    cap_count: u16,
    memory: Vec<u8>,
}

impl Done {
    fn failed(error: CapError) -> Done {
        Done {
            result: error.negated(),
            ..Done::default()
        }
    }

    fn message(payload: &[u8], caps: &[u32]) -> Done {
        let mut memory = payload.to_vec();
        memory.resize(padded(payload.len()), 0);
        for cap in caps {
            memory.extend(
                CapRecord {
                    cap: *cap,
                    interface_id: 7,
                }
                .to_bytes(),
            );
        }
        let payload_len = payload.len() as u32;
        Done {
            result: payload.len() as i32,
            payload_len,
            cap_count: caps.len() as u16,
            memory,
        }
    }
}

type Handler = Box<dyn FnMut(&Sqe) -> Done>;

struct Played {
    page: NonNull<u8>,
    head: Cell<u32>,
    tail: Cell<u32>,
    newest_first: bool,
    entered: Cell<u32>,
    handler: RefCell<Handler>,
}

impl Kernel for &'static Played {
    fn enter(&self, min_complete: u32, _timeout_ns: u64) -> i64 {
        self.entered.set(self.entered.get() + 1);
        let mut done = Vec::new();
        while self.head.get() != self.word(at::SQ_TAIL) {
            let place = at::SQ + (self.head.get() % 16) as usize * 64;
            // SAFETY: within the page, which the test keeps.
            let sqe = Sqe::from_bytes(&unsafe { self.page.add(place).cast::<[u8; 64]>().read() });
            self.head.set(self.head.get().wrapping_add(1));
            done.push((sqe.user_data, self.carry_out(&sqe)));
        }
        if self.newest_first {
            done.reverse();
        }
        for (user_data, done) in done {
            let (payload_len, cap_count) = (done.payload_len, done.cap_count);
            let cqe = Cqe {
                user_data,
                result: done.result,
                payload_len,
                cap_count,
                ..Cqe::default()
            };
            let place = at::CQ + (self.tail.get() % 32) as usize * 32;
            // SAFETY: as above.
            unsafe {
                self.page
                    .add(place)
                    .cast::<[u8; 32]>()
                    .write(cqe.to_bytes())
            };
            self.tail.set(self.tail.get().wrapping_add(1));
        }
        self.set_word(at::SQ_HEAD, self.head.get());
        self.set_word(at::CQ_TAIL, self.tail.get());
        let waiting = self.tail.get().wrapping_sub(self.word(at::CQ_HEAD));
        assert!(waiting >= min_complete, "this would wait for ever");
        i64::from(waiting)
    }

    fn exit(&self, status: i32) -> ! {
        panic!("exit {status}")
    }
}

impl Played {
    fn carry_out(&self, sqe: &Sqe) -> Done {
        let done = (self.handler.borrow_mut())(sqe);
        assert!(
            done.memory.len() <= sqe.result_len as usize,
            "result buffer too small"
        );
        let to = std::ptr::with_exposed_provenance_mut::<u8>(sqe.result_addr as usize);
        if !done.memory.is_empty() {
            // SAFETY: the ring's client lends this memory until the completion.
            unsafe { to.copy_from(done.memory.as_ptr(), done.memory.len()) };
        }
        done
    }

    fn word(&self, at: usize) -> u32 {
        // SAFETY: within the page and aligned.
        unsafe { self.page.add(at).cast::<u32>().read_volatile() }
    }

    fn set_word(&self, at: usize, value: u32) {
        // SAFETY: as above.
        unsafe { self.page.add(at).cast::<u32>().write_volatile(value) }
    }
}

type TestRing = Ring<&'static Played>;

fn ring(newest_first: bool, handler: impl FnMut(&Sqe) -> Done + 'static) -> TestRing {
    let page = NonNull::from(Box::leak(Box::new([0_u64; 512]))).cast::<u8>();
    let handler: RefCell<Handler> = RefCell::new(Box::new(handler));
    let (head, tail, entered) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let kernel = Box::leak(Box::new(Played {
        page,
        head,
        tail,
        newest_first,
        entered,
        handler,
    }));
    kernel.set_word(at::MAGIC, MAGIC);
    kernel.set_word(at::VERSION, u32::from(VERSION));
    // SAFETY: 4096 leaked bytes that only the ring and its played kernel use.
    let page = unsafe { Page::new(page) }.expect("a ring page");
    Ring(Box::leak(Box::new(State::new(page, &*kernel))))
}

fn nop(ring: TestRing) -> Result<Token, CapError> {
    // SAFETY: a NOP names no memory.
    unsafe {
        ring.submit(Sqe {
            opcode: op::NOP,
            ..Sqe::default()
        })
    }
}

fn exception(kind: CapExceptionType, reason: &str) -> Vec<u8> {
    let mut buffer = [0; 256];
    let mut message = MessageWriter::new(&mut buffer);
    let mut writer = CapExceptionWriter::root(&mut message).unwrap();
    writer.set_type(kind);
    writer.set_reason(reason).unwrap();
    message.finish().to_vec()
}

#[test]
fn completions_reach_whoever_waits_whatever_their_order() {
    for newest_first in [false, true] {
        let mut number = 0;
        let ring = ring(newest_first, move |_| {
            number += 1;
            Done {
                result: number,
                ..Done::default()
            }
        });
        // Round after round, so that both queues wrap.
        for round in 0..40 {
            let tokens: Vec<Token> = (0..5).map(|_| nop(ring).unwrap()).collect();
            for index in [3, 0, 4, 1, 2] {
                let expected = round * 5 + index + 1;
                assert_eq!(ring.wait(tokens[index as usize]).result, expected);
                assert_eq!(ring.take(tokens[index as usize]), None, "taken once");
            }
        }
    }
}

#[test]
fn a_full_submission_queue_is_handed_over_and_outstanding_entries_are_bounded() {
    let ring = ring(false, |_| Done::default());
    let tokens: Vec<Token> = (0..32).map(|_| nop(ring).unwrap()).collect();
    assert_eq!(
        ring.0.kernel.entered.get(),
        1,
        "once, when sixteen were waiting"
    );
    assert_eq!(nop(ring), Err(CapError::Busy));
    assert_eq!(ring.wait(tokens[31]).result, 0);
    let late = nop(ring).unwrap();
    assert_eq!(ring.wait(late).result, 0);
    assert!(tokens[..31].iter().all(|token| ring.take(*token).is_some()));
    assert_eq!(ring.full_ring_of_nops(), 16);
}

#[test]
fn a_call_that_is_not_waited_for_gets_its_own_answer() {
    let mut number = 0;
    let ring = ring(true, move |_| {
        number += 1;
        Done::message(&[number; 8], &[])
    });
    let [first, second] = [(); 2].map(|()| {
        let memory = Box::leak(Box::new(CallMemory::ZERO));
        ring.start(CapId(1), 0, &[0; 8], memory).expect("a call")
    });
    assert_eq!(second.wait().map(|reply| reply.payload[0]).ok(), Some(2));
    assert_eq!(first.wait().map(|reply| reply.payload[0]).ok(), Some(1));
    let memory = Box::leak(Box::new(CallMemory::ZERO));
    let refused = ring.start(CapId(1), 0, &[0; 513], memory).err();
    assert_eq!(refused, Some(Error::Message(WireError::Full)));
}

#[test]
fn a_page_of_another_version_is_no_ring() {
    let page = NonNull::from(Box::leak(Box::new([0_u64; 512]))).cast::<u8>();
    // SAFETY: 4096 leaked bytes.
    assert!(unsafe { Page::new(page) }.is_none());
}

#[test]
fn capabilities_that_nobody_takes_are_released() {
    let released = Box::leak(Box::new(RefCell::new(Vec::new())));
    let seen = &*released;
    let ring = ring(false, |sqe| {
        if sqe.opcode == op::RELEASE {
            seen.borrow_mut().push(sqe.cap);
            return Done::default();
        }
        Done::message(&[0; 8], &[11, 12, 13])
    });
    let cap = Cap::new(CapId(5), 7, ring);
    let mut results = SmallBuffer::ZERO;
    let mut reply = cap.call(0, &[0; 8], &[], &mut results.0).unwrap();
    let taken = reply.caps.take(1).unwrap();
    assert_eq!((taken.id(), taken.interface_id()), (CapId(12), 7));
    assert_eq!(
        reply.caps.take(1).err(),
        Some(Error::Capability),
        "taken once"
    );
    assert_eq!(reply.caps.take(3).err(), Some(Error::Capability));
    assert_eq!(reply.caps.take(40).err(), Some(Error::Capability));
    drop(reply);
    assert_eq!(*released.borrow(), [11, 13]);
    drop(taken);
    cap.into_id();
    assert_eq!(*released.borrow(), [11, 13, 12]);
}

#[test]
fn each_layer_of_errors_stays_one() {
    let mut answers = vec![
        Done::failed(CapError::BadCap),
        Done {
            result: -77,
            ..Done::default()
        },
        {
            let message = exception(CapExceptionType::Overloaded, "busy");
            Done {
                result: CapError::ApplicationException.negated(),
                ..Done::message(&message, &[])
            }
        },
        Done::message(&[0xff; 8], &[]),
    ];
    answers.reverse();
    let ring = ring(false, move |_| answers.pop().unwrap_or_default());
    let handle = ProcessHandle::from_cap(Cap::new(CapId(1), 0, ring));
    let next = || handle.wait().unwrap_err();
    assert_eq!(next(), Error::Transport(CapError::BadCap));
    assert_eq!(next(), Error::Code(-77));
    let Error::Exception(exception) = next() else {
        panic!()
    };
    assert_eq!(
        (exception.kind, exception.reason()),
        (CapExceptionType::Overloaded, "busy")
    );
    assert!(matches!(next(), Error::Message(_)));
}

/// A call as RECV delivers it.
fn incoming(call_id: u32, method: u16, payload: &[u8], caps: &[u32]) -> Done {
    let message = Done::message(payload, caps);
    let header = RecvHeader {
        call_id,
        method,
        payload_len: payload.len() as u32,
        cap_count: caps.len() as u16,
        interface_id: INTERFACE_ID,
    };
    let mut memory = header.to_bytes().to_vec();
    memory.extend(message.memory);
    Done {
        result: RECV_HEADER_BYTES as i32,
        memory,
        ..message
    }
}

#[test]
fn a_server_answers_each_call_once_and_ends_with_its_last_client() {
    let log = Box::leak(Box::new(RefCell::new(Vec::new())));
    let seen = &*log;
    let mut received = vec![
        // commit; an unknown method with a capability; a caller that vanishes; commit; the end.
        incoming(41, 4, &[0; 8], &[]),
        incoming(42, 99, &[0; 8], &[1234]),
        Done::failed(CapError::StaleCall),
        incoming(43, 4, &[0; 8], &[]),
        Done::failed(CapError::Disconnected),
    ];
    received.reverse();
    let ring = ring(false, move |sqe| match sqe.opcode {
        op::RELEASE => {
            seen.borrow_mut().push((op::RELEASE, sqe.cap, false));
            Done::default()
        }
        op::RECV | op::RETURN_RECV => {
            let is_exception = sqe.flags == flag::EXCEPTION;
            seen.borrow_mut()
                .push((sqe.opcode, sqe.pipeline_dep, is_exception));
            assert_eq!(sqe.len == 0, sqe.opcode == op::RECV);
            received.pop().unwrap()
        }
        other => panic!("opcode {other}"),
    });
    let endpoint = crate::client::Endpoint::from_cap(Cap::new(CapId(5), 0, ring));
    let memory = Box::leak(Box::new(server::Memory::ZERO));
    assert_eq!(
        server::serve(&endpoint, memory, &mut StoreServer(One([3; 32]))),
        Ok(())
    );
    endpoint.cap().transport().release(CapId(0));
    let expected = [
        (op::RECV, 0, false),
        (op::RETURN_RECV, 41, false),
        (op::RELEASE, 1234, false),
        (op::RETURN_RECV, 42, true),
        (op::RECV, 0, false),
        (op::RETURN_RECV, 43, false),
        (op::RELEASE, 0, false),
    ];
    assert_eq!(*log.borrow(), expected);
}

/// Gives away the capability that came with the call; method 1 then thinks better of it.
struct Giver;

impl<K: Kernel> server::Service<Ring<K>> for Giver {
    fn call(
        &mut self,
        mut call: super::Incoming<'_, Ring<K>>,
        message: &mut MessageWriter<'_>,
        given: &mut server::Given<Ring<K>>,
    ) -> Result<(), crate::Exception> {
        given.give(call.caps.take(0)?)?;
        commit::ResultsWriter::root(message)?;
        match call.method {
            0 => Ok(()),
            _ => Err(crate::Exception::new(CapExceptionType::Failed, "no")),
        }
    }
}

#[test]
fn an_answer_with_capabilities_is_an_entry_of_its_own_and_its_failure_an_exception() {
    let log = Box::leak(Box::new(RefCell::new(Vec::new())));
    let seen = &*log;
    let mut received = vec![(41, 0, 1001), (42, 0, 1002), (43, 0, 1003), (44, 1, 1004)];
    received.reverse();
    let mut returned = vec![
        Done::default(),
        Done::failed(CapError::Transfer),
        Done::failed(CapError::StaleCall),
    ];
    returned.reverse();
    let ring = ring(false, move |sqe| {
        let mut log = seen.borrow_mut();
        match sqe.opcode {
            op::RELEASE => log.push((op::RELEASE, sqe.cap, 0)),
            opcode => log.push((opcode, sqe.pipeline_dep, sqe.xfer_count)),
        }
        match sqe.opcode {
            op::RELEASE => Done::default(),
            op::RETURN => returned.pop().unwrap(),
            _ => received.pop().map_or(
                Done::failed(CapError::Disconnected),
                |(call, method, cap)| incoming(call, method, &[0; 8], &[cap]),
            ),
        }
    });
    let endpoint = crate::client::Endpoint::from_cap(Cap::new(CapId(5), 0, ring));
    let memory = Box::leak(Box::new(server::Memory::ZERO));
    assert_eq!(server::serve(&endpoint, memory, &mut Giver), Ok(()));
    let expected = [
        (op::RECV, 0, 0),
        // Passed on. What moved has gone, and to release it does nothing.
        (op::RETURN, 41, 1),
        (op::RELEASE, 1001, 0),
        (op::RECV, 0, 0),
        // Could not be passed on: the call is still open, and its caller is told.
        (op::RETURN, 42, 1),
        (op::RELEASE, 1002, 0),
        (op::RETURN_RECV, 42, 0),
        // The caller has gone.
        (op::RETURN, 43, 1),
        (op::RELEASE, 1003, 0),
        (op::RECV, 0, 0),
        // With an exception nothing is passed on.
        (op::RELEASE, 1004, 0),
        (op::RETURN_RECV, 44, 0),
    ];
    assert_eq!(log.borrow()[..expected.len()], expected);
}

/// A call is answered by eight times a number.
fn called(sqe: &Sqe, number: u8) -> Done {
    match sqe.opcode {
        op::CALL => Done::message(&[number; 8], &[]),
        _ => Done::default(),
    }
}

fn batched(results: &mut [u8; 16]) -> Batched<'_> {
    Batched {
        cap: CapId(1),
        method: 0,
        params: &[0; 8],
        results,
    }
}

#[test]
fn a_batch_shows_each_answer_at_its_place() {
    for others in [false, true] {
        let mut number = 0;
        // Completions come in the opposite order.
        let ring = ring(true, move |_| {
            number += 1;
            Done::message(&[number; 8], &[])
        });
        let before = others.then(|| {
            let memory = Box::leak(Box::new(CallMemory::ZERO));
            ring.start(CapId(1), 0, &[0; 8], memory).expect("a call")
        });
        let mut results = [[0; 16]; 3];
        let mut calls = results.each_mut().map(batched);
        let mut seen = Vec::new();
        ring.call_all(&mut calls, |place, answer| {
            seen.push((place, answer.map(|reply| reply.payload[0]).ok()));
        })
        .expect("room");
        let first = 1 + u8::from(others);
        let wanted = [2, 1, 0].map(|place| (usize::from(place), Some(first + place)));
        assert_eq!(seen, wanted);
        let before = before.map(|call| call.wait().map(|reply| reply.payload[0]).ok());
        assert_eq!(before, others.then_some(Some(1)));
    }
}

#[test]
fn a_batch_and_calls_made_while_it_is_shown_get_their_own_answers() {
    let mut number = 0;
    let ring = ring(true, move |sqe| {
        number += u8::from(sqe.opcode == op::CALL);
        called(sqe, number)
    });
    let first = |answer: Result<Reply<'_, TestRing>, Error>| answer.map(|reply| reply.payload[0]);
    let mut results = [[0; 16]; 3];
    let mut seen = Vec::new();
    let made = ring.call_all(&mut results.each_mut().map(batched), |place, answer| {
        let (mut aside, mut second) = ([0; 16], Ok(0));
        let made = ring.call_all(&mut [batched(&mut aside)], |_, answer| {
            second = first(answer)
        });
        seen.push((place, first(answer), made.and(second)));
    });
    assert_eq!(made, Ok(()));
    assert_eq!(
        seen,
        [(2, Ok(3), Ok(4)), (1, Ok(2), Ok(5)), (0, Ok(1), Ok(6))]
    );
    assert_eq!(ring.full_ring_of_nops(), 16);
}

#[test]
fn a_batch_is_made_whole_or_not_at_all() {
    let ring = ring(false, |sqe| called(sqe, 0));
    let make = |count| {
        let mut results = [[0; 16]; 17];
        let mut calls = results.each_mut().map(batched);
        let mut shown = 0;
        let made = ring.call_all(&mut calls[..count], |_, answer| {
            shown += usize::from(answer.is_ok());
        });
        (made, shown)
    };
    let busy = || Err(Error::Transport(CapError::Busy));
    assert_eq!(make(0), (Ok(()), 0));
    assert_eq!(make(17), (busy(), 0));
    let others: Vec<_> = (0..17).map(|_| nop(ring).expect("room")).collect();
    assert_eq!(make(16), (busy(), 0));
    assert_eq!(make(15), (Ok(()), 15));
    for token in others {
        assert_eq!(ring.wait(token).user_data, token.0);
    }
    assert_eq!(make(16), (Ok(()), 16));
}
