//! A service that starts children, sees how they end, and asks the spawner for what it must refuse.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod children;
mod hostile;

use capos_rt::client::{Console, ProcessSpawner};
use capos_rt::{Env, Error, say};
use core::fmt;

capos_rt::program!(run);

/// Why this program ends with 1.
enum Failure {
    Call(&'static str, Error),
    /// Something that must be refused was accepted.
    Accepted(&'static str),
    /// It was refused, for another reason than it should be.
    Refused(&'static str, Error),
    /// A child ended otherwise than it should.
    Ended(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Call(what, error) => write!(out, "failed: {what}: {error:#}"),
            Failure::Accepted(case) => write!(out, "ACCEPTED {case}"),
            Failure::Refused(case, error) => write!(out, "UNEXPECTED {case}: {error:#}"),
            Failure::Ended(what) => write!(out, "failed: {what} ended otherwise"),
        }
    }
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let Ok(spawner) = env.take::<ProcessSpawner>("spawner") else {
        say!(console, "failed: needs a spawner");
        return 1;
    };
    let done = children::run(&console, &spawner)
        .and_then(|()| hostile::run(&console, &spawner))
        .and_then(|()| children::many(&console, &spawner));
    match done {
        Ok(()) => {
            say!(console, "done");
            0
        }
        Err(failure) => {
            say!(console, "{failure}");
            1
        }
    }
}
