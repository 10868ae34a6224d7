//! Capability ids that nobody gave this program.

use crate::Failure;
use capos_rt::client::Console;
use capos_rt::transport::{Call, SmallBuffer};
use capos_rt::{CapError, CapId, Env, Error, Transport, say};

/// Slots that are tried, all of a table's, and generations of each.
const SLOTS: u16 = 256;
const GENERATIONS: u32 = 4;
/// Ids that no table can hold.
const IMPOSSIBLE: [u32; 3] = [0, 0x0000_0fff, u32::MAX];

/// Calls every id that is not in the CapSet.
pub fn run(env: &Env, console: &Console) -> Result<(), Failure> {
    let ids = (1..=GENERATIONS)
        .flat_map(|generation| (0..SLOTS).map(move |slot| CapId::new(slot, generation)));
    let held = |id: &CapId| env.entries().any(|entry| entry.cap == *id);
    let mut refused = 0;
    for cap in ids.chain(IMPOSSIBLE.map(CapId)).filter(|id| !held(id)) {
        let call = Call {
            cap,
            method: 0,
            params: &[0; 8],
            transfers: &[],
        };
        let mut results = SmallBuffer::ZERO;
        match env.transport().call(call, &mut results.0).map(|_| ()) {
            Err(Error::Transport(CapError::BadCap)) => refused += 1,
            Err(Error::Transport(error)) => {
                return Err(Failure::Refused("guess", i64::from(error.negated())));
            }
            Ok(()) | Err(_) => return Err(Failure::Accepted("guess")),
        }
    }
    say!(
        console,
        "refused guesses={refused}: {}",
        CapError::BadCap.name()
    );
    Ok(())
}
