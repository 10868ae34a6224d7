//! Children that end as they should.

use crate::Failure;
use capos_rt::client::{Console, Grants, Interface, ProcessHandle, ProcessSpawner};
use capos_rt::line::Line;
use capos_rt::{Error, say};

const CHILD: &str = "spawn-child";

/// How to end, and what the parent must then see.
const ENDS: [(&str, &str); 14] = [
    ("exit=0", "exited status=0"),
    ("exit=7", "exited status=7"),
    ("exit=-1", "exited status=-1"),
    ("fault=null", "faulted pageFault"),
    ("fault=kernel", "faulted pageFault"),
    ("fault=text", "faulted pageFault"),
    ("fault=stack", "faulted pageFault"),
    ("fault=canonical", "faulted protection"),
    ("fault=halt", "faulted protection"),
    ("fault=interrupts", "faulted protection"),
    ("fault=port", "faulted protection"),
    ("fault=opcode", "faulted invalidOpcode"),
    ("fault=vector", "faulted invalidOpcode"),
    ("fault=divide", "faulted divide"),
];

/// Children one after the other.
const IN_TURN: usize = 32;
/// Children at the same time.
const AT_ONCE: usize = 8;

/// Starts a child with one argument and, if there is one, a Console.
pub fn start(
    spawner: &ProcessSpawner,
    arg: &str,
    console: Option<&Console>,
) -> Result<ProcessHandle, Error> {
    let mut grants = Grants::default();
    if let Some(console) = console {
        grants.copy("console", console.cap())?;
    }
    spawner.spawn(CHILD, [arg].into_iter(), grants)
}

/// Starts a child for each way to end.
pub fn run(console: &Console, spawner: &ProcessSpawner) -> Result<(), Failure> {
    let own = console
        .derive("child")
        .map_err(|error| Failure::Call("derive", error))?;
    for (arg, expected) in ENDS {
        let end = start(spawner, arg, Some(&own))
            .and_then(|handle| handle.wait())
            .map_err(|error| Failure::Call(arg, error))?;
        say!(console, "child {arg} {end}");
        if Line::format(format_args!("{end}")).bytes() != expected.as_bytes() {
            return Err(Failure::Ended(arg));
        }
    }
    Ok(())
}

/// Starts more children than a process has places for, in turn and at once.
pub fn many(console: &Console, spawner: &ProcessSpawner) -> Result<(), Failure> {
    for _ in 0..IN_TURN {
        let handle =
            start(spawner, "exit=5", None).map_err(|error| Failure::Call("start", error))?;
        let end = handle
            .wait()
            .map_err(|error| Failure::Call("wait", error))?;
        if !end.is_exit(5) {
            return Err(Failure::Ended("a child in turn"));
        }
    }
    say!(console, "children={IN_TURN} in turn, all exited status=5");
    let mut handles = [const { None }; AT_ONCE];
    for handle in &mut handles {
        *handle =
            Some(start(spawner, "exit=6", None).map_err(|error| Failure::Call("start", error))?);
    }
    for handle in handles.into_iter().flatten() {
        let end = handle
            .wait()
            .map_err(|error| Failure::Call("wait", error))?;
        if !end.is_exit(6) {
            return Err(Failure::Ended("a child among others"));
        }
    }
    say!(console, "children={AT_ONCE} at once, all exited status=6");
    Ok(())
}
