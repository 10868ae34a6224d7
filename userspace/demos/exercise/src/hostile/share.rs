//! A program that only works, and says what its work takes alone and beside a hostile program.

use capos_peer::{Peer, With, does};
use capos_rt::client::{Endpoint, Interface};
use capos_rt::ring::Answer;
use capos_rt::{Buffer, CapError, Env, Once, say};

use super::{Style, echo};
use crate::script::{Failed, Script, take};

mod clock;

/// Instructions that are computed: about forty shares of the processor under `-icount shift=3`, so
/// that one share more or less is a small part.
const INSTRUCTIONS: u64 = 25_000_000;
/// Calls of `peer`, of some ten shares together.
const CALLS: usize = 5000;

/// What each call took.
type Samples = [u64; CALLS];
static SAMPLES: Once<Samples> = Once::new([0; CALLS]);

/// What the work took, in ticks of the time-stamp counter.
struct Took {
    computing: u64,
    calling: u64,
    /// The middle one of the calls.
    round_trip: u64,
}

/// Each call of `begin` comes from a hostile program, which waits for the answer before it floods its
/// ring: until then nobody else works.
pub fn neighbour(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    let begin: Endpoint = take(env, "begin")?;
    let samples = SAMPLES.take().ok_or(Failed("memory"))?;
    let ring = env.transport();
    let mut buffer = Buffer::<256>::ZERO;
    // A first round warms up.
    work(&peer, samples)?;
    loop {
        let call = match ring.receive(begin.cap().id(), &mut buffer.0) {
            Ok(call) => call,
            Err(CapError::Disconnected) => return Ok(()),
            Err(error) => return Err(Failed(error.name())),
        };
        let alone = work(&peer, samples)?;
        let answer = Answer {
            call_id: call.call_id,
            message: &capos_peer::write([0; 2]),
            is_exception: false,
            transfers: &[],
        };
        ring.answer(answer).map_err(|error| Failed(error.name()))?;
        let beside = work(&peer, samples)?;
        let style = Style::of_method(call.method).name();
        let compare = |what, alone: u64, beside: u64| {
            let percent = beside * 100 / alone.max(1);
            say!(
                script.console,
                "{what} alone={alone} beside-{style}={beside} percent={percent}"
            );
        };
        compare("computing", alone.computing, beside.computing);
        compare("calling", alone.calling, beside.calling);
        compare("round-trip", alone.round_trip, beside.round_trip);
        say!(script.console, "calls={CALLS} answered beside-{style}");
    }
}

fn work(peer: &Peer, samples: &mut Samples) -> Result<Took, Failed> {
    let computing = clock::ticks(|| {
        clock::compute(INSTRUCTIONS);
        Ok(())
    })?;
    let calling = clock::ticks(|| {
        let mut numbered = (0..).zip(samples.iter_mut());
        numbered.try_for_each(|(number, sample)| {
            *sample = clock::ticks(|| echo(peer, number))?;
            Ok(())
        })
    })?;
    samples.sort_unstable();
    Ok(Took {
        computing,
        calling,
        round_trip: samples.get(CALLS / 2).copied().unwrap_or(0),
    })
}
