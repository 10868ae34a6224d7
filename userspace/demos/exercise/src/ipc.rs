//! Calls between two programs, and every way in which one can end.

use capos_peer::{Peer, With, does, write};
use capos_rt::client::{EndpointFactory, Interface};
use capos_rt::ring::CallMemory;
use capos_rt::{Buffer, CapError, Env, Error, Once};

use crate::script::{Failed, Script, take};

static CALLS: Once<[CallMemory; 12]> = Once::new([CallMemory::ZERO; 12]);

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    let ring = env.transport();
    let (words, _) = peer.ask(does::ECHO, [41, 42], With::Nothing)?;
    script.holds("a call comes back", words == [41, 42])?;
    let mut long = Buffer::<900>::ZERO;
    long.0[..24].copy_from_slice(&write([1, 2]));
    let mut results = Buffer::<900>::ZERO;
    let answer = peer.0.call(does::ECHO, &long.0, &[], &mut results.0)?;
    script.holds("an answer has its own length", answer.payload.len() == 24)?;
    script.exception(
        "an exception arrives",
        peer.ask(does::RAISE, [0; 2], With::Nothing),
    )?;
    let small = peer.0.call(does::ECHO, &write([1, 2]), &[], &mut []);
    script.refused("an answer that does not fit", CapError::Buffer, small)?;

    let factory: EndpointFactory = take(env, "endpoints")?;
    let (owner, client) = factory.create(77)?;
    let Some(memory) = CALLS.take() else {
        return Err(Failed("memory"));
    };
    let mut memory = memory.iter_mut();
    let mut start = |cap| {
        let memory = memory.next().ok_or(Failed("memory"))?;
        ring.start(cap, 0, &write([0; 2]), memory)
            .map_err(Failed::from)
    };
    // Nobody receives: calls wait, up to what one caller may have waiting.
    let mut waiting = [const { None }; 8];
    for place in &mut waiting {
        *place = Some(start(client.id())?);
    }
    let over = start(client.id())?.wait().map(|_| ());
    script.refused("one waiting call too many", CapError::Quota, over)?;
    let [first, .., last] = &mut waiting;
    let (Some(first), Some(last)) = (first.take(), last.take()) else {
        return Err(Failed("calls"));
    };
    first.cancel().map_err(|_| Failed("cancel"))?;
    let token = first.cancel();
    script.refused(
        "a cancelled call",
        CapError::Cancelled,
        first.wait().map(|_| ()),
    )?;
    script.refused(
        "to cancel it again",
        CapError::StaleCall,
        token.map_err(Error::Transport),
    )?;
    let again = start(client.id())?;
    again.cancel().map_err(|_| Failed("cancel"))?;
    script.refused(
        "its room is free again",
        CapError::Cancelled,
        again.wait().map(|_| ()),
    )?;
    drop(client);
    script.refused(
        "a call whose facet is released",
        CapError::Cancelled,
        last.wait().map(|_| ()),
    )?;
    for rest in waiting.into_iter().flatten() {
        if rest.wait().is_ok() {
            return Err(Failed("the others are cancelled too"));
        }
    }
    let mut none = Buffer::<64>::ZERO;
    let received = ring.receive(owner.cap().id(), &mut none.0).map(|_| ());
    let received = received.map_err(Error::Transport);
    script.refused(
        "to receive when nobody can call",
        CapError::Disconnected,
        received,
    )?;

    let kept = start_keep(&peer, memory.next().ok_or(Failed("memory"))?)?;
    let waits = peer.code(does::ECHO, [5, 5], With::Nothing)?;
    script.holds("others are served while one waits", waits == 5)?;
    peer.ask(does::ANSWER_KEPT, [0; 2], With::Nothing)?;
    script.holds("the one that waited is answered", kept.wait().is_ok())?;

    let ended = peer.ask(does::END, [0; 2], With::Nothing);
    script.refused(
        "a call to a server that ends",
        CapError::Disconnected,
        ended,
    )?;
    let late = peer.ask(does::ECHO, [0; 2], With::Nothing);
    script.refused(
        "a call to a server that has ended",
        CapError::Disconnected,
        late,
    )
}

fn start_keep(
    peer: &Peer,
    memory: &'static mut CallMemory,
) -> Result<capos_rt::ring::Pending, Failed> {
    let ring = peer.0.transport();
    Ok(ring.start(peer.0.id(), does::KEEP, &write([0; 2]), memory)?)
}
