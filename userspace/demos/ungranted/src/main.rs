//! Asks for what it was not given, in every way that a program has.
//!
//! It holds a Console and both sides of an endpoint of its own (`own` and `facet`), so that there is
//! something to misuse.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod cases;
mod greed;
mod guesses;
mod probe;

use capos_rt::client::{Console, Endpoint};
use capos_rt::line::Line;
use capos_rt::{Cap, CapError, Env, Ring, say};
use core::fmt::Write;

capos_rt::program!(run);

/// Names that other programs have.
const OTHERS_NAMES: [&str; 5] = ["block", "boot", "endpoints", "spawner", "store"];

/// What this program was given.
struct Holdings {
    console: Console,
    own: Endpoint,
    facet: Cap<Ring>,
}

/// The first thing that was not refused as it had to be.
enum Failure {
    Accepted(&'static str),
    Refused(&'static str, i64),
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let (Ok(own), Ok(facet)) = (env.take::<Endpoint>("own"), env.take_any("facet")) else {
        say!(
            console,
            "failed: needs an endpoint \"own\" and a client of it, \"facet\""
        );
        return 1;
    };
    let holdings = Holdings {
        console,
        own,
        facet,
    };
    let console = &holdings.console;
    say_names(&env, console);
    for name in OTHERS_NAMES {
        match env.take_any(name) {
            Ok(_) => {
                say!(console, "ACCEPTED name={name}");
                return 1;
            }
            Err(why) => say!(console, "refused name={name}: {why}"),
        }
    }
    match guesses::run(&env, console)
        .and_then(|()| cases::run(&holdings))
        .and_then(|()| greed::run(console))
    {
        Ok(()) => {
            say!(console, "done");
            0
        }
        Err(Failure::Accepted(case)) => {
            say!(console, "ACCEPTED {case}");
            1
        }
        Err(Failure::Refused(case, code)) => {
            say!(console, "UNEXPECTED {case}: {}", name_of(code));
            1
        }
    }
}

fn say_names(env: &Env, console: &Console) {
    let mut line = Line::default();
    let mut separator = "holds ";
    for entry in env.entries() {
        let _ = write!(
            line,
            "{separator}{}",
            core::str::from_utf8(entry.name).unwrap_or("?")
        );
        separator = ",";
    }
    let _ = console.write_line(line.bytes());
}

/// The name of a negative result.
fn name_of(result: i64) -> &'static str {
    let error = i32::try_from(result).ok().and_then(CapError::from_result);
    error.map_or("an unknown code", CapError::name)
}

/// Checks that `result` is the refusal that it must be, and says so.
fn must_be(
    console: &Console,
    case: &'static str,
    expected: CapError,
    result: i64,
) -> Result<(), Failure> {
    if result >= 0 {
        return Err(Failure::Accepted(case));
    }
    if result != i64::from(expected.negated()) {
        return Err(Failure::Refused(case, result));
    }
    say!(console, "refused {case}: {}", expected.name());
    Ok(())
}
