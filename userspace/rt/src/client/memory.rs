//! Memory that is mapped into this program's address space: what a number would only name is a
//! [`Mapped`].

use super::{MemoryObject, MemoryReader, VirtualMemory};
use crate::error::Error;
use crate::mapped::Mapped;
use crate::transport::{SmallBuffer, Transport};

impl<T: Transport> MemoryObject<T> {
    /// How many pages it has.
    pub fn pages(&self) -> Result<u32, Error> {
        self.call_info(&mut SmallBuffer::zeroed().0)
    }

    /// Maps all of it.
    pub fn map(&self, writable: bool) -> Result<Mapped, Error> {
        let pages = self.pages()?;
        let address = self.call_map(writable, &mut SmallBuffer::zeroed().0)?;
        Ok(Mapped::new(address, pages, writable))
    }

    /// Takes a mapping of it away.
    pub fn unmap(&self, mapped: Mapped) -> Result<(), Error> {
        self.call_unmap(mapped.address(), &mut SmallBuffer::zeroed().0)
    }
}

impl<T: Transport> MemoryReader<T> {
    /// Maps all of it.
    pub fn map(&self) -> Result<Mapped, Error> {
        let pages = self.call_info(&mut SmallBuffer::zeroed().0)?;
        let address = self.call_map(&mut SmallBuffer::zeroed().0)?;
        Ok(Mapped::new(address, pages, false))
    }

    /// Takes a mapping of it away.
    pub fn unmap(&self, mapped: Mapped) -> Result<(), Error> {
        self.call_unmap(mapped.address(), &mut SmallBuffer::zeroed().0)
    }
}

impl<T: Transport> VirtualMemory<T> {
    /// Maps cleared memory in a part of a range.
    pub fn commit(&self, address: u64, pages: u32) -> Result<Mapped, Error> {
        self.call_commit(address, pages, &mut SmallBuffer::zeroed().0)?;
        Ok(Mapped::new(address, pages, true))
    }
}
