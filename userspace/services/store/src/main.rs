//! The store as a program of its own: nothing lies between the volume and its disk.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_rt::Env;

capos_rt::program!(run);

fn run(env: Env) -> i32 {
    capos_store::run(env, |disk| disk)
}
