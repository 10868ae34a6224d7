//! What a program was given.

use crate::cap::Cap;
use crate::client::Interface;
use crate::error::Error;
use crate::ring::Ring;
use crate::transport::Transport;
use capos_abi::capset::{CapSet, Entry};
use core::cell::Cell;
use core::fmt;

/// Everything a program was started with: its capabilities and its arguments.
pub struct Env<T: Transport = Ring> {
    transport: T,
    capset: CapSet<'static>,
    process: u64,
    taken: Cell<u64>,
}

/// Why a capability is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGranted {
    /// Nobody gave this program a capability of that name.
    Name,
    /// There is one, of another interface.
    Interface,
    /// It has been taken before.
    Taken,
}

impl fmt::Display for NotGranted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            NotGranted::Name => "not granted",
            NotGranted::Interface => "granted with another interface",
            NotGranted::Taken => "already taken",
        })
    }
}

impl<T: Transport> Env<T> {
    /// The environment that the kernel describes.
    pub fn new(transport: T, capset: CapSet<'static>, process: u64) -> Self {
        Self {
            transport,
            capset,
            process,
            taken: Cell::new(0),
        }
    }

    /// What carries this program's calls.
    pub fn transport(&self) -> T {
        self.transport
    }

    /// The process's number, for people.
    pub fn process(&self) -> u64 {
        self.process
    }

    /// The capabilities, as the kernel listed them.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'static>> {
        self.capset.entries()
    }

    /// The arguments.
    pub fn args(&self) -> impl Iterator<Item = &'static [u8]> {
        self.capset.args()
    }

    /// The value of the argument `name=value`.
    pub fn arg(&self, name: &str) -> Option<&'static [u8]> {
        self.args()
            .find_map(|arg| arg.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
    }

    /// Takes a granted capability as a client of its interface.
    pub fn take<I: Interface<T>>(&self, name: &str) -> Result<I, NotGranted> {
        self.take_cap(name, Some(I::ID)).map(I::from_cap)
    }

    /// Takes a granted capability of any interface.
    pub fn take_any(&self, name: &str) -> Result<Cap<T>, NotGranted> {
        self.take_cap(name, None)
    }

    fn take_cap(&self, name: &str, interface: Option<u64>) -> Result<Cap<T>, NotGranted> {
        let mut entries = self.capset.entries().enumerate();
        let (index, entry) = entries
            .find(|(_, entry)| entry.name == name.as_bytes())
            .ok_or(NotGranted::Name)?;
        if interface.is_some_and(|id| id != entry.interface_id) {
            return Err(NotGranted::Interface);
        }
        // A CapSet has at most 64 entries.
        let bit = 1_u64 << (index % 64);
        if self.taken.replace(self.taken.get() | bit) & bit != 0 {
            return Err(NotGranted::Taken);
        }
        Ok(Cap::new(entry.cap, entry.interface_id, self.transport))
    }
}

/// What a program's `main` usually fails with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A call failed; what was being done.
    Call(&'static str, Error),
    /// A capability is missing.
    Missing(&'static str, NotGranted),
    /// Something else that one sentence says.
    Other(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Call(what, error) => write!(out, "{what}: {error:#}"),
            Failure::Missing(name, why) => write!(out, "{name}: {why}"),
            Failure::Other(what) => out.write_str(what),
        }
    }
}
