//! VirtualMemory: the caller's own address space.

use capos_abi::CapError;
use capos_abi::generated::virtual_memory::{commit, decommit, protect, release, reserve};
use capos_abi::generated::{CapExceptionType, MemoryAccess};
use capos_abi::wire::MessageWriter;

use super::{EMPTY_RESULTS, Reply, Request, bad_message, exception, invalid, no_room, nothing};
use crate::paging::Access;
use crate::regions::Use;
use crate::system::{Machine, MapError, System};

const ADDRESS_RESULTS: usize = 16;

impl System {
    pub(super) fn virtual_memory<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        let process = request.process;
        let done = match request.method() {
            reserve::METHOD => {
                let params = reserve::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(ADDRESS_RESULTS, 0)?;
                let start = self.add_region(process, params.pages(), Use::Own)?;
                let mut message = MessageWriter::new(output);
                let mut results = reserve::ResultsWriter::root(&mut message).map_err(no_room)?;
                results.set_address(start);
                return Ok(Reply::Results(message.finish().len()));
            }
            commit::METHOD => {
                let params = commit::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(EMPTY_RESULTS, 0)?;
                let (address, pages) = (params.address(), params.pages());
                self.in_own_region(request, address, pages)
                    .and_then(|()| machine.commit(process, address, pages))
            }
            protect::METHOD => {
                let params = protect::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(EMPTY_RESULTS, 0)?;
                let access = match params.access().map_err(bad_message)? {
                    MemoryAccess::Read => Access::Read,
                    MemoryAccess::Write => Access::Write,
                    MemoryAccess::Execute => Access::Execute,
                };
                let (address, pages) = (params.address(), params.pages());
                self.in_own_region(request, address, pages)
                    .and_then(|()| machine.protect(process, address, pages, access))
            }
            decommit::METHOD => {
                let params = decommit::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(EMPTY_RESULTS, 0)?;
                let (address, pages) = (params.address(), params.pages());
                self.in_own_region(request, address, pages)
                    .map(|()| machine.unmap(process, address, pages))
            }
            release::METHOD => {
                let params = release::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(EMPTY_RESULTS, 0)?;
                let region = self.processes.at(process).regions.at(params.address());
                match region.filter(|region| region.what == Use::Own) {
                    Some(region) => {
                        self.remove_region(machine, process, region.start);
                        Ok(())
                    }
                    None => Err(MapError::Pages),
                }
            }
            _ => return Err(CapError::BadMethod),
        };
        match done {
            Ok(()) => {
                let mut message = MessageWriter::new(output);
                commit::ResultsWriter::root(&mut message).map_err(no_room)?;
                Ok(nothing(message))
            }
            Err(MapError::Pages) => invalid(output, "the pages are not all fit for this"),
            Err(MapError::Memory) => exception(
                output,
                CapExceptionType::Overloaded,
                "there is not enough memory",
            ),
        }
    }

    fn in_own_region(
        &self,
        request: &Request<'_>,
        address: u64,
        pages: u32,
    ) -> Result<(), MapError> {
        let regions = &self.processes.at(request.process).regions;
        let region = regions.around(address, pages).ok_or(MapError::Pages)?;
        match region.what {
            Use::Own => Ok(()),
            Use::Shared(..) => Err(MapError::Pages),
        }
    }
}
