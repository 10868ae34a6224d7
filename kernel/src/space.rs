//! Programs' address spaces: making them from ELF files, reaching into them, taking them away.
//!
//! What a program names is looked up in its page tables and reached through the direct map. The
//! kernel never touches a user address itself, so SMAP stays on for ever and no copy can fault.

use capos_abi::layout::{CAPSET, RING, STACK_BYTES, STACK_TOP, USER_END};
use capos_abi::{PAGE_SIZE, ring};
use capos_core::elf::{self, Segment};
use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::paging::{self, Access, Mapping, TableMemory};
use capos_core::system::{BadAddress, BadCopy, LoadError};

use crate::arch::phys;
use crate::memory::{self, Tables};

/// An address space.
#[derive(Clone, Copy)]
pub struct Space {
    root: Frame,
    frames: usize,
}

/// A program that was loaded.
pub struct Loaded {
    /// Its address space.
    pub space: Space,
    /// The frame of its first thread's ring.
    pub ring: Frame,
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
            phys::store32(page, ring::at::MAGIC, ring::MAGIC);
            phys::store32(page, ring::at::VERSION, ring::VERSION.into());
            Some(page)
        };
        match build() {
            Some(ring) => Ok(Loaded {
                space: Space {
                    root,
                    frames: tables.taken,
                },
                ring,
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
        assert!(
            tables.taken == 0,
            "{} frames of a program were lost",
            tables.taken
        );
    }

    /// Copies out of the space.
    pub fn read(&self, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        let mut rest = into;
        let mut at = address;
        check_range(address, rest.len())?;
        while !rest.is_empty() {
            let (offset, len) = chunk(at, rest.len());
            let frame = self.frame(at, false).ok_or(BadAddress)?;
            let (now, later) = rest.split_at_mut(len);
            phys::copy_from(frame, offset, now);
            rest = later;
            at += len as u64;
        }
        Ok(())
    }

    /// Copies into the space, all or nothing.
    pub fn write(&self, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        if crosses(address, from.len()) && !self.allows(address, from.len(), true) {
            return Err(BadAddress);
        }
        let mut rest = from;
        let mut at = address;
        check_range(address, rest.len())?;
        while !rest.is_empty() {
            let (offset, len) = chunk(at, rest.len());
            let frame = self.frame(at, true).ok_or(BadAddress)?;
            let (now, later) = rest.split_at(len);
            phys::copy_to(frame, offset, now);
            rest = later;
            at += len as u64;
        }
        Ok(())
    }

    /// Whether the program may write (or read) the whole range.
    pub fn allows(&self, address: u64, len: usize, write: bool) -> bool {
        if check_range(address, len).is_err() {
            return false;
        }
        let end = address + len as u64;
        let first = address / FRAME_BYTES * FRAME_BYTES;
        len == 0
            || (first..end)
                .step_by(PAGE_SIZE)
                .all(|page| self.frame(page, write).is_some())
    }

    /// Copies from this space into another, all or nothing.
    pub fn copy(&self, from: u64, target: &Space, to: u64, len: usize) -> Result<(), BadCopy> {
        check_range(from, len).map_err(|_| BadCopy::Source)?;
        check_range(to, len).map_err(|_| BadCopy::Target)?;
        if crosses(from, len) || crosses(to, len) {
            if !self.allows(from, len, false) {
                return Err(BadCopy::Source);
            }
            if !target.allows(to, len, true) {
                return Err(BadCopy::Target);
            }
        }
        let mut done = 0;
        while done < len {
            let (source, sink) = (from + done as u64, to + done as u64);
            let (from_offset, most) = chunk(source, len - done);
            let (to_offset, part) = chunk(sink, most);
            let from_frame = self.frame(source, false).ok_or(BadCopy::Source)?;
            let to_frame = target.frame(sink, true).ok_or(BadCopy::Target)?;
            phys::copy_across((from_frame, from_offset), (to_frame, to_offset), part);
            done += part;
        }
        Ok(())
    }

    fn frame(&self, address: u64, write: bool) -> Option<Frame> {
        paging::user_frame(&Tables::unlimited(), self.root, address, write)
    }
}

/// Whether a range lies in the users' half.
fn check_range(address: u64, len: usize) -> Result<(), BadAddress> {
    match address.checked_add(len as u64) {
        Some(end) if end <= USER_END => Ok(()),
        _ => Err(BadAddress),
    }
}

/// Whether a range touches more than one page.
fn crosses(address: u64, len: usize) -> bool {
    (address % FRAME_BYTES) as usize + len > PAGE_SIZE
}

/// The offset of an address in its page, and how many of `len` bytes lie in that page.
fn chunk(address: u64, len: usize) -> (usize, usize) {
    let offset = (address % FRAME_BYTES) as usize;
    (offset, len.min(PAGE_SIZE - offset))
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
        let (now, later) = rest.split_at(len);
        phys::copy_to(frame, offset, now);
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
    let first = file_address + segment.file_offset - segment.file_offset % FRAME_BYTES;
    let pages = (segment.first_page()..segment.end_page()).step_by(PAGE_SIZE);
    for (page, phys) in pages.zip((first..).step_by(PAGE_SIZE)) {
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
