//! SystemStats: says what exists.

use capos_abi::CapError;
use capos_abi::generated::system_stats::{check_tables, read};
use capos_abi::wire::MessageWriter;

use super::{Reply, Request, bad_message, no_room};
use crate::system::{Machine, System};

/// Root pointer, a pointer, and the numbers.
const READ_RESULTS: usize = 8 * (2 + 22);
const CHECK_RESULTS: usize = 8 * (2 + 4);

impl System {
    pub(super) fn statistics<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        let mut message = MessageWriter::new(output);
        match request.method() {
            read::METHOD => {
                read::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(READ_RESULTS, 0)?;
                let facts = self.facts(machine);
                let mut results = read::ResultsWriter::root(&mut message).map_err(no_room)?;
                let mut stats = results.init_stats().map_err(no_room)?;
                stats.set_frames_free(facts.frames.free);
                stats.set_frames_owned(facts.frames.owned);
                stats.set_frames_shared(facts.frames.shared);
                stats.set_processes(facts.processes);
                stats.set_threads(facts.threads);
                stats.set_capabilities(facts.capabilities);
                stats.set_endpoints(facts.endpoints);
                stats.set_labels(facts.labels);
                stats.set_notifications(facts.notifications);
                stats.set_derivations(facts.derivations);
                stats.set_allocators(facts.allocators);
                stats.set_memory_objects(facts.memory_objects);
                stats.set_regions(facts.regions);
                stats.set_calls(facts.calls);
                stats.set_calls_queued(facts.calls_queued);
                stats.set_queue_bytes(facts.queue_bytes);
                stats.set_waiters(facts.waiters);
                stats.set_entries(facts.entries);
                stats.set_timer_interrupts(facts.counters.timer_interrupts);
                stats.set_processor_interrupts(facts.counters.processor_interrupts);
                stats.set_switches(facts.counters.switches);
                stats.set_spawns(facts.spawns);
            }
            check_tables::METHOD => {
                check_tables::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(CHECK_RESULTS, 0)?;
                let facts = machine.check_tables();
                let mut results =
                    check_tables::ResultsWriter::root(&mut message).map_err(no_room)?;
                let mut tables = results.init_tables().map_err(no_room)?;
                tables.set_spaces(facts.spaces);
                tables.set_pages(facts.pages);
                tables.set_executable(facts.executable);
                tables.set_violations(facts.violations);
            }
            _ => return Err(CapError::BadMethod),
        }
        Ok(Reply::Results(message.finish().len()))
    }
}
