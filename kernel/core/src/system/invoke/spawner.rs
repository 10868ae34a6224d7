//! ProcessSpawner: starts programs of the boot module.

use capos_abi::capset;
use capos_abi::generated::CapExceptionType;
use capos_abi::generated::process_spawner::spawn;
use capos_abi::wire::MessageWriter;
use capos_abi::{CapError, CapId, PAGE_SIZE, limits};

use super::{Reply, Request, bad_message, exception, invalid, no_room};
use crate::ledger::Class;
use crate::object::Object;
use crate::system::delivery::Transfers;
use crate::system::lifecycle::{State, valid_grant_name};
use crate::system::{FRAME_QUOTA, LoadError, Machine, ProcessId, Start, System, ThreadId};

const SPAWN_RESULTS: usize = 16;

/// Why a spawn is refused after its message was read.
enum Refused {
    Error(CapError),
    Invalid(&'static str),
}

impl From<CapError> for Refused {
    fn from(error: CapError) -> Self {
        Refused::Error(error)
    }
}

impl System {
    pub(super) fn spawner<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != spawn::METHOD {
            return Err(CapError::BadMethod);
        }
        let params = spawn::ParamsReader::read(request.input).map_err(bad_message)?;
        request.needs(SPAWN_RESULTS, 1)?;
        let name = params.binary().map_err(bad_message)?;
        let transfers = self.transfers(
            machine,
            request.process,
            &request.invocation.entry.outgoing(),
        )?;
        let Some(binary) = machine.binary(name) else {
            return invalid(output, "there is no binary of this name");
        };
        if self.processes.at(request.process).table.room() == 0 {
            return Err(CapError::Quota);
        }
        let Some((child, thread)) = self.free_places() else {
            return exception(
                output,
                CapExceptionType::Overloaded,
                "there are too many processes",
            );
        };

        let mut page = [0; PAGE_SIZE];
        let used = match self.grant(child, &params, &transfers, &mut page) {
            Ok(used) => used,
            Err(refused) => {
                self.processes.at_mut(child).table.clear();
                return match refused {
                    Refused::Error(error) => Err(error),
                    Refused::Invalid(reason) => invalid(output, reason),
                };
            }
        };
        let payer = match self.charge(request.process, Class::Children) {
            Ok(payer) => payer,
            Err(error) => {
                self.processes.at_mut(child).table.clear();
                return Err(error);
            }
        };
        let number = self.last_number.saturating_add(1);
        let start = Start {
            binary,
            process: child,
            thread,
            number,
            capset: &page,
            frames: FRAME_QUOTA,
        };
        if let Err(reason) = machine.load(&start) {
            self.give_back(payer, Class::Children);
            self.processes.at_mut(child).table.clear();
            return match reason {
                LoadError::Elf => exception(
                    output,
                    CapExceptionType::Failed,
                    "the binary is not a program",
                ),
                LoadError::Memory => exception(
                    output,
                    CapExceptionType::Overloaded,
                    "there is not enough memory",
                ),
            };
        }

        // From here on nothing fails.
        for (index, transfer) in (0_u32..limits::TRANSFERS as u32).zip(transfers.iter()) {
            match (used.wrapping_shr(index) & 1 != 0, transfer.moves) {
                (true, true) => {
                    self.processes
                        .at_mut(request.process)
                        .table
                        .remove(transfer.cap);
                }
                (true, false) => self.retain(transfer.held),
                (false, _) => {}
            }
        }
        self.begin(child, thread, payer);
        self.processes.at_mut(child).handles = 1;
        machine.wake(thread, 0);
        let mut message = MessageWriter::new(output);
        let mut results = spawn::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_handle(0).map_err(no_room)?;
        Ok(request.one(message, Object::ProcessHandle(child)))
    }

    /// A place for a process and one for its first thread.
    pub(in crate::system) fn free_places(&self) -> Option<(ProcessId, ThreadId)> {
        let process = self
            .processes
            .find(|process| process.state == State::Unused)?;
        let thread = self.threads.find(|thread| !thread.live)?;
        Some((process, thread))
    }

    /// Fills the new process's table and CapSet page, and says by bit which transfers it used. The
    /// objects do not count the new holder yet.
    fn grant(
        &mut self,
        child: ProcessId,
        params: &spawn::ParamsReader<'_>,
        transfers: &Transfers,
        page: &mut [u8; PAGE_SIZE],
    ) -> Result<u32, Refused> {
        let grants = params.grants().map_err(bad_message)?;
        let args = params.args().map_err(bad_message)?;
        if args.len() > limits::ARGS {
            return Err(Refused::Invalid("there are more than 16 arguments"));
        }
        if grants.len() > limits::TRANSFERS {
            return Err(Refused::Invalid("there are more than 8 grants"));
        }
        let mut builder = capset::Builder::new(page);
        let mut used = 0_u32;
        for (number, grant) in (0..limits::TRANSFERS).zip(grants.iter()) {
            let name = grant.name().map_err(bad_message)?;
            if !valid_grant_name(name) {
                return Err(Refused::Invalid("a grant's name is [a-z0-9-.]{1,32}"));
            }
            let mut earlier = (0..number).zip(grants.iter());
            if earlier.any(|(_, other)| other.name() == Ok(name)) {
                return Err(Refused::Invalid("two grants have one name"));
            }
            let index = grant.cap().map_err(bad_message)?;
            let transfer = transfers.get(index as usize).ok_or(CapError::Message)?;
            if used & 1 << index != 0 {
                return Err(Refused::Invalid(
                    "two grants name one capability of the transfer list",
                ));
            }
            used |= 1 << index;
            let table = &mut self.processes.at_mut(child).table;
            let cap: CapId = table.insert(transfer.held).ok_or(CapError::Quota)?;
            let interface_id = self.interface_of(transfer.held.object);
            builder
                .entry(name.as_bytes(), cap, interface_id)
                .map_err(|_| Refused::Invalid("the grants do not fit the CapSet"))?;
        }
        for arg in args.iter() {
            let arg = arg.map_err(bad_message)?;
            builder
                .arg(arg.as_bytes())
                .map_err(|_| Refused::Invalid("the arguments do not fit the CapSet"))?;
        }
        Ok(used)
    }
}
