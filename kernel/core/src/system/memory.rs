//! Memory that programs share: allocators with quotas, the objects that they allocate, and what of
//! them is mapped where.

use capos_abi::CapError;

use super::{MEMORY_PAGES, Machine, MapError, Payer, ProcessId, System};
use crate::ledger::Class;
use crate::paging::Access;
use crate::regions::{Region, Use};

/// A quota of pages.
pub(super) struct Allocator {
    /// Pages that it may hand out.
    pub limit: u32,
    /// Pages in memory objects, and limits of the allocators that were derived from it.
    pub used: u32,
    /// Capabilities that name it.
    pub holders: u32,
    /// Memory objects and allocators that came out of it: it stays until they are gone.
    pub(super) children: u32,
    pub(super) parent: Option<u16>,
    pub(super) payer: Payer,
}

impl Allocator {
    pub const fn new() -> Self {
        Self {
            limit: 0,
            used: 0,
            holders: 0,
            children: 0,
            parent: None,
            payer: Payer::NOBODY,
        }
    }

    pub fn is_free(&self) -> bool {
        self.holders == 0 && self.children == 0
    }

    fn left(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// Memory behind capabilities.
pub(super) struct MemoryObject {
    pub pages: u32,
    /// Capabilities that name it.
    pub holders: u32,
    /// Address spaces' ranges in which it is mapped.
    pub(super) mapped: u32,
    pub(super) allocator: u16,
    pub(super) payer: Payer,
}

impl MemoryObject {
    pub const fn new() -> Self {
        Self {
            pages: 0,
            holders: 0,
            mapped: 0,
            allocator: 0,
            payer: Payer::NOBODY,
        }
    }

    pub fn is_free(&self) -> bool {
        self.holders == 0 && self.mapped == 0
    }
}

impl System {
    /// Makes an allocator out of what `parent` has left, or out of nothing; nobody holds it yet.
    /// `None` where there is no place or too little left.
    pub(super) fn new_allocator(
        &mut self,
        parent: Option<u16>,
        limit: u32,
        payer: Payer,
    ) -> Option<u16> {
        let place = self.allocators.find(Allocator::is_free)?;
        if let Some(parent) = parent {
            self.take_pages(parent, limit)?;
        }
        *self.allocators.at_mut(place) = Allocator {
            limit,
            parent,
            payer,
            ..Allocator::new()
        };
        Some(place)
    }

    /// Takes pages from an allocator for one thing that comes out of it.
    fn take_pages(&mut self, place: u16, pages: u32) -> Option<()> {
        let allocator = self.allocators.at_mut(place);
        if pages > allocator.left() {
            return None;
        }
        allocator.used = allocator.used.saturating_add(pages);
        allocator.children = allocator.children.saturating_add(1);
        Some(())
    }

    /// One capability less that names an allocator.
    pub(super) fn drop_allocator(&mut self, place: u16) {
        let allocator = self.allocators.at_mut(place);
        allocator.holders = allocator.holders.saturating_sub(1);
        self.free_allocators(place);
    }

    /// Gives one thing's pages back to the allocator that it came out of.
    fn give_pages(&mut self, place: u16, pages: u32) {
        let allocator = self.allocators.at_mut(place);
        allocator.used = allocator.used.saturating_sub(pages);
        allocator.children = allocator.children.saturating_sub(1);
        self.free_allocators(place);
    }

    /// Frees an allocator that nothing names any more, and then perhaps the one above it.
    fn free_allocators(&mut self, mut place: u16) {
        while self.allocators.at(place).is_free() {
            let gone = core::mem::replace(self.allocators.at_mut(place), Allocator::new());
            self.give_back(gone.payer, Class::Allocators);
            let Some(parent) = gone.parent else { return };
            let above = self.allocators.at_mut(parent);
            above.used = above.used.saturating_sub(gone.limit);
            above.children = above.children.saturating_sub(1);
            place = parent;
        }
    }

    /// Allocates a memory object; nobody holds it yet. Every step is taken back where a later one
    /// fails.
    pub(super) fn new_memory<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        allocator: u16,
        pages: u32,
    ) -> Result<u16, CapError> {
        let quota = CapError::Quota;
        if pages == 0 || pages > MEMORY_PAGES {
            return Err(quota);
        }
        let place = self.memory.find(MemoryObject::is_free).ok_or(quota)?;
        let payer = self.charge(process, Class::MemoryObjects)?;
        if self.take_pages(allocator, pages).is_none() {
            self.give_back(payer, Class::MemoryObjects);
            return Err(quota);
        }
        if !machine.make_memory(place, pages) {
            self.give_pages(allocator, pages);
            self.give_back(payer, Class::MemoryObjects);
            return Err(quota);
        }
        *self.memory.at_mut(place) = MemoryObject {
            pages,
            holders: 0,
            mapped: 0,
            allocator,
            payer,
        };
        Ok(place)
    }

    /// One capability less that names a memory object.
    pub(super) fn drop_memory<M: Machine>(&mut self, machine: &mut M, place: u16) {
        let memory = self.memory.at_mut(place);
        memory.holders = memory.holders.saturating_sub(1);
        self.free_memory_if_unused(machine, place);
    }

    fn free_memory_if_unused<M: Machine>(&mut self, machine: &mut M, place: u16) {
        if self.memory.at(place).is_free() {
            let gone = core::mem::replace(self.memory.at_mut(place), MemoryObject::new());
            machine.free_memory(place);
            self.give_pages(gone.allocator, gone.pages);
            self.give_back(gone.payer, Class::MemoryObjects);
        }
    }

    /// Takes a range of a process's address space.
    pub(super) fn add_region(
        &mut self,
        process: ProcessId,
        pages: u32,
        what: Use,
    ) -> Result<u64, CapError> {
        let payer = self.charge(process, Class::Regions)?;
        let place = self.processes.at_mut(process);
        match place.regions.add(pages, what) {
            Some(start) => Ok(start),
            None => {
                self.give_back(payer, Class::Regions);
                Err(CapError::Quota)
            }
        }
    }

    /// Maps all of a memory object, held so, into a process; gives the address.
    pub(super) fn map_memory<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        place: u16,
        node: u16,
        access: Access,
    ) -> Result<u64, CapError> {
        let pages = self.memory.at(place).pages;
        let start = self.add_region(process, pages, Use::Shared(place, node))?;
        // The range counts from here on, so that taking it back is one thing.
        self.revocation.hold(node);
        let memory = self.memory.at_mut(place);
        memory.mapped = memory.mapped.saturating_add(1);
        match machine.map_memory(process, start, place, access) {
            Ok(()) => Ok(start),
            Err(MapError::Memory | MapError::Pages) => {
                self.remove_region(machine, process, start);
                Err(CapError::Quota)
            }
        }
    }

    /// Takes away what is mapped in a range, and gives the range up. `None` where there is none.
    pub(super) fn remove_region<M: Machine>(
        &mut self,
        machine: &mut M,
        process: ProcessId,
        start: u64,
    ) -> Option<()> {
        let owner = self.processes.at_mut(process);
        let region = owner.regions.remove(start)?;
        owner.ledger.give_back(Class::Regions, 1);
        machine.unmap(process, region.start, region.pages);
        self.forget_region(machine, region);
        Some(())
    }

    /// Lets go of what a range had mapped.
    fn forget_region<M: Machine>(&mut self, machine: &mut M, region: Region) {
        if let Use::Shared(place, node) = region.what {
            let memory = self.memory.at_mut(place);
            memory.mapped = memory.mapped.saturating_sub(1);
            self.free_memory_if_unused(machine, place);
            self.drop_node(node);
        }
    }

    /// Takes away all ranges of a process that ends.
    pub(super) fn forget_regions<M: Machine>(&mut self, machine: &mut M, process: ProcessId) {
        loop {
            let first = self.processes.at(process).regions.each().next();
            let Some(region) = first else { return };
            self.remove_region(machine, process, region.start);
        }
    }

    /// Takes away every mapping that was made through a capability which was taken back.
    pub(super) fn unmap_revoked<M: Machine>(&mut self, machine: &mut M) {
        for process in self.processes.places() {
            loop {
                let revoked = |region: &Region| match region.what {
                    Use::Shared(_, node) => self.revocation.is_revoked(node),
                    Use::Own => false,
                };
                let found = self.processes.at(process).regions.each().find(revoked);
                let Some(region) = found else { break };
                self.remove_region(machine, process, region.start);
            }
        }
    }
}
