//! The smallest program that uses everything a program is born with: arguments, the Console, the ring,
//! a clean end.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_abi::limits::CONSOLE_LINE;
use capos_rt::client::Console;
use capos_rt::line::Line;
use capos_rt::{Env, Error, say};
use core::fmt::Write;

capos_rt::program!(run);

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    say!(console, "hello from ring 3");
    say_args(&env, &console);
    if env.args().any(|arg| arg == b"panic") {
        panic!("asked to");
    }
    match exercise(&env, &console) {
        Ok(()) => say!(console, "done"),
        Err(error) => {
            say!(console, "failed: {error:#}");
            return 1;
        }
    }
    env.arg("status").and_then(number).unwrap_or(0)
}

fn say_args(env: &Env, console: &Console) {
    let mut line = Line::default();
    let mut separator = "args=";
    for arg in env.args() {
        let text = core::str::from_utf8(arg).unwrap_or("?");
        let _ = write!(line, "{separator}{text}");
        separator = ",";
    }
    if line.bytes().is_empty() {
        let _ = line.write_str(separator);
    }
    let _ = console.write_line(line.bytes());
}

fn exercise(env: &Env, console: &Console) -> Result<(), Error> {
    let completed = env.transport().full_ring_of_nops();
    say!(console, "ring completed={completed}");
    console.write_line(b"escaped \x00\x1b[2J\x7f\xff")?;
    // The longest line there is.
    console.write_line(&[b'.'; CONSOLE_LINE])
}

fn number(text: &[u8]) -> Option<i32> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
