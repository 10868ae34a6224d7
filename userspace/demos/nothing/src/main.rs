//! Ends at once: the least that a program can do.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_rt::Env;

capos_rt::program!(run);

fn run(_: Env) -> i32 {
    0
}
