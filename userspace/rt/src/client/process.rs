//! `ProcessSpawner` and `ProcessHandle`: starting programs and waiting for their end.

use super::{ProcessHandle, ProcessSpawner};
use crate::cap::Cap;
use crate::error::Error;
use crate::transport::{Buffer, SmallBuffer, Transport};
use capos_abi::generated::process_spawner::spawn;
use capos_abi::generated::{ProcessEndFault, ProcessEndWhich};
use capos_abi::limits::TRANSFERS;
use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};
use capos_abi::{CapError, PAGE_SIZE};
use core::fmt;

/// The capabilities that a new process gets: at most eight.
pub struct Grants<'g, T: Transport> {
    list: [Option<(&'g str, Grant<'g, T>)>; TRANSFERS],
    count: usize,
}

enum Grant<'g, T: Transport> {
    Copied(&'g Cap<T>),
    Moved(Cap<T>),
}

impl<'g, T: Transport> Default for Grants<'g, T> {
    fn default() -> Self {
        Self {
            list: [const { None }; TRANSFERS],
            count: 0,
        }
    }
}

impl<'g, T: Transport> Grants<'g, T> {
    /// The new process gets a copy. An error after the eighth grant.
    pub fn copy(&mut self, name: &'g str, cap: &'g Cap<T>) -> Result<(), Error> {
        self.add(name, Grant::Copied(cap))
    }

    /// The new process gets the capability itself. If it is not started, the capability is released
    /// with this list.
    pub fn give(&mut self, name: &'g str, cap: Cap<T>) -> Result<(), Error> {
        self.add(name, Grant::Moved(cap))
    }

    fn add(&mut self, name: &'g str, grant: Grant<'g, T>) -> Result<(), Error> {
        let place = self
            .list
            .get_mut(self.count)
            .ok_or(Error::Transport(CapError::Transfer))?;
        *place = Some((name, grant));
        self.count += 1;
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = (&'g str, TransferDescriptor)> {
        self.list.iter().flatten().map(|(name, grant)| {
            let (cap, flags) = match grant {
                Grant::Copied(cap) => (cap.id(), 0),
                Grant::Moved(cap) => (cap.id(), TRANSFER_MOVE),
            };
            (
                *name,
                TransferDescriptor {
                    cap: cap.0,
                    flags,
                    reserved: 0,
                },
            )
        })
    }

    /// What was moved now belongs to the new process.
    fn forget_moved(self) {
        for (_, grant) in self.list.into_iter().flatten() {
            if let Grant::Moved(cap) = grant {
                cap.into_id();
            }
        }
    }
}

impl<T: Transport> ProcessSpawner<T> {
    /// Starts `binary`. Its CapSet is exactly `grants`.
    pub fn spawn<'a>(
        &self,
        binary: &str,
        args: impl ExactSizeIterator<Item = &'a str>,
        grants: Grants<'_, T>,
    ) -> Result<ProcessHandle<T>, Error> {
        let mut transfers = [TransferDescriptor::default(); TRANSFERS];
        for ((_, descriptor), place) in grants.entries().zip(&mut transfers) {
            *place = descriptor;
        }
        let transfers = transfers.get(..grants.count).unwrap_or(&[]);
        let write = |mut params: spawn::ParamsWriter<'_>| {
            params.set_binary(binary)?;
            let mut texts = params.init_args(args.len())?;
            for (index, arg) in args.enumerate() {
                texts.set_text(index, arg)?;
            }
            let mut named = params.init_grants(grants.count)?;
            for (index, (name, _)) in grants.entries().enumerate() {
                let mut grant = named.get(index)?;
                grant.set_name(name)?;
                grant.set_cap(index as u32)?;
            }
            Ok(())
        };
        // Arguments have to fit a CapSet page, so they fit a buffer of one, other fields another.
        let mut params = Buffer::<{ 2 * PAGE_SIZE }>::ZERO;
        let mut results = SmallBuffer::ZERO;
        let handle = self.call_spawn(write, transfers, &mut params.0, &mut results.0)?;
        grants.forget_moved();
        Ok(handle)
    }
}

/// How a process ended. Printed as `exited status=0` or `faulted pageFault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessEnd(pub ProcessEndWhich);

impl ProcessEnd {
    /// True if the process gave this status to `exit`.
    pub fn is_exit(self, status: i32) -> bool {
        self.0 == ProcessEndWhich::Exited(status)
    }
}

impl fmt::Display for ProcessEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.0 {
            ProcessEndWhich::Exited(status) => return write!(out, "exited status={status}"),
            ProcessEndWhich::Faulted(fault) => fault,
        };
        out.write_str("faulted ")?;
        out.write_str(match fault {
            ProcessEndFault::PageFault => "pageFault",
            ProcessEndFault::Protection => "protection",
            ProcessEndFault::InvalidOpcode => "invalidOpcode",
            ProcessEndFault::Divide => "divide",
            ProcessEndFault::Other => "other",
        })
    }
}

impl<T: Transport> ProcessHandle<T> {
    /// Waits until the process has ended.
    pub fn wait(&self) -> Result<ProcessEnd, Error> {
        let end = self.call_wait(&mut SmallBuffer::zeroed().0)?.which()?;
        Ok(ProcessEnd(end))
    }
}
