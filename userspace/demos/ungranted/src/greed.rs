//! More of a thing than any program may have.

use crate::{Failure, must_be};
use capos_rt::client::Console;
use capos_rt::{CapError, Error};

/// More Consoles than a table has slots for.
const MANY: usize = 300;

/// Derives Consoles until it is refused, gives them all back, and must then be served again.
pub fn run(console: &Console) -> Result<(), Failure> {
    let mut consoles = [const { None }; MANY];
    let mut refused = 0;
    for place in &mut consoles {
        match console.derive("more") {
            Ok(derived) => *place = Some(derived),
            Err(Error::Transport(error)) => {
                refused = i64::from(error.negated());
                break;
            }
            Err(_) => return Err(Failure::Refused("more-consoles", 0)),
        }
    }
    must_be(console, "more-consoles", CapError::Quota, refused)?;
    drop(consoles);
    match console.derive("again") {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::Refused("a-console-after-giving-back", 0)),
    }
}
