//! Programs' address spaces: making them from ELF files, reaching into them, taking them away.
//!
//! What a program names is looked up in its page tables and reached through the direct map. The
//! kernel never touches a user address itself, so SMAP stays on for ever and no copy can fault.

use capos_abi::layout::{CAPSET, RING, STACK_BYTES, STACK_TOP};
use capos_abi::{PAGE_SIZE, ring};
use capos_core::elf::{self, Segment};
use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::paging::{self, Access, Mapping, TableMemory};
use capos_core::system::{LoadError, MapError};

use crate::arch::phys::{self, Page, Span};
use crate::console;
use crate::memory::{self, Tables};
use reach::{Recent, chunk};

mod reach;

/// An address space.
pub struct Space {
    root: Frame,
    /// Frames that it owns, its tables included, and the most that it may own.
    frames: usize,
    limit: usize,
    /// Pages that were found lately to be readable, and those that were found writable. A mapping
    /// that is taken away or changed is forgotten here.
    readable: Recent,
    writable: Recent,
}

/// A program that was loaded.
pub struct Loaded {
    /// Its address space.
    pub space: Space,
    /// Its first thread's ring.
    pub ring: Page,
    /// Its first instruction.
    pub entry: u64,
}

impl Space {
    /// Loads the program in `file`, which lies page-aligned at `file_address` in physical memory and
    /// stays there. The program owns at most `limit` frames.
    pub fn load(
        file: &[u8],
        file_address: u64,
        capset: &[u8; PAGE_SIZE],
        limit: usize,
    ) -> Result<Loaded, LoadError> {
        let program = elf::parse(file).map_err(|_| LoadError::Elf)?;
        let mut tables = Tables { taken: 0, limit };
        let root = memory::new_space(&mut tables).ok_or(LoadError::Memory)?;
        let mut build = || -> Option<Frame> {
            for segment in program.segments() {
                match segment.access {
                    Access::Write => copy_segment(&mut tables, root, segment, file)?,
                    _ => borrow_segment(&mut tables, root, segment, file_address)?,
                }
            }
            let stack = (STACK_TOP - STACK_BYTES..STACK_TOP).step_by(PAGE_SIZE);
            for page in stack {
                own_page(&mut tables, root, page, Access::Write)?;
            }
            let page = own_page(&mut tables, root, CAPSET, Access::Read)?;
            phys::copy_to(page, 0, capset);
            let page = own_page(&mut tables, root, RING, Access::Write)?;
            phys::store32(Page::of(page), ring::at::MAGIC, ring::MAGIC);
            phys::store32(Page::of(page), ring::at::VERSION, ring::VERSION.into());
            Some(page)
        };
        match build() {
            Some(ring) => Ok(Loaded {
                space: Space {
                    root,
                    frames: tables.taken,
                    limit,
                    readable: Recent::new(),
                    writable: Recent::new(),
                },
                ring: Page::of(ring),
                entry: program.entry,
            }),
            None => {
                paging::destroy(&mut tables, root);
                Err(LoadError::Memory)
            }
        }
    }

    /// The top page table.
    pub fn root(&self) -> Frame {
        self.root
    }

    /// Gives everything back. No processor may have it loaded.
    pub fn destroy(self) {
        let mut tables = Tables {
            taken: self.frames,
            limit: 0,
        };
        paging::destroy(&mut tables, self.root);
        // The program has gone already, so there is nobody whom the loss could end.
        if tables.taken != 0 {
            console::kernel_line(format_args!(
                "{} frames of a program were lost",
                tables.taken
            ));
        }
    }

    /// Frames that it owns.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Maps cleared frames of its own from an address on, where nothing is mapped: all or none.
    pub fn commit(&mut self, address: u64, pages: u32) -> Result<(), MapError> {
        let root = self.root;
        self.map_pages(address, pages, |tables, page, _| {
            own_page(tables, root, page, Access::Write).ok_or(MapError::Memory)
        })
    }

    /// Maps frames that it does not own from an address on, where nothing is mapped: all or none.
    pub fn share(
        &mut self,
        address: u64,
        pages: u32,
        access: Access,
        frame: impl Fn(u32) -> Option<Frame>,
    ) -> Result<(), MapError> {
        let root = self.root;
        self.map_pages(address, pages, |tables, page, number| {
            let frame = frame(number).ok_or(MapError::Memory)?;
            let mapping = Mapping::user(access, false);
            let mapped = paging::map(tables, root, page, frame.address(), mapping, false);
            mapped.map_err(|_| MapError::Memory)?;
            Ok(frame)
        })
    }

    fn map_pages(
        &mut self,
        address: u64,
        pages: u32,
        map: impl Fn(&mut Tables, u64, u32) -> Result<Frame, MapError>,
    ) -> Result<(), MapError> {
        let mut tables = self.tables();
        let place = |number: u32| address.wrapping_add(u64::from(number).wrapping_mul(FRAME_BYTES));
        if (0..pages).any(|number| paging::is_mapped(&tables, self.root, place(number))) {
            return Err(MapError::Pages);
        }
        for number in 0..pages {
            if let Err(error) = map(&mut tables, place(number), number) {
                // Tables that were made stay: they are charged, and serve the next mapping.
                for mapped in 0..number {
                    paging::unmap(&mut tables, self.root, place(mapped));
                }
                self.frames = tables.taken;
                return Err(error);
            }
        }
        self.frames = tables.taken;
        Ok(())
    }

    /// Changes what the program may do with pages that it owns. Where there is no memory to seal code
    /// in the direct map, the first pages may have changed. As for `unmap`, the processor may remember
    /// the old mapping.
    pub fn protect(&mut self, address: u64, pages: u32, access: Access) -> Result<(), MapError> {
        let mut tables = self.tables();
        let place = |number: u32| address.wrapping_add(u64::from(number).wrapping_mul(FRAME_BYTES));
        if !(0..pages).all(|number| paging::is_mapped(&tables, self.root, place(number))) {
            return Err(MapError::Pages);
        }
        // What cannot be protected stays as it is: a page is never more than was asked for.
        let done =
            (0..pages).all(|number| paging::protect(&mut tables, self.root, place(number), access));
        self.forget();
        if done { Ok(()) } else { Err(MapError::Memory) }
    }

    /// Takes away whatever is mapped in a range. The processor may remember it until its tables are
    /// loaded again: whoever calls this sees to that before the program runs.
    pub fn unmap(&mut self, address: u64, pages: u32) {
        let mut tables = self.tables();
        for number in 0..pages {
            let page = address.wrapping_add(u64::from(number).wrapping_mul(FRAME_BYTES));
            paging::unmap(&mut tables, self.root, page);
        }
        self.frames = tables.taken;
        self.forget();
    }

    /// Its tables, charged to it.
    fn tables(&self) -> Tables {
        Tables {
            taken: self.frames,
            limit: self.limit,
        }
    }

    fn forget(&self) {
        self.readable.forget();
        self.writable.forget();
    }
}

fn own_page(tables: &mut Tables, root: Frame, page: u64, access: Access) -> Option<Frame> {
    let frame = tables.take()?;
    let mapping = Mapping::user(access, true);
    if paging::map(tables, root, page, frame.address(), mapping, false).is_err() {
        tables.give(frame);
        return None;
    }
    Some(frame)
}

/// A writable segment: pages of the program's own, with what the file has for them.
fn copy_segment(tables: &mut Tables, root: Frame, segment: &Segment, file: &[u8]) -> Option<()> {
    let from = usize::try_from(segment.file_offset).ok()?;
    let bytes = file.get(from..from.checked_add(usize::try_from(segment.file_bytes).ok()?)?)?;
    let mut rest = bytes;
    for page in (segment.first_page()..segment.end_page()).step_by(PAGE_SIZE) {
        let frame = own_page(tables, root, page, Access::Write)?;
        let (offset, len) = chunk(page.max(segment.address), rest.len());
        let (now, later) = rest.split_at_checked(len)?;
        Span::new(Page::of(frame), offset, len)?.write(now);
        rest = later;
    }
    Some(())
}

/// Any other segment: the pages of the boot module themselves.
fn borrow_segment(
    tables: &mut Tables,
    root: Frame,
    segment: &Segment,
    file_address: u64,
) -> Option<()> {
    let file_page = segment
        .file_offset
        .checked_sub(segment.file_offset % FRAME_BYTES)?;
    let first = file_address.checked_add(file_page)?;
    let pages = (segment.first_page()..segment.end_page()).step_by(PAGE_SIZE);
    for (page, phys) in pages.zip((first..u64::MAX).step_by(PAGE_SIZE)) {
        paging::map(
            tables,
            root,
            page,
            phys,
            Mapping::user(segment.access, false),
            false,
        )
        .ok()?;
    }
    Some(())
}
