//! Programs that do everything that they must not.

use capos_abi::capid::CapId;
use capos_peer::{Peer, With, does};
use capos_rt::client::{
    CapabilityManager, Console, EndpointFactory, FrameAllocator, Interface, NotificationFactory,
    SystemStats, VirtualMemory,
};
use capos_rt::{Buffer, Cap, CapError, Env, Error, Once, Ring, say};

use crate::script::{Failed, Script, take};

mod entries;
pub mod share;
mod style;

use style::Style;

/// Entries of `run-ring-hostile`; others with `entries=N`.
const ENTRIES: u64 = 1_000_000;

/// A small generator with a fixed seed, so that a failure repeats.
pub struct Random(pub u64);

impl Random {
    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.any() >> 32) % bound
    }
}

/// Random entries in the ring, and indices that make no sense.
pub fn ring(env: &Env, script: &Script) -> Result<(), Failed> {
    let number = |text: &[u8]| core::str::from_utf8(text).ok()?.parse().ok();
    let wanted = env.arg("entries").and_then(number).unwrap_or(ENTRIES);
    let seed = env.arg("seed").and_then(number).unwrap_or(1);
    let style = Style::of_argument(env.arg("style"));
    let endpoints: EndpointFactory = take(env, "endpoints")?;
    let notifications: NotificationFactory = take(env, "notifications")?;
    // A neighbour that measures answers when it is ready. What it was asked through is given up, so
    // that the flood does not reach it.
    if let Ok(begin) = env.take_any("begin") {
        let mut nothing = Buffer::<64>::ZERO;
        begin.call(style.method(), &[], &[], &mut nothing.0)?;
    }
    // Things to misuse.
    let own = endpoints.create(1)?;
    let noted = notifications.create()?;
    let seen = entries::flood(env.transport(), &mut Random(seed), wanted, style)?;
    say!(
        script.console,
        "entries={} completions={} silent={} refused={}",
        seen.entries,
        seen.completions,
        seen.silent,
        seen.refused
    );
    let whole = seen.entries == seen.completions + seen.silent;
    script.holds("every entry completed once", whole)?;
    drop((own, noted));
    Ok(())
}

/// Calls that a neighbour makes while others do what they want.
const NEIGHBOURS_CALLS: u64 = 5000;

/// A program that only works: each of its calls is answered as it should be.
pub fn neighbour(env: &Env, script: &Script) -> Result<(), Failed> {
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    for number in 0..NEIGHBOURS_CALLS {
        echo(&peer, number)?;
    }
    say!(script.console, "calls={NEIGHBOURS_CALLS} answered");
    Ok(())
}

/// One call whose answer is checked.
fn echo(peer: &Peer, number: u64) -> Result<(), Failed> {
    let (words, _) = peer.ask(does::ECHO, [number, !number], With::Nothing)?;
    if words != [number, !number] {
        return Err(Failed("an answer is another's"));
    }
    Ok(())
}

static ARENA: Once<Buffer<4096>> = Once::new(Buffer::ZERO);

/// One program that holds a few capabilities and tries everything with them.
pub fn caps(env: &Env, script: &Script) -> Result<(), Failed> {
    let stats: SystemStats = take(env, "stats")?;
    let endpoints: EndpointFactory = take(env, "endpoints")?;
    let notifications: NotificationFactory = take(env, "notifications")?;
    let manager: CapabilityManager = take(env, "capabilities")?;
    let frames: FrameAllocator = take(env, "frames")?;
    let memory: VirtualMemory = take(env, "memory")?;
    let peer = Peer(env.take_any("peer").map_err(|_| Failed("peer"))?);
    peer.code(does::ECHO, [0; 2], With::Nothing)?;
    let before = stats.read()?;

    let mut forged = 0;
    for slot in 0..4096_u16 {
        for generation in [1, 2, 3, 0xf_ffff] {
            let cap = CapId::new(slot, generation);
            if env.entries().any(|entry| entry.cap == cap) {
                continue;
            }
            let call = capos_rt::transport::Call {
                cap,
                method: 0,
                params: &[0; 8],
                transfers: &[],
            };
            let mut results = Buffer::<64>::ZERO;
            use capos_rt::Transport;
            match env.transport().call(call, &mut results.0).map(|_| ()) {
                Err(Error::Transport(CapError::BadCap)) => forged += 1,
                _ => return Err(Failed("a forged id")),
            }
        }
    }
    say!(script.console, "forged ids refused={forged}");

    let Some(arena) = ARENA.take() else {
        return Err(Failed("memory"));
    };
    let mut random = Random(7);
    let mut sent = 0_u64;
    let targets: [&Cap<Ring>; 6] = [
        endpoints.cap(),
        notifications.cap(),
        manager.cap(),
        frames.cap(),
        memory.cap(),
        script.console.cap(),
    ];
    for cap in targets {
        for _ in 0..400 {
            garbage(cap, &mut random, arena);
            sent += 1;
        }
    }
    say!(script.console, "garbage messages={sent}");

    exhaust(
        script,
        &endpoints,
        &notifications,
        &manager,
        &frames,
        &memory,
    )?;
    let unheld = Cap::new(CapId::new(200, 9), 0, env.transport());
    let given = peer.ask(does::HOLD, [0; 2], With::Move(&unheld));
    let _ = unheld.into_id();
    script.refused("to give what is not held", CapError::Transfer, given)?;
    let ended = peer.ask(does::END, [0; 2], With::Nothing);
    script.refused(
        "a call to a server that dies",
        CapError::Disconnected,
        ended,
    )?;

    // The server has gone with its endpoint, its Console and its label.
    let after = stats.read()?;
    let left = after.each().zip(before.each());
    let kinds = [
        "endpoints",
        "notifications",
        "derivations",
        "memory_objects",
        "allocators",
        "labels",
    ];
    for ((name, after), (_, before)) in left {
        if after > before && kinds.contains(&name) {
            say!(script.console, "UNEXPECTED {name}={after}");
            return Err(Failed("something is left over"));
        }
    }
    let same = after.capabilities <= before.capabilities && after.calls == 0;
    script.holds("nothing is left over", same)
}

/// A message of random length and content, or one that nearly makes sense.
fn garbage(cap: &Cap<Ring>, random: &mut Random, arena: &mut Buffer<4096>) {
    let words = random.below(20) as usize;
    for chunk in arena.0.as_chunks_mut::<8>().0.iter_mut().take(words) {
        let word = match random.below(4) {
            0 => random.any(),
            1 => random.below(16),
            2 => random.below(4) << 32 | random.below(4) << 48 | random.below(8),
            _ => 0,
        };
        *chunk = word.to_le_bytes();
    }
    let (params, results) = arena.0.split_at_mut(2048);
    let bytes = words * 8 + (random.below(8) == 0) as usize;
    let room = [0, 8, 16, 64, 2048][random.below(5) as usize];
    // Notifications are polled, never waited for: nobody would signal.
    let method = random.below(6) as u16;
    let params = params.get(..bytes).unwrap_or(&[]);
    let results = results.get_mut(..room).unwrap_or(&mut []);
    // Whatever comes back is dropped, and capabilities with it.
    let _ = cap.call(method, params, &[], results);
}

/// Takes more of everything than a process may have.
fn exhaust(
    script: &Script,
    endpoints: &EndpointFactory,
    notifications: &NotificationFactory,
    manager: &CapabilityManager,
    frames: &FrameAllocator,
    memory: &VirtualMemory,
) -> Result<(), Failed> {
    let console: &Console = &script.console;
    all_of(script, "endpoints", 32, || endpoints.create(1))?;
    all_of(script, "notifications", 32, || notifications.create())?;
    all_of(script, "labels", 32, || console.derive("more"))?;
    all_of(script, "derivations", 64, || {
        manager.derive(endpoints.cap())
    })?;
    all_of(script, "memory objects", 16, || frames.allocate(1))?;
    all_of(script, "allocators", 8, || frames.derive(1))?;
    let mut ranges = [0; 17];
    let mut count = 0;
    for place in &mut ranges {
        if let Ok(range) = memory.reserve(1) {
            *place = range;
            count += 1;
        }
    }
    for range in ranges.into_iter().filter(|range| *range != 0) {
        memory.release(range)?;
    }
    script.holds("ranges end", count <= 16)
}

/// Makes things until that is refused, at most 70; says so, and gives all back.
fn all_of<T>(
    script: &Script,
    what: &'static str,
    most: usize,
    mut make: impl FnMut() -> Result<T, Error>,
) -> Result<(), Failed> {
    let mut made = [const { None }; 70];
    let mut refused = None;
    for place in &mut made {
        match make() {
            Ok(thing) => *place = Some(thing),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let count = made.iter().flatten().count();
    let quota = matches!(refused, Some(Error::Transport(CapError::Quota)));
    if !quota || count != most {
        say!(script.console, "UNEXPECTED {what}={count}");
        return Err(Failed("a quota"));
    }
    say!(script.console, "{what}={count}: CAP_ERR_QUOTA");
    Ok(())
}
