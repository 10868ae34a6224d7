//! Memory that two programs share, and what each may allocate.

use capos_peer::{Peer, With, does};
use capos_rt::client::{CapabilityManager, FrameAllocator, Interface};
use capos_rt::{CapError, Env};

use crate::script::{Failed, Script, take};

fn peer(env: &Env) -> Result<Peer, Failed> {
    Ok(Peer(env.take_any("peer").map_err(|_| Failed("peer"))?))
}

pub fn shared(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = peer(env)?;
    let allocator: FrameAllocator = take(env, "frames")?;
    let manager: CapabilityManager = take(env, "capabilities")?;
    let memory = allocator.allocate(3)?;
    let mapped = memory.map(true)?;
    let clear = (0..mapped.words()).all(|at| mapped.load(at) == Some(0));
    script.holds("new memory is clear", clear && mapped.words() == 1536)?;
    script.holds(
        "what is written is read",
        mapped.store(700, 5) && mapped.load(700) == Some(5),
    )?;

    // For reading only.
    let reader = memory.reader()?;
    // With `give=whole` it is not for reading only: then this must not pass.
    if env.arg("give") == Some(b"whole") {
        peer.code(does::HOLD, [0; 2], With::Copy(memory.cap()))?;
    } else {
        peer.code(does::HOLD, [0; 2], With::Move(reader.cap()))?;
        reader.into_cap().into_id();
    }
    script.holds(
        "a reader maps it",
        peer.code(does::MAP, [1, 0], With::Nothing)? == 0,
    )?;
    let (sum, _) = peer.ask(does::SUM, [1536, 0], With::Nothing)?;
    script.holds("and sees what was written", sum == [0, 5])?;
    let stored = peer.code(does::STORE, [0, 1], With::Nothing)?;
    script.holds("and cannot write it", stored == 1)?;

    // For writing, through something that can be taken back.
    let (derived, revoker) = manager.derive(memory.cap())?;
    peer.code(does::HOLD, [0; 2], With::Copy(&derived))?;
    script.holds(
        "a writer maps it",
        peer.code(does::MAP, [1, 0], With::Nothing)? == 0,
    )?;
    peer.ask(does::STORE, [1535, 9], With::Nothing)?;
    script.holds("what it writes is seen here", mapped.load(1535) == Some(9))?;
    let address = mapped.address();
    let (_, used) = allocator.info()?;
    drop(memory);
    drop(derived);
    script.holds(
        "memory stays while it is mapped",
        mapped.load(1535) == Some(9),
    )?;
    script.holds(
        "and is still paid for",
        allocator.info()?.1 == used && address != 0,
    )?;
    script.holds("it is taken back", revoker.revoke()? == 1)?;
    let lost = peer.ask(does::STORE, [0, 1], With::Nothing);
    script.refused(
        "whoever touches it then faults",
        CapError::Disconnected,
        lost,
    )
}

/// 1 MiB goes to another program in a message of 24 bytes.
pub fn zerocopy(env: &Env, script: &Script) -> Result<(), Failed> {
    const PAGES: u32 = 256;
    let peer = peer(env)?;
    let allocator: FrameAllocator = take(env, "frames")?;
    let memory = allocator.allocate(PAGES)?;
    let mapped = memory.map(true)?;
    let mut sum = 0_u64;
    for at in 0..mapped.words() {
        let word = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x55;
        mapped.store(at, word);
        sum = sum.wrapping_add(word);
    }
    let reader = memory.reader()?;
    peer.code(does::HOLD, [0; 2], With::Move(reader.cap()))?;
    reader.into_cap().into_id();
    peer.code(does::MAP, [0, 0], With::Nothing)?;
    let words = mapped.words() as u64;
    let (found, _) = peer.ask(does::SUM, [words, 0], With::Nothing)?;
    capos_rt::say!(
        script.console,
        "shared bytes={} message={}",
        words * 8,
        capos_peer::MESSAGE
    );
    script.holds("every word arrived", found == [0, sum])?;
    memory.unmap(mapped)?;
    drop(memory);
    let theirs = peer.ask(does::SUM, [words, 0], With::Nothing)?.0;
    script.holds("and stays while they have it mapped", theirs == [0, sum])
}

pub fn quota(env: &Env, script: &Script) -> Result<(), Failed> {
    let allocator: FrameAllocator = take(env, "frames")?;
    script.holds("the manifest's quota", allocator.info()? == (40, 0))?;
    let first = allocator.allocate(30)?;
    script.holds(
        "what is allocated is counted",
        allocator.info()? == (40, 30),
    )?;
    script.refused("more than is left", CapError::Quota, allocator.allocate(11))?;
    script.refused("no page", CapError::Quota, allocator.allocate(0))?;
    script.refused(
        "too many pages",
        CapError::Quota,
        allocator.allocate(u32::MAX),
    )?;
    script.holds("a refusal takes nothing", allocator.info()? == (40, 30))?;
    let part = allocator.derive(8)?;
    script.holds("a part is counted", allocator.info()? == (40, 38))?;
    script.refused("more than the part", CapError::Quota, part.allocate(9))?;
    script.refused(
        "a part of more than is left",
        CapError::Quota,
        allocator.derive(3),
    )?;
    let held = part.allocate(8)?;
    drop(part);
    script.holds(
        "a part stays while something of it does",
        allocator.info()? == (40, 38),
    )?;
    drop(held);
    script.holds("and comes back with it", allocator.info()? == (40, 30))?;
    drop(first);
    script.holds("all comes back", allocator.info()? == (40, 0))?;
    let mut objects = [const { None }; 17];
    let mut refused = Ok(());
    for place in &mut objects {
        match allocator.allocate(1) {
            Ok(memory) => *place = Some(memory),
            Err(error) => refused = Err(error),
        }
    }
    script.refused(
        "more objects than a process may have",
        CapError::Quota,
        refused,
    )?;
    drop(objects);
    script.holds("they come back too", allocator.info()? == (40, 0))
}
