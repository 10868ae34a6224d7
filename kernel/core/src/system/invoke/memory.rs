//! FrameAllocator, MemoryObject and MemoryReader.

use capos_abi::CapError;
use capos_abi::generated::{frame_allocator, memory_object, memory_reader};
use capos_abi::wire::MessageWriter;

use super::{EMPTY_RESULTS, Reply, Request, bad_message, invalid, no_room, nothing};
use crate::captable::Held;
use crate::ledger::Class;
use crate::object::Object;
use crate::paging::Access;
use crate::regions::Use;
use crate::system::{Machine, System};

const ONE_CAP_RESULTS: usize = 16;
const NUMBER_RESULTS: usize = 16;

impl System {
    pub(super) fn frame_allocator<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        use frame_allocator::{allocate, derive, info};
        let mut message = MessageWriter::new(output);
        match request.method() {
            allocate::METHOD => {
                let params = allocate::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(ONE_CAP_RESULTS, 1)?;
                self.needs_slot(request)?;
                let mut results = allocate::ResultsWriter::root(&mut message).map_err(no_room)?;
                results.set_memory(0).map_err(no_room)?;
                let made = self.new_memory(machine, request.process, place, params.pages())?;
                self.memory.at_mut(made).holders = 1;
                Ok(request.one(message, Object::Memory(made)))
            }
            derive::METHOD => {
                let params = derive::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(ONE_CAP_RESULTS, 1)?;
                self.needs_slot(request)?;
                let mut results = derive::ResultsWriter::root(&mut message).map_err(no_room)?;
                results.set_allocator(0).map_err(no_room)?;
                let payer = self.charge(request.process, Class::Allocators)?;
                let Some(made) = self.new_allocator(Some(place), params.pages(), payer) else {
                    self.give_back(payer, Class::Allocators);
                    return Err(CapError::Quota);
                };
                self.allocators.at_mut(made).holders = 1;
                Ok(request.one(message, Object::FrameAllocator(made)))
            }
            info::METHOD => {
                info::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(NUMBER_RESULTS, 0)?;
                let mut results = info::ResultsWriter::root(&mut message).map_err(no_room)?;
                let allocator = self.allocators.at(place);
                results.set_limit(allocator.limit);
                results.set_used(allocator.used);
                Ok(Reply::Results(message.finish().len()))
            }
            _ => Err(CapError::BadMethod),
        }
    }

    /// Makes sure, before anything is done, that a capability finds a slot.
    fn needs_slot(&self, request: &Request<'_>) -> Result<(), CapError> {
        match self.processes.at(request.process).table.room() {
            0 => Err(CapError::Quota),
            _ => Ok(()),
        }
    }

    pub(super) fn memory_object<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        use memory_object::{info, map, reader, unmap};
        match request.method() {
            info::METHOD => {
                info::ParamsReader::read(request.input).map_err(bad_message)?;
                self.pages_of(request, place, output)
            }
            map::METHOD => {
                let params = map::ParamsReader::read(request.input).map_err(bad_message)?;
                let access = if params.writable() {
                    Access::Write
                } else {
                    Access::Read
                };
                self.map_by(machine, request, place, access, output)
            }
            unmap::METHOD => {
                let params = unmap::ParamsReader::read(request.input).map_err(bad_message)?;
                self.unmap_by(machine, request, place, params.address(), output)
            }
            reader::METHOD => {
                reader::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(ONE_CAP_RESULTS, 1)?;
                self.needs_slot(request)?;
                let mut message = MessageWriter::new(output);
                let mut results = reader::ResultsWriter::root(&mut message).map_err(no_room)?;
                results.set_reader(0).map_err(no_room)?;
                self.retain(Held::root(Object::Memory(place)));
                Ok(request.one(message, Object::MemoryReader(place)))
            }
            _ => Err(CapError::BadMethod),
        }
    }

    pub(super) fn memory_reader<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        use memory_reader::{info, map, unmap};
        match request.method() {
            info::METHOD => {
                info::ParamsReader::read(request.input).map_err(bad_message)?;
                self.pages_of(request, place, output)
            }
            map::METHOD => {
                map::ParamsReader::read(request.input).map_err(bad_message)?;
                self.map_by(machine, request, place, Access::Read, output)
            }
            unmap::METHOD => {
                let params = unmap::ParamsReader::read(request.input).map_err(bad_message)?;
                self.unmap_by(machine, request, place, params.address(), output)
            }
            _ => Err(CapError::BadMethod),
        }
    }

    // Both interfaces write the same results: a number of one word.

    fn pages_of(
        &self,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        request.needs(NUMBER_RESULTS, 0)?;
        let mut message = MessageWriter::new(output);
        let mut results =
            memory_object::info::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_pages(self.memory.at(place).pages);
        Ok(Reply::Results(message.finish().len()))
    }

    fn map_by<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        access: Access,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        request.needs(NUMBER_RESULTS, 0)?;
        let address = self.map_memory(machine, request.process, place, request.node, access)?;
        let mut message = MessageWriter::new(output);
        let mut results = memory_object::map::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_address(address);
        Ok(Reply::Results(message.finish().len()))
    }

    fn unmap_by<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        address: u64,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        request.needs(EMPTY_RESULTS, 0)?;
        let regions = &self.processes.at(request.process).regions;
        let ours = regions
            .at(address)
            .is_some_and(|region| matches!(region.what, Use::Shared(mapped, _) if mapped == place));
        if !ours {
            return invalid(output, "it is not mapped there");
        }
        self.remove_region(machine, request.process, address);
        let mut message = MessageWriter::new(output);
        memory_object::unmap::ResultsWriter::root(&mut message).map_err(no_room)?;
        Ok(nothing(message))
    }
}
