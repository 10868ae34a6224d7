//! Says what the kernel's operations cost, the program's own part included: from before a message is
//! encoded to after its answer was checked.
//!
//! The figures are guest instructions where the machine counts them (`-icount shift=0,sleep=off`),
//! which the first line tells; otherwise they are time, and mean nothing.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod calls;
mod clock;
mod objects;

use capos_rt::client::Console;
use capos_rt::{Env, Error, say};
use clock::{cost, overhead, yardstick};

capos_rt::program!(run);

/// What a measurement needs to say its result.
pub struct Bench {
    console: Console,
    overhead: u64,
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
        say!(self.console, "{name}={}", cost / count);
        Ok(())
    }
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let seen = yardstick();
    let exact = (40_000..40_020).contains(&seen);
    let unit = if exact { "instructions" } else { "time" };
    say!(console, "unit={unit} yardstick={seen}");
    let bench = Bench {
        overhead: overhead(),
        console,
    };
    match calls::run(&env, &bench).and_then(|()| objects::run(&env, &bench)) {
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
