//! A thousand programs come and go, and every number is what it was.

use capos_rt::client::{
    Grants, Interface, NotificationFactory, ProcessSpawner, Stats, SystemStats,
};
use capos_rt::{Env, say};

use crate::script::{Failed, Script, take};

/// Numbers that only grow.
const GROW: [&str; 4] = [
    "timer_interrupts",
    "processor_interrupts",
    "switches",
    "spawns",
];

const CHILDREN: u64 = 1000;

pub fn run(env: &Env, script: &Script) -> Result<(), Failed> {
    let spawner: ProcessSpawner = take(env, "spawner")?;
    let stats: SystemStats = take(env, "stats")?;
    let notifications: NotificationFactory = take(env, "notifications")?;
    // Each ends in another way: by itself, by a fault, holding things, with entries that wait.
    let ends = ["exit", "fault", "hold", "wait"];
    for _ in 0..2 {
        generation(&spawner, &notifications, &ends)?;
    }
    let before = stats.read()?;
    for _ in 0..CHILDREN / ends.len() as u64 {
        generation(&spawner, &notifications, &ends)?;
    }
    let after = stats.read()?;
    say!(script.console, "spawned={}", after.spawns - before.spawns);
    if let Some(name) = differs(&before, &after) {
        say!(script.console, "UNEXPECTED {name} differs");
        return Err(Failed("a number differs"));
    }
    say!(
        script.console,
        "frames_free={} capabilities={} entries={}",
        after.frames_free,
        after.capabilities,
        after.entries
    );
    script.holds(
        "every number is what it was",
        after.spawns - before.spawns == CHILDREN,
    )
}

fn generation(
    spawner: &ProcessSpawner,
    notifications: &NotificationFactory,
    ends: &[&str],
) -> Result<(), Failed> {
    for end in ends {
        let mut grants = Grants::default();
        grants.copy("notifications", notifications.cap())?;
        let child = spawner.spawn("mortal", [*end].into_iter(), grants)?;
        child.wait()?;
    }
    Ok(())
}

fn differs(before: &Stats, after: &Stats) -> Option<&'static str> {
    let mut both = before.each().zip(after.each());
    let found = both.find(|((name, before), (_, after))| before != after && !GROW.contains(name));
    found.map(|((name, _), _)| name)
}
