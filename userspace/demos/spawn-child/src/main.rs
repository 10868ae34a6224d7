//! A child that ends as it is told: `exit=<status>`, or `fault=<kind>`.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

mod faults;

use capos_rt::client::Console;
use capos_rt::{Env, say};

capos_rt::program!(run);

/// The status when nothing told the child how to end.
const NOT_TOLD: i32 = 3;

fn run(env: Env) -> i32 {
    // A child without a Console is silent and ends all the same.
    let console = env.take::<Console>("console").ok();
    if let Some(console) = &console {
        let arg = env
            .args()
            .next()
            .and_then(|arg| core::str::from_utf8(arg).ok());
        say!(console, "running {}", arg.unwrap_or("without an argument"));
    }
    if let Some(kind) = env.arg("fault") {
        faults::cause(kind);
        if let Some(console) = &console {
            say!(console, "SURVIVED");
        }
    }
    let status = env
        .arg("exit")
        .and_then(|text| core::str::from_utf8(text).ok());
    status
        .and_then(|text| text.parse().ok())
        .unwrap_or(NOT_TOLD)
}
