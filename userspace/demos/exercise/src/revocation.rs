//! What was given can be taken back, from everybody who has it.

use capos_peer::{Peer, With, does, write};
use capos_rt::client::{BootPackage, CapabilityManager, Interface, ListBuffer};
use capos_rt::ring::CallMemory;
use capos_rt::transport::LargeBuffer;
use capos_rt::{Cap, CapError, Env, Error, Once, Ring, say};

use crate::script::{Failed, Script, take};

static CALLS: Once<[CallMemory; 2]> = Once::new([CallMemory::ZERO; 2]);

/// Reads a word of the boot manifest.
fn read(cap: &Cap<Ring>) -> Result<(), Error> {
    let mut buffer = LargeBuffer::ZERO;
    let params = [1_u64 << 32, 8 << 32].map(u64::to_le_bytes);
    cap.call(0, params.as_flattened(), &[], &mut buffer.0)
        .map(|_| ())
}

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    let manager: CapabilityManager = take(env, "capabilities")?;
    let boot: BootPackage = take(env, "boot")?;
    let (derived, revoker) = manager.derive(boot.cap())?;
    script.works("a derived capability reads", read(&derived))?;
    // With `give=original` the other program gets what cannot be taken back: then this must not pass.
    let original = env.arg("give") == Some(b"original");
    let given = if original { boot.cap() } else { &derived };
    peer.code(does::HOLD, [0; 2], With::Copy(given))?;
    let theirs = peer.code(does::USE, [0, 8 << 32], With::Nothing)?;
    script.holds("so does a copy in another program", theirs == 0)?;
    let (below, _below_revoker) = manager.derive(&derived)?;
    script.works("and what was derived from it", read(&below))?;
    let revoked = revoker.revoke()?;
    script.holds("two derivations are taken back", revoked == 2)?;
    script.refused("the derived one", CapError::Revoked, read(&derived))?;
    script.refused(
        "what was derived from it too",
        CapError::Revoked,
        read(&below),
    )?;
    let theirs = peer.code(does::USE, [0, 8 << 32], With::Nothing)?;
    script.code("the copy in the other program", CapError::Revoked, theirs)?;
    script.works("the original still reads", read(boot.cap()))?;
    let again = peer.ask(does::HOLD, [0; 2], With::Copy(&derived));
    script.refused("to give it on", CapError::Revoked, again)?;
    let derive = manager.derive(&derived).map(|_| ());
    script.refused("to derive from it", CapError::Revoked, derive)?;
    script.holds("to revoke it again does nothing", revoker.revoke()? == 0)?;
    let mut buffer = ListBuffer::ZERO;
    let mut seen = 0;
    manager.list(0, &mut buffer, |cap| seen += u32::from(cap.revoked))?;
    say!(script.console, "revoked capabilities={seen}");

    // Calls through a derived facet: one that the server has received, and it moves something.
    let (facet, revoker) = manager.derive(&peer.0)?;
    let Some([memory, _]) = CALLS.take() else {
        return Err(Failed("memory"));
    };
    peer.code(does::HOLD, [0; 2], With::Copy(boot.cap()))?;
    let ring = env.transport();
    let kept = ring.start(facet.id(), does::KEEP, &write([0; 2]), memory)?;
    // The first answer means that the kept call was received before it.
    peer.code(does::ECHO, [0; 2], With::Nothing)?;
    script.holds("one derivation is taken back", revoker.revoke()? == 1)?;
    let ended = kept.wait().map(|_| ());
    script.refused("a call in flight through it", CapError::Revoked, ended)?;
    let answer = peer.code(does::ANSWER_KEPT, [1, 0], With::Nothing)?;
    script.code("its answer", CapError::StaleCall, answer)?;
    let used = peer.code(does::USE, [0, 8 << 32], With::Nothing)?;
    script.holds("what the answer would have moved stayed", used == 0)?;
    let mut results = capos_rt::Buffer::<64>::ZERO;
    let late = facet.call(does::ECHO, &write([0; 2]), &[], &mut results.0);
    script.refused("a call through it", CapError::Revoked, late)
}
