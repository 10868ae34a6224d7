//! The kernel's objects: processes, threads, capabilities, endpoints and the calls between them.
//!
//! This is one state machine. Programs move it through `enter` and `exit`, the processor through
//! `fault`, time through `expire`; it acts on the world only through `Machine`. Every entry that is
//! taken from a ring has a completion slot reserved, and completes exactly once.
//!
//! - `ring`: taking entries, posting completions, waiting.
//! - `endpoint`, `delivery`: calls between processes.
//! - `invoke` and the modules under it: calls to the kernel's own objects.
//! - `lifecycle`: starting and ending processes, and what happens to what they held.

mod calls;
mod delivery;
mod endpoint;
mod invoke;
mod lifecycle;
mod machine;
mod places;
mod ring;
#[cfg(test)]
mod tests;

pub use lifecycle::{BootError, End, FaultKind, InitGrant};
pub use machine::{
    BadAddress, BadCopy, BlockError, BlockFacts, LoadError, Machine, ProcessId, Scratch, Start,
    ThreadId,
};
pub use ring::Entered;

use capos_abi::ring::CQ_ENTRIES;

use crate::label::Label;
use calls::Calls;
use endpoint::Endpoint;
use lifecycle::Process;
use places::Places;
use ring::Thread;

/// Processes that can exist at once.
pub const PROCESSES: usize = 64;
/// Threads that can exist at once.
pub const THREADS: usize = 64;
/// Endpoints that can exist at once.
pub const ENDPOINTS: usize = 128;
/// Console labels that can exist at once.
pub const LABELS: usize = 128;
/// Calls that can be under way: each has a completion slot reserved, so there can be no more.
pub const CALLS: usize = THREADS * CQ_ENTRIES as usize;

/// Endpoints that one process may have made.
const ENDPOINT_QUOTA: u16 = 32;
/// Labels that one process may have derived.
const LABEL_QUOTA: u16 = 32;
/// Processes that one process may have started and still hold.
const CHILD_QUOTA: u16 = 48;
/// Frames that one process may own: 32 MiB.
const FRAME_QUOTA: usize = 8192;

/// All objects.
pub struct System {
    processes: Places<Process, PROCESSES>,
    threads: Places<Thread, THREADS>,
    endpoints: Places<Endpoint, ENDPOINTS>,
    labels: Places<LabelPlace, LABELS>,
    calls: Calls,
    last_number: u64,
    live_processes: usize,
    /// The place of init, and how it ended.
    init: Option<ProcessId>,
    status: Option<i32>,
    sleepers: usize,
}

/// Who pays for an object: the process number that made it (places are used again, numbers are not).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Payer {
    place: ProcessId,
    number: u64,
}

struct LabelPlace {
    label: Label,
    holders: u32,
    payer: Payer,
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl System {
    /// Nothing exists.
    pub const fn new() -> Self {
        const LABEL: LabelPlace = LabelPlace {
            label: Label::ROOT,
            holders: 0,
            payer: Payer {
                place: 0,
                number: 0,
            },
        };
        Self {
            processes: Places::new([const { Process::new() }; PROCESSES], Process::new()),
            threads: Places::new([const { Thread::new() }; THREADS], Thread::new()),
            endpoints: Places::new([const { Endpoint::new() }; ENDPOINTS], Endpoint::new()),
            labels: Places::new([const { LABEL }; LABELS], LABEL),
            calls: Calls::new(),
            last_number: 0,
            live_processes: 0,
            init: None,
            status: None,
            sleepers: 0,
        }
    }

    /// The process that a thread belongs to.
    pub fn process_of(&self, thread: ThreadId) -> ProcessId {
        self.threads.at(thread).process
    }

    /// Init's exit status, once the last process has ended; 255 if init did not exit by itself.
    pub fn finished(&self) -> Option<i32> {
        if self.live_processes == 0 {
            Some(self.status.unwrap_or(255))
        } else {
            None
        }
    }
}
