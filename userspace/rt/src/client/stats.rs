//! `SystemStats`: what exists in the whole system.

use super::SystemStats;
use crate::error::Error;
use crate::transport::{SmallBuffer, Transport};

/// Declares `Stats`: one field for each of the message's.
macro_rules! stats {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// What exists, and what has happened.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Stats {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Stats {
            /// Every field with its name.
            pub fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($field), self.$field),)*].into_iter()
            }

            fn read(found: capos_abi::generated::StatsReader<'_>) -> Self {
                Self { $($field: found.$field(),)* }
            }
        }
    };
}

stats! {
    /// Frames that nobody has.
    frames_free,
    /// Frames of processes.
    frames_owned,
    /// Frames of memory objects.
    frames_shared,
    /// Processes, ended ones that still have a handle included.
    processes,
    /// Threads.
    threads,
    /// Capabilities in all tables.
    capabilities,
    /// Endpoints.
    endpoints,
    /// Console labels.
    labels,
    /// Notifications.
    notifications,
    /// Derivations that can be taken back.
    derivations,
    /// Frame allocators.
    allocators,
    /// Memory objects.
    memory_objects,
    /// Ranges that programs reserved or mapped.
    regions,
    /// Calls to endpoints that are under way.
    calls,
    /// Those of them that wait in a queue.
    calls_queued,
    /// Bytes of their parameters.
    queue_bytes,
    /// Entries that wait for a call, an end or a signal.
    waiters,
    /// Entries that were taken and have not completed.
    entries,
    /// Interrupts of the timer so far.
    timer_interrupts,
    /// Interrupts from one processor to another so far.
    processor_interrupts,
    /// Times that a processor went to another thread.
    switches,
    /// Processes that were ever started.
    spawns,
}

/// What a walk over all page tables has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableCheck {
    /// Address spaces, the kernel's own included.
    pub spaces: u64,
    /// Mappings.
    pub pages: u64,
    /// Frames that somebody may execute.
    pub executable: u64,
    /// Mappings that let such a frame be written.
    pub violations: u64,
}

impl<T: Transport> SystemStats<T> {
    /// What exists now.
    pub fn read(&self) -> Result<Stats, Error> {
        Ok(Stats::read(self.call_read(&mut SmallBuffer::zeroed().0)?))
    }

    /// Walks all page tables.
    pub fn check_tables(&self) -> Result<TableCheck, Error> {
        let mut results = SmallBuffer::ZERO;
        let found = self.call_check_tables(&mut results.0)?;
        Ok(TableCheck {
            spaces: found.spaces(),
            pages: found.pages(),
            executable: found.executable(),
            violations: found.violations(),
        })
    }
}
