//! ProcessHandle: waits for a process to end.

use capos_abi::CapError;
use capos_abi::generated::process_handle::wait;
use capos_abi::generated::{ProcessEndFault, ProcessEndWriter};
use capos_abi::wire::{MessageWriter, WireError};

use super::{Reply, Request, bad_message, no_room};
use crate::system::lifecycle::{End, FaultKind, State};
use crate::system::waiting::Waiter;
use crate::system::{ProcessId, System};

/// Bytes of a `ProcessEnd` in a results message: root pointer, one pointer, one word of data.
pub(in crate::system) const WAIT_RESULTS: usize = 24;

impl System {
    pub(super) fn handle(
        &mut self,
        request: &Request<'_>,
        child: ProcessId,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != wait::METHOD {
            return Err(CapError::BadMethod);
        }
        wait::ParamsReader::read(request.input).map_err(bad_message)?;
        request.needs(WAIT_RESULTS, 0)?;
        let child = self.processes.at_mut(child);
        match child.state {
            State::Ended(end) => {
                let len = write_end(output, end).map_err(no_room)?;
                Ok(Reply::Results(len))
            }
            _ if child.waiter.is_some() => Err(CapError::Busy),
            _ => {
                child.waiter = Some(Waiter {
                    ticket: request.invocation.ticket(),
                    cap: request.invocation.entry.cap(),
                    results: request.invocation.entry.buffer(),
                });
                Ok(Reply::Later)
            }
        }
    }
}

/// Writes the results of `wait`; gives their length.
pub(in crate::system) fn write_end(output: &mut [u8], end: End) -> Result<usize, WireError> {
    let mut message = MessageWriter::new(output);
    let mut results = wait::ResultsWriter::root(&mut message)?;
    let mut body: ProcessEndWriter<'_> = results.init_end()?;
    match end {
        End::Exited(status) => body.set_exited(status),
        End::Faulted(kind) => body.set_faulted(match kind {
            FaultKind::Page => ProcessEndFault::PageFault,
            FaultKind::Protection => ProcessEndFault::Protection,
            FaultKind::Opcode => ProcessEndFault::InvalidOpcode,
            FaultKind::Divide => ProcessEndFault::Divide,
            FaultKind::Other => ProcessEndFault::Other,
        }),
    }
    Ok(message.finish().len())
}
