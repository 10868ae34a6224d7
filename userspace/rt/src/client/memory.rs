//! `FrameAllocator`, `MemoryObject`, `MemoryReader` and `VirtualMemory`.

use super::client;
use crate::error::Error;
use crate::mapped::Mapped;
use crate::transport::{Buffer, Reply, SmallBuffer, Transport};
use capos_abi::generated::{
    MemoryAccess, frame_allocator, memory_object, memory_reader, virtual_memory,
};
use capos_abi::wire::{MessageWriter, WireError};

client! {
    /// Allocates memory objects out of a quota.
    FrameAllocator of frame_allocator
}

client! {
    /// Memory that can be mapped, and given to others.
    MemoryObject of memory_object
}

client! {
    /// Memory that can be mapped for reading only.
    MemoryReader of memory_reader
}

client! {
    /// This program's own address space.
    VirtualMemory of virtual_memory
}

impl<T: Transport> FrameAllocator<T> {
    /// New memory of so many pages, cleared.
    pub fn allocate(&self, pages: u32) -> Result<MemoryObject<T>, Error> {
        use frame_allocator::allocate::{METHOD, ParamsWriter, ResultsReader};
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        ParamsWriter::root(&mut message)?.set_pages(pages);
        let mut results = SmallBuffer::ZERO;
        let mut reply = self.0.call(METHOD, message.finish(), &[], &mut results.0)?;
        let memory = ResultsReader::read(reply.payload)?.memory()?;
        reply.caps.take(memory)?.typed()
    }

    /// An allocator with a part of what this one has left.
    pub fn derive(&self, pages: u32) -> Result<FrameAllocator<T>, Error> {
        use frame_allocator::derive::{METHOD, ParamsWriter, ResultsReader};
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        ParamsWriter::root(&mut message)?.set_pages(pages);
        let mut results = SmallBuffer::ZERO;
        let mut reply = self.0.call(METHOD, message.finish(), &[], &mut results.0)?;
        let allocator = ResultsReader::read(reply.payload)?.allocator()?;
        reply.caps.take(allocator)?.typed()
    }

    /// Pages that it may hand out, and pages that it has handed out.
    pub fn info(&self) -> Result<(u32, u32), Error> {
        use frame_allocator::info::{METHOD, ParamsWriter, ResultsReader};
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        ParamsWriter::root(&mut message)?;
        let mut results = SmallBuffer::ZERO;
        let reply = self.0.call(METHOD, message.finish(), &[], &mut results.0)?;
        let info = ResultsReader::read(reply.payload)?;
        Ok((info.limit(), info.used()))
    }
}

impl<T: Transport> MemoryObject<T> {
    /// How many pages it has.
    pub fn pages(&self) -> Result<u32, Error> {
        let mut results = SmallBuffer::ZERO;
        let reply = self.ask(memory_object::info::METHOD, |_| Ok(()), &mut results)?;
        Ok(memory_object::info::ResultsReader::read(reply.payload)?.pages())
    }

    /// Maps all of it.
    pub fn map(&self, writable: bool) -> Result<Mapped, Error> {
        let pages = self.pages()?;
        let mut results = SmallBuffer::ZERO;
        let reply = self.ask(
            memory_object::map::METHOD,
            |message| {
                memory_object::map::ParamsWriter::root(message)?.set_writable(writable);
                Ok(())
            },
            &mut results,
        )?;
        let address = memory_object::map::ResultsReader::read(reply.payload)?.address();
        Ok(Mapped::new(address, pages, writable))
    }

    /// Takes a mapping of it away.
    pub fn unmap(&self, mapped: Mapped) -> Result<(), Error> {
        let mut results = SmallBuffer::ZERO;
        self.ask(
            memory_object::unmap::METHOD,
            |message| {
                memory_object::unmap::ParamsWriter::root(message)?.set_address(mapped.address());
                Ok(())
            },
            &mut results,
        )?;
        Ok(())
    }

    /// A facet of it that can only be read.
    pub fn reader(&self) -> Result<MemoryReader<T>, Error> {
        let mut results = SmallBuffer::ZERO;
        let mut reply = self.ask(memory_object::reader::METHOD, |_| Ok(()), &mut results)?;
        let reader = memory_object::reader::ResultsReader::read(reply.payload)?.reader()?;
        reply.caps.take(reader)?.typed()
    }

    fn ask<'r>(
        &self,
        method: u16,
        write: impl FnOnce(&mut MessageWriter<'_>) -> Result<(), WireError>,
        results: &'r mut SmallBuffer,
    ) -> Result<Reply<'r, T>, Error> {
        ask(&self.0, method, write, results)
    }
}

impl<T: Transport> MemoryReader<T> {
    /// Maps all of it.
    pub fn map(&self) -> Result<Mapped, Error> {
        use memory_reader::{info, map};
        let mut results = SmallBuffer::ZERO;
        let reply = ask(&self.0, info::METHOD, |_| Ok(()), &mut results)?;
        let pages = info::ResultsReader::read(reply.payload)?.pages();
        let mut results = SmallBuffer::ZERO;
        let reply = ask(&self.0, map::METHOD, |_| Ok(()), &mut results)?;
        let address = map::ResultsReader::read(reply.payload)?.address();
        Ok(Mapped::new(address, pages, false))
    }

    /// Takes a mapping of it away.
    pub fn unmap(&self, mapped: Mapped) -> Result<(), Error> {
        use memory_reader::unmap::{METHOD, ParamsWriter};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            ParamsWriter::root(message)?.set_address(mapped.address());
            Ok(())
        };
        ask(&self.0, METHOD, write, &mut results)?;
        Ok(())
    }
}

impl<T: Transport> VirtualMemory<T> {
    /// A range of so many pages, in which nothing is mapped yet; its address.
    pub fn reserve(&self, pages: u32) -> Result<u64, Error> {
        use virtual_memory::reserve::{METHOD, ParamsWriter, ResultsReader};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            ParamsWriter::root(message)?.set_pages(pages);
            Ok(())
        };
        let reply = ask(&self.0, METHOD, write, &mut results)?;
        Ok(ResultsReader::read(reply.payload)?.address())
    }

    /// Maps cleared memory in a part of a range.
    pub fn commit(&self, address: u64, pages: u32) -> Result<Mapped, Error> {
        use virtual_memory::commit::{METHOD, ParamsWriter};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            let mut params = ParamsWriter::root(message)?;
            params.set_address(address);
            params.set_pages(pages);
            Ok(())
        };
        ask(&self.0, METHOD, write, &mut results)?;
        Ok(Mapped::new(address, pages, true))
    }

    /// Changes what may be done with committed pages.
    pub fn protect(&self, address: u64, pages: u32, access: MemoryAccess) -> Result<(), Error> {
        use virtual_memory::protect::{METHOD, ParamsWriter};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            let mut params = ParamsWriter::root(message)?;
            params.set_address(address);
            params.set_pages(pages);
            params.set_access(access);
            Ok(())
        };
        ask(&self.0, METHOD, write, &mut results)?;
        Ok(())
    }

    /// Gives the memory of a part of a range back.
    pub fn decommit(&self, address: u64, pages: u32) -> Result<(), Error> {
        use virtual_memory::decommit::{METHOD, ParamsWriter};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            let mut params = ParamsWriter::root(message)?;
            params.set_address(address);
            params.set_pages(pages);
            Ok(())
        };
        ask(&self.0, METHOD, write, &mut results)?;
        Ok(())
    }

    /// Gives a whole range up.
    pub fn release(&self, address: u64) -> Result<(), Error> {
        use virtual_memory::release::{METHOD, ParamsWriter};
        let mut results = SmallBuffer::ZERO;
        let write = |message: &mut MessageWriter<'_>| {
            ParamsWriter::root(message)?.set_address(address);
            Ok(())
        };
        ask(&self.0, METHOD, write, &mut results)?;
        Ok(())
    }
}

/// Calls a method whose parameters `write` makes; without any, a null root is a struct of zeros.
fn ask<'r, T: Transport>(
    cap: &crate::cap::Cap<T>,
    method: u16,
    write: impl FnOnce(&mut MessageWriter<'_>) -> Result<(), WireError>,
    results: &'r mut SmallBuffer,
) -> Result<Reply<'r, T>, Error> {
    let mut params = Buffer::<32>::ZERO;
    let mut message = MessageWriter::new(&mut params.0);
    write(&mut message)?;
    let written = message.len().max(8);
    cap.call(
        method,
        params.0.get(..written).unwrap_or(&[]),
        &[],
        &mut results.0,
    )
}
