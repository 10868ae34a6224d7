//! Ring and calls: NOP, kernel objects, endpoints.

use crate::Bench;
use capos_abi::generated::notification::poll;
use capos_abi::message::TransferDescriptor;
use capos_abi::ring::SQ_ENTRIES;
use capos_abi::wire::MessageWriter;
use capos_rt::client::{Interface, Notification, NotificationFactory};
use capos_rt::ring::Batched;
use capos_rt::{Buffer, Cap, CapError, Env, Error, Ring};

const BATCH: usize = SQ_ENTRIES as usize;

pub fn run(env: &Env, bench: &Bench, factory: &NotificationFactory) -> Result<(), Error> {
    let ring = env.transport();
    bench.measure("nop", 1, || ring.nop().map_err(Error::Transport))?;
    bench.measure("nop-full-ring", BATCH as u64, || {
        expect(ring.full_ring_of_nops() == BATCH)
    })?;
    let (notification, signaller) = factory.create()?;
    bench.measure("object-call", 1, || expect(notification.poll(!0)? == 0))?;
    bench.measure("object-call-full-ring", BATCH as u64, || {
        full_ring(ring, &notification)
    })?;
    bench.measure("notification-signal-and-take", 1, || {
        signaller.signal(5)?;
        expect(notification.poll(4)? == 4)
    })?;
    let echo = env.take_any("echo").map_err(|_| Error::Capability)?;
    bench.measure("endpoint-1-word", 1, || round_trip::<1>(&echo))?;
    bench.measure("endpoint-10-words", 1, || round_trip::<10>(&echo))?;
    bench.measure("endpoint-with-capability", 1, || {
        with_capability(&echo, notification.cap())
    })?;
    Ok(())
}

pub fn expect(holds: bool) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(Error::Capability)
    }
}

/// Sixteen calls in one go, each encoded before and checked after.
fn full_ring(ring: Ring, notification: &Notification) -> Result<(), Error> {
    let mut params = [const { Buffer::<16>::ZERO }; BATCH];
    let mut results = [const { Buffer::<16>::ZERO }; BATCH];
    for (number, buffer) in params.iter_mut().enumerate() {
        let mut message = MessageWriter::new(&mut buffer.0);
        poll::ParamsWriter::root(&mut message)?.set_mask(1 << number);
    }
    let cap = notification.cap().id();
    let mut params = params.iter();
    let mut batch = results.each_mut().map(|results| Batched {
        cap,
        method: poll::METHOD,
        params: params.next().map_or(&[], |params| &params.0),
        results: &mut results.0,
    });
    let mut answered = 0;
    ring.call_all(&mut batch, |_, answer| {
        let found = answer.and_then(|reply| Ok(poll::ResultsReader::read(reply.payload)?.bits()));
        answered += usize::from(found == Ok(0));
    })?;
    expect(answered == BATCH)
}

/// A message of a root pointer and so many words, there and back.
fn round_trip<const WORDS: usize>(echo: &Cap<Ring>) -> Result<(), Error> {
    let mut params = Buffer::<128>::ZERO;
    let root = (WORDS as u64) << 32;
    let mut words = params.0.as_chunks_mut::<8>().0.iter_mut();
    if let Some(word) = words.next() {
        *word = root.to_le_bytes();
    }
    for (number, word) in words.take(WORDS).enumerate() {
        *word = (number as u64 + 7).to_le_bytes();
    }
    let length = 8 + 8 * WORDS;
    let sent = params.0.get(..length).ok_or(Error::Capability)?;
    let mut results = Buffer::<128>::ZERO;
    let reply = echo.call(0, sent, &[], &mut results.0)?;
    expect(reply.payload == sent)
}

/// One word and a copy of a capability, which comes back and is released.
fn with_capability(echo: &Cap<Ring>, given: &Cap<Ring>) -> Result<(), Error> {
    let mut params = Buffer::<16>::ZERO;
    params.0[..8].copy_from_slice(&(1_u64 << 48).to_le_bytes());
    params.0[8..].copy_from_slice(&3_u64.to_le_bytes());
    let copy = TransferDescriptor {
        cap: given.id().0,
        ..TransferDescriptor::default()
    };
    let mut results = Buffer::<64>::ZERO;
    let mut reply = echo.call(1, &params.0, &[copy], &mut results.0)?;
    let back = reply.caps.take(0)?;
    match back.interface_id() == given.interface_id() {
        true => Ok(()),
        false => Err(Error::Transport(CapError::Transfer)),
    }
}
