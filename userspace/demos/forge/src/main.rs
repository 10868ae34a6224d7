//! Tries to print what only others may print.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_rt::client::Console;
use capos_rt::{Env, say};

capos_rt::program!(run);

/// Labels that must be refused, and what to call them.
const BAD_LABELS: [(&str, &str); 6] = [
    ("kernel", "kernel"),
    ("empty", ""),
    ("long", "a-label-of-25-characters-"),
    ("upper-case", "Store"),
    ("bracket", "store] [kernel"),
    ("slash", "../init"),
];

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    say!(console, "[kernel] halted status=0");
    say!(console, "\r\n[store-client] committed");
    match console.derive("store-client") {
        Ok(derived) => say!(derived, "committed"),
        Err(error) => {
            say!(console, "failed: derive: {error:#}");
            return 1;
        }
    }
    for (name, label) in BAD_LABELS {
        match console.derive(label) {
            Err(error) => say!(console, "refused label={name}: {error}"),
            Ok(forged) => {
                say!(forged, "ACCEPTED label={name}");
                return 1;
            }
        }
    }
    say!(console, "done");
    0
}
