//! Two programs that take turns: each wakes the other and waits to be woken, both in one `cap_enter`.
//! The other one is this program, too, with the argument `turns`.

use crate::Bench;
use crate::calls::expect;
use capos_abi::generated::{notification, signaller};
use capos_abi::wire::MessageWriter;
use capos_rt::client::{
    Grants, Interface, Notification, NotificationFactory, ProcessSpawner, Signaller,
};
use capos_rt::ring::Batched;
use capos_rt::{Buffer, Env, Error, Ring};

/// The bits of a signal.
const TURN: u64 = 1;
const END: u64 = 2;

/// Measures one switch: half of what it takes to wake the other and to be woken by it.
pub fn run(
    env: &Env,
    bench: &Bench,
    spawner: &ProcessSpawner,
    factory: &NotificationFactory,
) -> Result<(), Error> {
    let (ours, wakes_us) = factory.create()?;
    let (theirs, wakes_them) = factory.create()?;
    let mut grants = Grants::default();
    grants.give("own", theirs.into_cap())?;
    grants.give("other", wakes_us.into_cap())?;
    let other = spawner.spawn("measure", ["turns"].into_iter(), grants)?;
    let ring = env.transport();
    bench.measure("context-switch", 2, || {
        expect(take_turn(ring, &wakes_them, &ours)? == TURN)
    })?;
    wakes_them.signal(END)?;
    expect(other.wait()?.is_exit(0))
}

/// The other program: its status.
pub fn other(env: &Env) -> i32 {
    let (Ok(own), Ok(other)) = (
        env.take::<Notification>("own"),
        env.take::<Signaller>("other"),
    ) else {
        return 1;
    };
    let mut bits = own.wait(TURN | END);
    loop {
        match bits {
            Ok(TURN) => bits = take_turn(env.transport(), &other, &own),
            Ok(END) => return 0,
            _ => return 1,
        }
    }
}

/// Wakes one and waits for the other; the bits that came.
fn take_turn(ring: Ring, wakes: &Signaller, waits: &Notification) -> Result<u64, Error> {
    let [mut turn, mut mask] = [const { Buffer::<16>::ZERO }; 2];
    let mut message = MessageWriter::new(&mut turn.0);
    signaller::signal::ParamsWriter::root(&mut message)?.set_bits(TURN);
    let mut message = MessageWriter::new(&mut mask.0);
    notification::wait::ParamsWriter::root(&mut message)?.set_mask(TURN | END);
    let [mut nothing, mut bits] = [const { Buffer::<16>::ZERO }; 2];
    let mut calls = [
        Batched {
            cap: wakes.cap().id(),
            method: signaller::signal::METHOD,
            params: &turn.0,
            results: &mut nothing.0,
        },
        Batched {
            cap: waits.cap().id(),
            method: notification::wait::METHOD,
            params: &mask.0,
            results: &mut bits.0,
        },
    ];
    let mut came = Ok(0);
    ring.call_all(&mut calls, |place, answer| match answer {
        Ok(reply) if place == 1 => {
            came = notification::wait::ResultsReader::read(reply.payload)
                .map(|results| results.bits())
                .map_err(Error::from);
        }
        Ok(_) => (),
        Err(error) => came = Err(error),
    })?;
    came
}
