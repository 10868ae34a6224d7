//! Shows what the kernel promises of authority and memory, one case for each proof: `case=NAME`.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod hostile;
mod ipc;
mod leak;
mod memory;
mod notification;
mod pages;
mod revocation;
mod script;
mod transfer;

use capos_rt::client::Console;
use capos_rt::{CapError, Env, say};
use script::{Failed, Script};

capos_rt::program!(run);

/// A case: its name, and what shows it.
type Case = (&'static [u8], fn(&Env, &Script) -> Result<(), Failed>);

const CASES: [Case; 15] = [
    (b"ipc", ipc::run),
    (b"transfer", transfer::run),
    (b"rollback", transfer::rollback),
    (b"revocation", revocation::run),
    (b"notification", notification::run),
    (b"shared", memory::shared),
    (b"zerocopy", memory::zerocopy),
    (b"quota", memory::quota),
    (b"pages", pages::run),
    (b"wx", pages::write_xor_execute),
    (b"leak", leak::run),
    (b"ring", hostile::ring),
    (b"caps", hostile::caps),
    (b"neighbour", hostile::neighbour),
    (b"share", hostile::share::neighbour),
];

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let script = Script { console };
    let name = env.arg("case").unwrap_or(b"");
    let Some((_, show)) = CASES.iter().find(|(case, _)| *case == name) else {
        say!(script.console, "failed: there is no such case");
        return 1;
    };
    match show(&env, &script) {
        Ok(()) => {
            say!(script.console, "done");
            0
        }
        Err(failed) if failed.is_withheld() => {
            // A twin of a proof: the same program without the authority.
            let found = script::search(&env);
            let _ = script.refused(
                "what is not granted is under no id",
                CapError::BadCap,
                found,
            );
            1
        }
        Err(Failed(what)) => {
            say!(script.console, "FAILED {what}");
            1
        }
    }
}
