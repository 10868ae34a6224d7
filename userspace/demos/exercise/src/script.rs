//! What every case does: take, check and say.

use capos_rt::client::{Console, Interface};
use capos_rt::transport::{Call, Transport};
use capos_rt::{Buffer, CapError, CapId, Env, Error, Ring, say};

/// The first thing that was not as it had to be.
pub struct Failed(pub &'static str);

/// Why a case cannot begin.
const WITHHELD: Failed = Failed("a grant is missing");

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        match error {
            Error::Transport(error) => Failed(error.name()),
            _ => Failed("a call that had to succeed"),
        }
    }
}

impl Failed {
    /// The program was not given what the case needs.
    pub fn is_withheld(&self) -> bool {
        self.0 == WITHHELD.0
    }
}

/// Says what was shown.
pub struct Script {
    pub console: Console,
}

impl Script {
    /// Checks that something holds, and says so.
    pub fn holds(&self, what: &'static str, holds: bool) -> Result<(), Failed> {
        if !holds {
            return Err(Failed(what));
        }
        say!(self.console, "{what}");
        Ok(())
    }

    /// Checks that something succeeded, and says so.
    pub fn works<T>(&self, what: &'static str, result: Result<T, Error>) -> Result<T, Failed> {
        match result {
            Ok(value) => {
                say!(self.console, "{what}");
                Ok(value)
            }
            Err(error) => {
                say!(self.console, "UNEXPECTED {what}: {error:#}");
                Err(Failed(what))
            }
        }
    }

    /// Checks that something was refused with this error, and says so.
    pub fn refused<T>(
        &self,
        what: &'static str,
        wanted: CapError,
        result: Result<T, Error>,
    ) -> Result<(), Failed> {
        match result {
            Err(Error::Transport(error)) if error == wanted => {
                say!(self.console, "{what}: {}", error.name());
                Ok(())
            }
            Err(error) => {
                say!(self.console, "UNEXPECTED {what}: {error:#}");
                Err(Failed(what))
            }
            Ok(_) => {
                say!(self.console, "ACCEPTED {what}");
                Err(Failed(what))
            }
        }
    }

    /// As `refused`, for a refusal that is an exception.
    pub fn exception<T>(&self, what: &'static str, result: Result<T, Error>) -> Result<(), Failed> {
        match result {
            Err(Error::Exception(exception)) => {
                say!(self.console, "{what}: {exception}");
                Ok(())
            }
            Err(_) | Ok(_) => Err(Failed(what)),
        }
    }

    /// Checks that a code that `peer` reports is this error.
    pub fn code(&self, what: &'static str, wanted: CapError, code: u64) -> Result<(), Failed> {
        if code != wanted.code() as u64 {
            say!(self.console, "UNEXPECTED {what}: {code}");
            return Err(Failed(what));
        }
        say!(self.console, "{what}: {}", wanted.name());
        Ok(())
    }
}

/// Takes a grant.
pub fn take<I: Interface<Ring>>(env: &Env, name: &str) -> Result<I, Failed> {
    env.take(name).map_err(|_| WITHHELD)
}

/// Looks for what was not granted under every id that it could have in a table as small as this
/// program's: nothing answers.
pub fn search(env: &Env) -> Result<(), Error> {
    for slot in 0..256 {
        for generation in 1..=4 {
            let cap = CapId::new(slot, generation);
            if env.entries().any(|entry| entry.cap == cap) {
                continue;
            }
            let call = Call {
                cap,
                method: 0,
                params: &[0; 8],
                transfers: &[],
            };
            let mut results = Buffer::<64>::ZERO;
            match env.transport().call(call, &mut results.0).map(|_| ()) {
                Err(Error::Transport(CapError::BadCap)) => (),
                found => return found,
            }
        }
    }
    Err(Error::Transport(CapError::BadCap))
}
