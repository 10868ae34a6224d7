//! What every case does: take, check and say.

use capos_rt::client::{Console, Interface};
use capos_rt::{CapError, Env, Error, Ring, say};

/// The first thing that was not as it had to be.
pub struct Failed(pub &'static str);

impl From<Error> for Failed {
    fn from(_: Error) -> Self {
        Failed("a call that had to succeed")
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
    env.take(name).map_err(|_| Failed("a grant is missing"))
}
