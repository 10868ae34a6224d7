//! Capabilities that travel with calls and answers, and stay where they were when that fails.

use capos_peer::{Peer, With, does};
use capos_rt::client::{
    CapabilityManager, Interface, ListBuffer, Notification, NotificationFactory,
};
use capos_rt::{Buffer, Cap, CapError, Env, Error, Ring};

use crate::script::{Failed, Script, take};

fn peer(env: &Env) -> Result<Peer, Failed> {
    Ok(Peer(env.take_any("peer").map_err(|_| Failed("peer"))?))
}

/// A capability of this program can be used.
fn is_ours(cap: &Cap<Ring>) -> Result<(), Error> {
    let mut results = Buffer::<64>::ZERO;
    cap.call(2, &[0; 8], &[], &mut results.0).map(|_| ())
}

/// How many capabilities this program holds.
fn held(manager: &CapabilityManager) -> Result<u32, Failed> {
    let mut buffer = ListBuffer::ZERO;
    Ok(manager.list(0, &mut buffer, |_| ())?)
}

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = peer(env)?;
    let manager: CapabilityManager = take(env, "capabilities")?;
    let factory: NotificationFactory = take(env, "notifications")?;
    let (notification, _signaller) = factory.create()?;
    let before = held(&manager)?;

    let taken = peer.code(does::HOLD, [0; 2], With::Copy(notification.cap()))?;
    script.holds("a copy arrives", taken == 1)?;
    script.works("what was copied is still ours", is_ours(notification.cap()))?;
    peer.ask(does::USE, [0, 6], With::Nothing)?;
    script.holds("both are one object", notification.poll(!0)? == 6)?;
    let (_, back) = peer.ask(does::GIVE, [1, 0], With::Nothing)?;
    let back = back.ok_or(Failed("nothing came back"))?;
    script.works("a capability comes with an answer", is_ours(&back))?;
    let ids = back.id() != notification.cap().id();
    script.holds("under an id of its own", ids)?;
    let nothing = peer.code(does::USE, [2, 1], With::Nothing)?;
    script.code(
        "what was moved is no longer theirs",
        CapError::BadCap,
        nothing,
    )?;

    let moved = back;
    // With `move=copy` it does not move: then this must not pass.
    let with = match env.arg("move") {
        Some(b"copy") => With::Copy(&moved),
        _ => With::Move(&moved),
    };
    let taken = peer.code(does::HOLD, [0; 2], with)?;
    script.holds("a capability moves", taken == 1)?;
    script.refused(
        "what was moved is no longer ours",
        CapError::BadCap,
        is_ours(&moved),
    )?;
    let twice = peer.ask(does::HOLD, [0; 2], With::Move(&moved));
    script.refused("to move it again", CapError::Transfer, twice)?;
    moved.into_id();
    let through = peer.ask(does::HOLD, [0; 2], With::Move(&peer.0));
    script.refused(
        "to move what the call goes through",
        CapError::Transfer,
        through,
    )?;
    peer.ask(does::DROP, [0; 2], With::Nothing)?;
    script.holds("nothing is left over", held(&manager)? == before)
}

pub fn rollback(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = peer(env)?;
    let manager: CapabilityManager = take(env, "capabilities")?;
    let factory: NotificationFactory = take(env, "notifications")?;
    let (notification, _signaller) = factory.create()?;
    let before = held(&manager)?;

    // The receiver has no room for the record: the call waits, and what it moves stays here.
    peer.ask(does::SMALL, [0; 2], With::Nothing)?;
    // With `move=copy` it does not move: then this must not pass.
    let with = match env.arg("move") {
        Some(b"copy") => With::Copy(notification.cap()),
        _ => With::Move(notification.cap()),
    };
    let (words, back) = peer.ask(does::ECHO, [8, 9], with)?;
    script.holds(
        "a call that did not fit is delivered later",
        words == [8, 9],
    )?;
    notification.into_cap().into_id();
    let notification = back.ok_or(Failed("it is lost"))?;
    script.works("and what it moved was not lost", is_ours(&notification))?;

    // The caller has no room for the answer's record: the capability stays with the server.
    peer.code(does::HOLD, [0; 2], With::Move(&notification))?;
    notification.into_id();
    let mut results = Buffer::<24>::ZERO;
    let params = Buffer(capos_peer::write([1, 0]));
    let answer = peer.0.call(does::GIVE, &params.0, &[], &mut results.0);
    script.refused(
        "an answer whose capability does not fit",
        CapError::Buffer,
        answer,
    )?;
    let used = peer.code(does::USE, [2, 0], With::Nothing)?;
    script.holds("the server still has it", used == 0)?;

    // The caller's table is full: the same.
    let mut copies = [const { None }; 256];
    let mut full = Ok(());
    let mut count = 0;
    for place in &mut copies {
        match peer.ask(does::GIVE, [0, 0], With::Nothing) {
            Ok((_, copy)) => *place = copy,
            Err(error) => {
                full = Err(error);
                break;
            }
        }
        count += 1;
    }
    script.refused("a copy more than the table holds", CapError::Quota, full)?;
    script.holds("the table was filled", count > 200)?;
    let moved = peer.ask(does::GIVE, [1, 0], With::Nothing);
    script.refused("to move into a full table", CapError::Quota, moved)?;
    let used = peer.code(does::USE, [2, 0], With::Nothing)?;
    script.holds("the server has it after all", used == 0)?;
    drop(copies);
    let (_, back) = peer.ask(does::GIVE, [1, 0], With::Nothing)?;
    let back = Notification::from_cap(back.ok_or(Failed("it is lost"))?);
    script.holds("it moves when there is room", back.poll(0)? == 0)?;
    script.holds("nothing is lost or doubled", held(&manager)? == before)
}
