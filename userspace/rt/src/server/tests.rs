//! Generated clients against generated servers, over a transport without a ring: a table of objects and a call that
//! ends in one of them.
//!
//! Longer than most: one service of each kind is played here, and the cases are read beside it.

use super::{
    CapabilityManagerServer, CapabilityManagerService, FrameAllocatorServer, FrameAllocatorService,
    Given, NotificationServer, NotificationService, ProcessSpawnerServer, ProcessSpawnerService,
    Service, StoreServer,
};
use crate::client::{
    CapabilityManager, FrameAllocator, Grants, Interface, Notification, ProcessSpawner, Revoker,
    Store,
};
use crate::ring::Incoming;
use crate::testing::One;
use crate::transport::{Call, LargeBuffer, Received, Reply, SmallBuffer, Transport};
use crate::{Cap, CapError, CapId, Error, Exception};
use capos_abi::generated::{
    CapExceptionType, CommitResultWhich, GetResultWhich, NamedCapReader, PutResultWhich,
    capability_manager, frame_allocator, notification, process_spawner,
};
use capos_abi::message::{CapRecord, RECORD_BYTES, TRANSFER_MOVE, TransferDescriptor, padded};
use capos_abi::wire::{MessageWriter, StructList, TextList};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

type Object = Rc<RefCell<dyn Service<Table>>>;

/// What stands behind an id: an interface and, if anybody serves it here, an object.
#[derive(Clone)]
struct Held {
    interface_id: u64,
    object: Option<Object>,
}

#[derive(Default)]
struct State {
    held: BTreeMap<u32, Held>,
    next: u32,
    released: Vec<u32>,
}

/// A transport that hands each call straight to the object, in one table for both sides.
#[derive(Clone, Copy)]
struct Table(&'static RefCell<State>);

impl Table {
    fn new() -> Self {
        Self(Box::leak(Box::default()))
    }

    fn add(self, interface_id: u64, object: Option<Object>) -> u32 {
        let mut state = self.0.borrow_mut();
        state.next += 1;
        let id = state.next;
        let held = Held {
            interface_id,
            object,
        };
        state.held.insert(id, held);
        id
    }

    /// A client of a new object.
    fn serve<I: Interface<Self>>(self, object: impl Service<Self> + 'static) -> I {
        let id = self.add(I::ID, Some(Rc::new(RefCell::new(object))));
        I::from_cap(Cap::new(CapId(id), I::ID, self))
    }

    /// A capability of some interface that nobody serves.
    fn bare(self, interface_id: u64) -> Cap<Self> {
        Cap::new(CapId(self.add(interface_id, None)), interface_id, self)
    }

    fn count(self) -> usize {
        self.0.borrow().held.len()
    }

    /// Carries capabilities over: each gets a new id, and one that moves loses its old one.
    fn pass(self, transfers: &[TransferDescriptor]) -> Result<Vec<[u8; RECORD_BYTES]>, Error> {
        let mut records = Vec::new();
        for each in transfers {
            let held = self.0.borrow().held.get(&each.cap).cloned();
            let held = held.ok_or(Error::Transport(CapError::Transfer))?;
            if each.flags & TRANSFER_MOVE != 0 {
                self.0.borrow_mut().held.remove(&each.cap);
            }
            let cap = self.add(held.interface_id, held.object);
            records.push(
                CapRecord {
                    cap,
                    interface_id: held.interface_id,
                }
                .to_bytes(),
            );
        }
        Ok(records)
    }
}

impl Transport for Table {
    fn call<'r>(self, call: Call<'_>, results: &'r mut [u8]) -> Result<Reply<'r, Self>, Error> {
        let held = self.0.borrow().held.get(&call.cap.0).cloned();
        let held = held.ok_or(Error::Transport(CapError::BadCap))?;
        let object = held
            .object
            .ok_or(Error::Transport(CapError::Disconnected))?;
        let sent = self.pass(call.transfers)?;
        let mut given = Given::default();
        let incoming = Incoming {
            call_id: 1,
            method: call.method,
            interface_id: held.interface_id,
            payload: call.params,
            caps: Received::new(&sent, self),
        };
        let mut message = MessageWriter::new(results);
        let done = object.borrow_mut().call(incoming, &mut message, &mut given);
        done.map_err(Error::Exception)?;
        let length = message.finish().len();
        let records = self.pass(given.transfers())?;
        let (payload, room) = results.split_at_mut(padded(length));
        let room = room.as_chunks_mut().0;
        room[..records.len()].copy_from_slice(&records);
        Ok(Reply {
            payload: &payload[..length],
            caps: Received::new(&room[..records.len()], self),
        })
    }

    fn release(self, cap: CapId) {
        // What was moved away has no id any more, as in a real table.
        let held = self.0.borrow_mut().held.remove(&cap.0);
        if held.is_some() {
            self.0.borrow_mut().released.push(cap.0);
        }
    }
}

fn kind<V>(result: Result<V, Error>) -> Option<(CapExceptionType, String)> {
    match result {
        Err(Error::Exception(exception)) => Some((exception.kind, exception.reason().into())),
        _ => None,
    }
}

#[test]
fn the_cases_of_a_result_are_values_and_what_is_not_ordinary_is_an_exception() {
    let table = Table::new();
    let store: Store<_> = table.serve(StoreServer(One([3; 32])));
    let (mut large, mut small) = (LargeBuffer::ZERO, SmallBuffer::ZERO);
    let put = store.put(b"object", &mut large, &mut small);
    assert_eq!(put, Ok(PutResultWhich::Digest(&[3; 32])));
    let put = store.put(b"large", &mut large, &mut small);
    assert_eq!(put, Ok(PutResultWhich::TooLarge));
    let got = store.get(&[3; 32], &mut large);
    assert_eq!(got, Ok(GetResultWhich::Data(b"object")));
    let got = store.get(&[4; 32], &mut large);
    assert_eq!(got, Ok(GetResultWhich::NotFound));
    assert_eq!(store.has(&[3; 32]), Ok(true));
    assert_eq!(store.has(&[4; 32]), Ok(false));
    let failed = (CapExceptionType::Failed, "read-only".into());
    assert_eq!(kind(store.delete(&[3; 32])), Some(failed));
    let committed = store.commit(&mut small);
    assert_eq!(committed, Ok(CommitResultWhich::Generation(9)));
}

#[test]
fn the_dispatcher_refuses_what_the_schema_does_not_have() {
    let table = Table::new();
    let store: Store<_> = table.serve(StoreServer(One([3; 32])));
    let mut results = SmallBuffer::ZERO;
    let mut call = |method: u16, params: &[u8]| {
        kind(store.cap().call(method, params, &[], &mut results.0)).expect("an exception")
    };
    let unknown = (
        CapExceptionType::Unimplemented,
        "Store has no such method".into(),
    );
    assert_eq!(call(5, &[0; 8]), unknown);
    assert_eq!(call(u16::MAX, &[0; 8]), unknown);
    let malformed = (
        CapExceptionType::InvalidArgument,
        "the parameters are malformed".into(),
    );
    // No message, no whole words, a pointer out of it, and data where the schema has none.
    for params in [&[][..], &[0; 7], &[0xff; 8]] {
        assert_eq!(call(0, params), malformed);
        assert_eq!(call(4, params), malformed);
    }
    // A null digest reads as no bytes, which this store takes for another object.
    let absent = store.cap().call(2, &[0; 8], &[], &mut results.0).is_ok();
    assert!(absent);

    // The same server behind a facet that claims to be something else.
    let id = table.add(notification::INTERFACE_ID, {
        let held = table.0.borrow().held[&store.cap().id().0].clone();
        held.object
    });
    let liar = Cap::new(CapId(id), notification::INTERFACE_ID, table);
    let refused = kind(liar.call(4, &[0; 8], &[], &mut results.0));
    let reason = "Store is served here, and nothing else".into();
    assert_eq!(refused, Some((CapExceptionType::Unimplemented, reason)));
}

#[test]
fn results_that_do_not_fit_are_an_exception() {
    let table = Table::new();
    let store: Store<_> = table.serve(StoreServer(One([3; 32])));
    let mut params = [0; 64];
    let refused = store.call_get(&[3; 32], &mut params, &mut [0; 24]).err();
    let Some(Error::Exception(exception)) = refused else {
        panic!("no exception")
    };
    assert_eq!(exception.kind, CapExceptionType::Failed);
    assert_eq!(exception.reason(), "the results do not fit a message");
}

/// An allocator that gives parts of itself away until it has nothing left.
struct Pages(u32, Table);

impl FrameAllocatorService<Table> for Pages {
    fn allocate(
        &mut self,
        _: u32,
        _: frame_allocator::allocate::ResultsWriter<'_>,
        _: &mut Given<Table>,
    ) -> Result<(), Exception> {
        Err(Error::Transport(CapError::Quota).into())
    }

    fn derive(
        &mut self,
        pages: u32,
        mut results: frame_allocator::derive::ResultsWriter<'_>,
        given: &mut Given<Table>,
    ) -> Result<(), Exception> {
        let Self(left, table) = self;
        *left -= pages;
        let part = Pages(pages, *table);
        let part: FrameAllocator<_> = table.serve(FrameAllocatorServer(part));
        results.set_allocator(given.give(part.into_cap())?)?;
        if *left == 0 {
            // Too late: what was given stays here, and is released.
            return Err(Exception::new(CapExceptionType::Overloaded, "the last one"));
        }
        Ok(())
    }

    fn info(
        &mut self,
        mut results: frame_allocator::info::ResultsWriter<'_>,
    ) -> Result<(), Exception> {
        results.set_limit(self.0);
        results.set_used(7);
        Ok(())
    }
}

#[test]
fn a_capability_comes_with_an_answer_and_is_released_when_there_is_none() {
    let table = Table::new();
    let all: FrameAllocator<_> = table.serve(FrameAllocatorServer(Pages(5, table)));
    let before = table.count();
    let part = all.derive(2).expect("a part");
    assert_eq!(part.info(), Ok((2, 7)));
    assert_eq!(all.info(), Ok((3, 7)));
    assert_eq!(table.count(), before + 1);
    drop(part);
    assert_eq!(table.count(), before);
    let last = (CapExceptionType::Overloaded, "the last one".into());
    assert_eq!(kind(all.derive(3)), Some(last));
    assert_eq!(table.count(), before, "what was not passed on is gone");
    let refused = (CapExceptionType::Failed, "CAP_ERR_QUOTA".into());
    assert_eq!(kind(all.allocate(1)), Some(refused));
}

/// Gives the capability that it gets back twice: itself as the derived one, and another as the revoker.
struct Mirror {
    revoker: u64,
}

impl CapabilityManagerService<Table> for Mirror {
    fn list(
        &mut self,
        start: u32,
        mut results: capability_manager::list::ResultsWriter<'_>,
    ) -> Result<(), Exception> {
        results.set_total(start + 2);
        let mut caps = results.init_caps(2)?;
        for index in 0..2 {
            let mut each = caps.get(index)?;
            each.set_cap(start + index as u32);
            each.set_interface_name("Console")?;
        }
        Ok(())
    }

    fn derive(
        &mut self,
        cap: Cap<Table>,
        mut results: capability_manager::derive::ResultsWriter<'_>,
        given: &mut Given<Table>,
    ) -> Result<(), Exception> {
        let revoker = cap.transport().bare(self.revoker);
        results.set_derived(given.give(cap)?)?;
        results.set_revoker(given.give(revoker)?)?;
        Ok(())
    }
}

#[test]
fn capabilities_are_checked_against_their_interface_on_both_sides() {
    let table = Table::new();
    let revoker = <Revoker<Table> as Interface<Table>>::ID;
    let honest: CapabilityManager<_> = table.serve(CapabilityManagerServer(Mirror { revoker }));
    let cap = table.bare(77);
    let before = table.count();
    {
        let (derived, revoker) = honest.derive(&cap).expect("two capabilities");
        assert_eq!(derived.interface_id(), 77);
        assert_eq!(
            revoker.revoke(),
            Err(Error::Transport(CapError::Disconnected))
        );
        assert_ne!(derived.id(), cap.id());
    }
    assert_eq!(table.count(), before);
    let mut seen = Vec::new();
    let mut buffer = crate::client::ListBuffer::ZERO;
    let total = honest.list(3, &mut buffer, |held| seen.push(held.cap.0));
    assert_eq!((total, seen), (Ok(5), vec![3, 4]));

    // What claims to be a revoker and is none does not become a client; nothing is kept of it.
    let liar: CapabilityManager<_> = table.serve(CapabilityManagerServer(Mirror { revoker: 1 }));
    let before = table.count();
    assert_eq!(liar.derive(&cap).err(), Some(Error::Capability));
    assert_eq!(table.count(), before);

    // A call whose parameters name a capability that did not come.
    let mut params = [0; 16];
    let mut message = MessageWriter::new(&mut params);
    let mut writer = capability_manager::derive::ParamsWriter::root(&mut message).expect("room");
    writer.set_cap(0).expect("room");
    let mut results = SmallBuffer::ZERO;
    let method = capability_manager::derive::METHOD;
    let refused = honest
        .cap()
        .call(method, message.finish(), &[], &mut results.0);
    let reason = "a capability is missing, or of another interface".into();
    assert_eq!(
        kind(refused),
        Some((CapExceptionType::InvalidArgument, reason))
    );
}

/// Takes the grants that are consoles, whatever their names.
#[derive(Default)]
struct Consoles(Rc<RefCell<Vec<String>>>);

impl ProcessSpawnerService<Table> for Consoles {
    fn spawn(
        &mut self,
        binary: &str,
        args: TextList<'_>,
        grants: StructList<'_, NamedCapReader<'_>>,
        received: &mut Received<'_, Table>,
        _: process_spawner::spawn::ResultsWriter<'_>,
        _: &mut Given<Table>,
    ) -> Result<(), Exception> {
        let mut seen = self.0.borrow_mut();
        seen.push(binary.into());
        for arg in args.iter() {
            seen.push(arg?.into());
        }
        for grant in grants.iter() {
            let cap = received.take(grant.cap()?)?;
            seen.push(format!("{}:{}", grant.name()?, cap.interface_id()));
        }
        Err(Exception::new(CapExceptionType::Failed, "no program here"))
    }
}

#[test]
fn capabilities_inside_a_list_are_found_by_their_place() {
    let table = Table::new();
    let seen = Rc::default();
    let spawner: ProcessSpawner<_> = table.serve(ProcessSpawnerServer(Consoles(Rc::clone(&seen))));
    let (one, two) = (table.bare(1), table.bare(2));
    let before = table.count();
    let mut grants = Grants::default();
    grants.copy("a", &one).expect("room");
    grants.copy("b", &two).expect("room");
    let spawned = spawner.spawn("program", ["x", "y"].into_iter(), grants);
    let failed = (CapExceptionType::Failed, "no program here".into());
    assert_eq!(kind(spawned), Some(failed));
    assert_eq!(*seen.borrow(), ["program", "x", "y", "a:1", "b:2"]);
    assert_eq!(table.count(), before);
}

/// One word of bits.
struct Word(u64);

impl NotificationService for Word {
    fn signal(&mut self, bits: u64) -> Result<(), Exception> {
        self.0 |= bits;
        Ok(())
    }

    fn wait(&mut self, _: u64, _: notification::wait::ResultsWriter<'_>) -> Result<(), Exception> {
        Err(Exception::new(
            CapExceptionType::Unimplemented,
            "only polled",
        ))
    }

    fn poll(
        &mut self,
        mask: u64,
        mut results: notification::poll::ResultsWriter<'_>,
    ) -> Result<(), Exception> {
        results.set_bits(self.0 & mask);
        self.0 &= !mask;
        Ok(())
    }
}

#[test]
fn numbers_pass_both_ways() {
    let table = Table::new();
    let word: Notification<_> = table.serve(NotificationServer(Word(0)));
    assert_eq!(word.signal(0b1011), Ok(()));
    assert_eq!(word.poll(0b0010), Ok(0b0010));
    assert_eq!(word.poll(!0), Ok(0b1001));
    assert_eq!(word.poll(!0), Ok(0));
    let refused = (CapExceptionType::Unimplemented, "only polled".into());
    assert_eq!(kind(word.wait(1)), Some(refused));
}

#[test]
fn an_answer_carries_eight_capabilities_and_no_more() {
    let table = Table::new();
    let mut given = Given::default();
    for index in 0..8 {
        assert_eq!(given.give(table.bare(1)), Ok(index));
    }
    assert!(given.give(table.bare(1)).is_err());
    assert!(given.copy(&table.bare(1)).is_err());
    assert_eq!(given.transfers().len(), 8);
    drop(given);
    assert_eq!(table.count(), 0);
}
