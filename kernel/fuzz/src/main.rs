//! Feeds the parsers what nobody would write, and keeps what reached something new.
//!
//! It needs no library but the compiler's: a pass of LLVM, which the stable compiler lets one name, counts the
//! edges that were taken and tells what was compared. Without these flags it runs blindly and says so.
//!
//! ```text
//! RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3
//!   -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-trace-compares"
//!   cargo run --release -- --cases 200000
//! ```
//!
//! The same seed and number of cases make the same run. What fails is made small, printed in hexadecimal, and
//! ends the run with 1: it belongs into the tests of what failed.
#![deny(unsafe_code)]

mod coverage;
mod engine;
mod lent;
mod random;
mod targets;

use engine::{Budget, fuzz};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use targets::TARGETS;

const USAGE: &str = "usage: capos-fuzz [--cases N | --seconds N] [--seed N] [TARGET]...";

struct Options {
    budget: Budget,
    seed: u64,
    names: Vec<String>,
}

fn options(mut given: impl Iterator<Item = String>) -> Option<Options> {
    let mut found = Options {
        budget: Budget::Cases(100_000),
        seed: 1,
        names: Vec::new(),
    };
    while let Some(word) = given.next() {
        let mut number = || given.next()?.parse::<u64>().ok();
        match word.as_str() {
            "--cases" => found.budget = Budget::Cases(number()?),
            "--seconds" => found.budget = Budget::Time(Duration::from_secs(number()?)),
            "--seed" => found.seed = number()?,
            name if TARGETS.iter().any(|target| target.name == name) => found.names.push(word),
            _ => return None,
        }
    }
    Some(found)
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("{USAGE}\ntargets: {}", names.join(", "));
        return ExitCode::from(2);
    };
    if !coverage::is_there() {
        println!("no coverage: compiled without the pass, so the inputs are blind");
    }
    // What a parser says when it panics is told once, with the smallest input.
    std::panic::set_hook(Box::new(|_| {}));
    let mut status = ExitCode::SUCCESS;
    for target in TARGETS {
        if !options.names.is_empty() && !options.names.iter().any(|name| name == target.name) {
            continue;
        }
        let began = Instant::now();
        let run = fuzz(target, options.budget, options.seed);
        println!(
            "{:<14} {:>9} cases, {:>4} kept, {:>4} edges, {:.1} s",
            target.name,
            run.cases,
            run.kept,
            run.edges,
            began.elapsed().as_secs_f64()
        );
        if let Some(failure) = run.failure {
            let hex: String = failure
                .input
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            println!(
                "FAILED: {}: {}\n  input: {hex}",
                target.name, failure.message
            );
            status = ExitCode::FAILURE;
        }
    }
    status
}
