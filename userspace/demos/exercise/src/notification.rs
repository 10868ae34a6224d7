//! Bits that one program sets and another takes.

use capos_peer::{Peer, With, does};
use capos_rt::client::{Interface, NotificationFactory, bits};
use capos_rt::ring::CallMemory;
use capos_rt::{CapError, Env, Once};

use crate::script::{Failed, Script, take};

static CALLS: Once<[CallMemory; 10]> = Once::new([CallMemory::ZERO; 10]);

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    let factory: NotificationFactory = take(env, "notifications")?;
    let (notification, signaller) = factory.create()?;
    script.holds("all bits are clear", notification.poll(!0)? == 0)?;
    signaller.signal(0b1011)?;
    signaller.signal(0b0010)?;
    script.holds(
        "a mask takes its bits",
        notification.poll(0b0110)? == 0b0010,
    )?;
    script.holds("and leaves the others", notification.poll(!0)? == 0b1001)?;
    script.holds("each bit is taken once", notification.poll(!0)? == 0)?;
    signaller.signal(1 << 63)?;
    script.holds(
        "to wait for what is set takes it",
        notification.wait(!0)? == 1 << 63,
    )?;

    let Some(memory) = CALLS.take() else {
        return Err(Failed("memory"));
    };
    let mut memory = memory.iter_mut();
    let mut wait = |mask| {
        let memory = memory.next().ok_or(Failed("memory"))?;
        notification.start_wait(mask, memory).map_err(Failed::from)
    };
    let (first, second, third) = (wait(0b01)?, wait(0b11)?, wait(0b100)?);
    // With `give=whole` the other gets more than a facet that can only signal: then this must not pass.
    if env.arg("give") == Some(b"whole") {
        peer.code(does::HOLD, [0; 2], With::Copy(notification.cap()))?;
    } else {
        peer.code(does::HOLD, [0; 2], With::Move(signaller.cap()))?;
        signaller.into_cap().into_id();
    }
    peer.ask(does::USE, [0, 0b1011], With::Nothing)?;
    script.holds(
        "another program wakes who waits",
        bits(first.wait()?.payload)? == 0b01,
    )?;
    script.holds(
        "each gets its own bits",
        bits(second.wait()?.payload)? == 0b10,
    )?;
    script.holds(
        "what nobody waits for stays",
        notification.poll(!0)? == 0b1000,
    )?;
    third.cancel().map_err(|_| Failed("cancel"))?;
    script.refused(
        "a wait that is cancelled",
        CapError::Cancelled,
        third.wait().map(|_| ()),
    )?;
    // Whoever can wait does not wait for ever.
    notification.signal(1)?;
    let theirs = peer.code(does::USE, [1, 1], With::Nothing)?;
    script.code("a signaller cannot wait", CapError::BadMethod, theirs)
}
