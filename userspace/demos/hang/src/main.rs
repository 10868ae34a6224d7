//! Prints a line and then nothing, for ever: waiting, or with `spin`, computing.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_rt::client::Console;
use capos_rt::{Env, say};

capos_rt::program!(run);

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    say!(console, "going quiet");
    if env.args().any(|arg| arg == b"spin") {
        loop {
            core::hint::spin_loop();
        }
    }
    env.transport().sleep_for_ever()
}
