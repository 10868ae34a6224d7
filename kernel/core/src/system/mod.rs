//! The kernel's objects: processes, threads, capabilities, endpoints and the calls between them.
//!
//! This is one state machine. Programs move it through `enter` and `exit`, the processor through
//! `fault`, time through `expire`; it acts on the world only through `Machine`. Every entry that is
//! taken from a ring has a completion slot reserved, and completes exactly once.
//!
//! - `ring`: taking entries, posting completions, waiting.
//! - `endpoint`, `delivery`: calls between processes.
//! - `waiting`: entries that wait, and what ends them early.
//! - `invoke` and the modules under it: calls to the kernel's own objects.
//! - `notification`, `memory`: what those objects are, as far as it is more than a few lines.
//! - `revoke`: taking back what was derived.
//! - `lifecycle`: starting and ending processes, and what happens to what they held.
//! - `stats`: counting what exists.

mod calls;
mod delivery;
mod endpoint;
mod invoke;
mod lifecycle;
mod machine;
mod memory;
mod notification;
mod places;
mod revoke;
mod ring;
mod stats;
#[cfg(test)]
mod tests;
mod waiting;

pub use lifecycle::{BootError, End, FaultKind, InitGrant};
pub use machine::{
    BadAddress, BadCopy, BlockError, BlockFacts, Counters, FrameFacts, LoadError, Machine,
    MapError, ProcessId, Scratch, Start, TableFacts, ThreadId,
};
pub use ring::Entered;

use capos_abi::ring::CQ_ENTRIES;

use capos_abi::{CapError, CapId};

use crate::captable::Held;
use crate::label::Label;
use crate::revocation::Revocation;
use calls::Calls;
use endpoint::Endpoint;
use lifecycle::Process;
use memory::{Allocator, MemoryObject};
use notification::Notification;
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
/// Notifications that can exist at once.
pub const NOTIFICATIONS: usize = 128;
/// Frame allocators that can exist at once.
pub const ALLOCATORS: usize = 32;
/// Memory objects that can exist at once.
pub const MEMORY_OBJECTS: usize = 64;
/// Pages of one memory object: 2 MiB.
pub const MEMORY_PAGES: u32 = 512;
/// Calls that can be under way: each has a completion slot reserved, so there can be no more.
pub const CALLS: usize = THREADS * CQ_ENTRIES as usize;

/// Frames that one process may own: 32 MiB.
const FRAME_QUOTA: usize = 8192;

/// All objects.
pub struct System {
    processes: Places<Process, PROCESSES>,
    threads: Places<Thread, THREADS>,
    endpoints: Places<Endpoint, ENDPOINTS>,
    labels: Places<LabelPlace, LABELS>,
    notifications: Places<Notification, NOTIFICATIONS>,
    allocators: Places<Allocator, ALLOCATORS>,
    memory: Places<MemoryObject, MEMORY_OBJECTS>,
    revocation: Revocation,
    calls: Calls,
    /// The number of the process that was started last: how many there ever were.
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

impl Payer {
    /// The kernel, which keeps no account.
    const NOBODY: Payer = Payer {
        place: 0,
        number: 0,
    };
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
            payer: Payer::NOBODY,
        };
        Self {
            processes: Places::new([const { Process::new() }; PROCESSES], Process::new()),
            threads: Places::new([const { Thread::new() }; THREADS], Thread::new()),
            endpoints: Places::new([const { Endpoint::new() }; ENDPOINTS], Endpoint::new()),
            labels: Places::new([const { LABEL }; LABELS], LABEL),
            notifications: Places::new(
                [const { Notification::new() }; NOTIFICATIONS],
                Notification::new(),
            ),
            allocators: Places::new([const { Allocator::new() }; ALLOCATORS], Allocator::new()),
            memory: Places::new(
                [const { MemoryObject::new() }; MEMORY_OBJECTS],
                MemoryObject::new(),
            ),
            revocation: Revocation::new(),
            calls: Calls::new(),
            last_number: 0,
            live_processes: 0,
            init: None,
            status: None,
            sleepers: 0,
        }
    }

    /// The process that a thread belongs to.
    #[inline]
    pub fn process_of(&self, thread: ThreadId) -> ProcessId {
        self.threads.at(thread).process
    }

    /// What a capability of a process is, unless it is stale or was taken back.
    #[inline]
    fn resolve(&self, process: ProcessId, cap: CapId) -> Result<&Held, CapError> {
        let held = self.processes.at(process).table.get(cap);
        let held = held.ok_or(CapError::BadCap)?;
        if self.revocation.is_revoked(held.node) {
            return Err(CapError::Revoked);
        }
        Ok(held)
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
