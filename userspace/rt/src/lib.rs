//! The runtime of capos programs.
//!
//! A program is given a ring and a page of capabilities and nothing else. [`Env`] hands the
//! capabilities out as typed clients ([`client`]); [`serve`](server::serve) turns a program into a
//! server. Clients are written over [`Transport`], so that the same code can run where there is no
//! ring.
//!
//! Three layers of errors, never mixed: the operation failed ([`Error::Transport`]), the object
//! raised an exception ([`Error::Exception`]), or the answer is one of the cases of the method's
//! result union, which is an ordinary value.
//!
//! `unsafe` stands in five modules: `page` and `ring` (memory shared with the kernel), `mapped` (memory
//! shared with other programs), `system` (entry and system calls) and `once` (statics that are taken
//! once).
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod cap;
pub mod client;
pub mod env;
pub mod error;
mod generated;
pub mod line;
pub mod mapped;
pub mod once;
mod page;
#[cfg(target_os = "none")]
mod panic;
pub mod ring;
pub mod server;
pub mod system;
#[cfg(test)]
mod testing;
pub mod transport;

pub use cap::Cap;
pub use capos_abi::{CapError, CapId};
pub use env::{Env, NotGranted};
pub use error::{Error, Exception};
pub use once::Once;
pub use ring::Ring;
pub use transport::{Buffer, Transport};

/// Declares a program: `program!(run)` with `fn run(env: Env) -> i32`. What it returns is the exit
/// status.
#[macro_export]
macro_rules! program {
    ($main:path) => {
        // The one symbol that the runtime's entry looks for.
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        fn capos_program(env: $crate::Env) -> i32 {
            $main(env)
        }

        // Lets the host compile and lint programs, though it cannot run them.
        #[cfg(not(target_os = "none"))]
        fn main() {}
    };
}
