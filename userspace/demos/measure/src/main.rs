//! Says what the kernel's operations cost, the program's own part included: from before a message is
//! encoded to after its answer was checked.
//!
//! The figures are guest instructions where the machine counts them (`-icount`), which the first line
//! tells; otherwise they are time, and mean nothing.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod calls;
mod clock;
mod objects;
mod turns;

use capos_rt::client::{Console, NotificationFactory, ProcessSpawner};
use capos_rt::{Env, Error, say};
use clock::{YARDSTICK, cost, overhead, yardstick};

capos_rt::program!(run);

/// What a measurement needs to say its result.
pub struct Bench {
    console: Console,
    overhead: u64,
    /// Ticks of the counter for each instruction.
    ticks: u64,
}

impl Bench {
    /// Measures an operation, `count` times it if it does so many things at once, and says what one costs.
    pub fn measure(
        &self,
        name: &str,
        count: u64,
        operation: impl FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let cost = cost(self.overhead, operation)?;
        say!(self.console, "{name}={}", cost / self.ticks / count);
        Ok(())
    }
}

fn run(env: Env) -> i32 {
    if env.args().next() == Some(b"turns") {
        return turns::other(&env);
    }
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let seen = yardstick();
    let ticks = (seen / YARDSTICK).max(1);
    let exact = seen.is_multiple_of(ticks) && seen / ticks < YARDSTICK + 20 && seen >= YARDSTICK;
    let unit = if exact { "instructions" } else { "time" };
    say!(console, "unit={unit} yardstick={}", seen / ticks);
    let bench = Bench {
        ticks,
        overhead: overhead(),
        console,
    };
    match measure_all(&env, &bench) {
        Ok(()) => {
            say!(bench.console, "done");
            0
        }
        Err(error) => {
            say!(bench.console, "failed: {error:#}");
            1
        }
    }
}

fn measure_all(env: &Env, bench: &Bench) -> Result<(), Error> {
    let withheld = |_| Error::Capability;
    let factory = env.take::<NotificationFactory>("notifications");
    let factory = factory.map_err(withheld)?;
    let spawner = env.take::<ProcessSpawner>("spawner").map_err(withheld)?;
    calls::run(env, bench, &factory)?;
    turns::run(env, bench, &spawner, &factory)?;
    objects::run(env, bench, &spawner)
}
