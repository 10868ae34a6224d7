//! Four-level page tables as data: walking, mapping, taking apart and checking them.
//!
//! Tables are reached through `TableMemory`, so that all of this runs on the host. The one rule that
//! every mapping keeps is W^X: an entry that is writable and executable cannot be made.

use crate::frames::{FRAME_BYTES, Frame};

/// Entries of a table.
pub const ENTRIES: usize = 512;
/// Bytes that a large page maps.
pub const LARGE_BYTES: u64 = 1 << 21;
/// The first entry of a top table that belongs to the kernel.
pub const KERNEL_HALF: usize = 256;

const PRESENT: u64 = 1;
const WRITE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const UNCACHED: u64 = 1 << 3 | 1 << 4;
const LARGE: u64 = 1 << 7;
const GLOBAL: u64 = 1 << 8;
const OWNED: u64 = 1 << 9;
const NO_EXECUTE: u64 = 1 << 63;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// What a mapping allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
    /// Reading and executing.
    Execute,
}

/// How a mapping is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// What it allows.
    pub access: Access,
    /// Whether user mode may use it.
    pub user: bool,
    /// Whether the address space gives the frame back when it is taken apart.
    pub owned: bool,
    /// Device memory: not cached.
    pub device: bool,
}

impl Mapping {
    /// A mapping of the kernel.
    pub const fn kernel(access: Access) -> Self {
        Self {
            access,
            user: false,
            owned: false,
            device: false,
        }
    }

    /// A mapping of a program, of a frame that it owns or of one that it borrows.
    pub const fn user(access: Access, owned: bool) -> Self {
        Self {
            access,
            user: true,
            owned,
            device: false,
        }
    }

    const fn bits(self) -> u64 {
        let access = match self.access {
            Access::Read => NO_EXECUTE,
            Access::Write => NO_EXECUTE | WRITE,
            Access::Execute => 0,
        };
        let whose = if self.user { USER } else { GLOBAL };
        let owned = if self.owned { OWNED } else { 0 };
        let device = if self.device { UNCACHED } else { 0 };
        PRESENT | access | whose | owned | device
    }
}

/// Where tables live.
pub trait TableMemory {
    /// Reads an entry.
    fn get(&self, table: Frame, index: usize) -> u64;
    /// Writes an entry.
    fn set(&mut self, table: Frame, index: usize, entry: u64);
    /// A cleared frame for a new table, charged to whoever the mapping is for.
    fn take(&mut self) -> Option<Frame>;
    /// Gives a table's or an owned page's frame back.
    fn give(&mut self, frame: Frame);
}

/// Why a page cannot be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// No frame for a table.
    NoFrame,
    /// Something is mapped there.
    Taken,
}

/// Index into the table of `level` (3 is the top) for a virtual address.
#[inline]
fn index(virt: u64, level: u32) -> usize {
    (virt.wrapping_shr(level.wrapping_mul(9).wrapping_add(12)) & 0x1ff) as usize
}

#[inline]
fn next(entry: u64) -> Option<Frame> {
    if entry & PRESENT == 0 || entry & LARGE != 0 {
        None
    } else {
        Frame::containing(entry & ADDRESS)
    }
}

/// Maps the page at `virt` to the physical address `phys`; 4 KiB, or 2 MiB if `large`.
pub fn map(
    memory: &mut impl TableMemory,
    root: Frame,
    virt: u64,
    phys: u64,
    mapping: Mapping,
    large: bool,
) -> Result<(), MapError> {
    let mut table = root;
    let last = u32::from(large);
    for level in (last.saturating_add(1)..=3).rev() {
        let at = index(virt, level);
        let entry = memory.get(table, at);
        table = match next(entry) {
            Some(table) => table,
            None if entry & PRESENT != 0 => return Err(MapError::Taken),
            None => {
                let new = memory.take().ok_or(MapError::NoFrame)?;
                // Tables allow everything; the last level decides.
                let whose = if mapping.user { USER } else { 0 };
                memory.set(table, at, new.address() | PRESENT | WRITE | whose);
                new
            }
        };
    }
    let at = index(virt, last);
    if memory.get(table, at) & PRESENT != 0 {
        return Err(MapError::Taken);
    }
    let size = if large { LARGE } else { 0 };
    memory.set(table, at, phys & ADDRESS | mapping.bits() | size);
    Ok(())
}

/// The frame behind a page of a program, if user mode may read it (and write it, if `write`).
#[inline]
pub fn user_frame(memory: &impl TableMemory, root: Frame, virt: u64, write: bool) -> Option<Frame> {
    let mut table = root;
    for level in [3, 2, 1] {
        table = next(memory.get(table, index(virt, level)))?;
    }
    let entry = memory.get(table, index(virt, 0));
    let needed = PRESENT | USER | if write { WRITE } else { 0 };
    if entry & needed == needed {
        Frame::containing(entry & ADDRESS)
    } else {
        None
    }
}

/// Takes a program's half of an address space apart: gives every owned page, every table and the
/// top table back. The space must not be in use.
pub fn destroy(memory: &mut impl TableMemory, root: Frame) {
    for at in 0..KERNEL_HALF {
        if let Some(table) = next(memory.get(root, at)) {
            destroy_table(memory, table, 2);
        }
    }
    memory.give(root);
}

fn destroy_table(memory: &mut impl TableMemory, table: Frame, level: u32) {
    for at in 0..ENTRIES {
        let entry = memory.get(table, at);
        if entry & PRESENT == 0 {
            continue;
        }
        match level.checked_sub(1) {
            Some(below) => {
                if let Some(table) = next(entry) {
                    destroy_table(memory, table, below);
                }
            }
            None if entry & OWNED != 0 => {
                if let Some(frame) = Frame::containing(entry & ADDRESS) {
                    memory.give(frame);
                }
            }
            None => {}
        }
    }
    memory.give(table);
}

/// A frame that the tables let somebody write and somebody execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WritableAndExecutable(pub u64);

/// Checks that no frame which one mapping of `root` lets run is writable through another, the direct
/// map included. `is_writable` says whether any mapping lets a physical address be written.
pub fn check_write_xor_execute(
    memory: &impl TableMemory,
    root: Frame,
    is_writable: &dyn Fn(u64) -> bool,
) -> Result<(), WritableAndExecutable> {
    let mut found = Ok(());
    each_leaf(memory, root, 3, &mut |entry, bytes| {
        let start = entry & ADDRESS;
        let executable = entry & NO_EXECUTE == 0;
        let pages = bytes / FRAME_BYTES;
        let bad = executable
            && (entry & WRITE != 0
                || (0..pages).any(|page| {
                    is_writable(start.saturating_add(page.saturating_mul(FRAME_BYTES)))
                }));
        if bad && found.is_ok() {
            found = Err(WritableAndExecutable(start));
        }
    });
    found
}

/// Whether any mapping of `root` lets physical address `phys` be written.
pub fn maps_writable(memory: &impl TableMemory, root: Frame, phys: u64) -> bool {
    let mut found = false;
    each_leaf(memory, root, 3, &mut |entry, bytes| {
        let start = entry & ADDRESS;
        found |= entry & WRITE != 0 && (start..start.saturating_add(bytes)).contains(&phys);
    });
    found
}

fn each_leaf(memory: &impl TableMemory, table: Frame, level: u32, see: &mut dyn FnMut(u64, u64)) {
    for at in 0..ENTRIES {
        let entry = memory.get(table, at);
        if entry & PRESENT == 0 {
            continue;
        }
        match (next(entry), level.checked_sub(1)) {
            (Some(table), Some(below)) => each_leaf(memory, table, below, see),
            _ => see(entry, FRAME_BYTES << level.saturating_mul(9)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{
        Access, ENTRIES, LARGE_BYTES, MapError, Mapping, TableMemory, check_write_xor_execute,
        destroy, map, maps_writable, user_frame,
    };
    use crate::frames::Frame;

    struct Memory {
        tables: BTreeMap<Frame, Vec<u64>>,
        limit: usize,
        pages: BTreeSet<Frame>,
    }

    impl Memory {
        fn new(limit: usize) -> (Self, Frame) {
            let mut memory = Self {
                tables: BTreeMap::new(),
                limit,
                pages: BTreeSet::new(),
            };
            let root = memory.take().unwrap();
            (memory, root)
        }

        fn page(&mut self, number: u32) -> Frame {
            self.pages.insert(Frame(number));
            Frame(number)
        }
    }

    impl TableMemory for Memory {
        fn get(&self, table: Frame, index: usize) -> u64 {
            self.tables[&table][index]
        }

        fn set(&mut self, table: Frame, index: usize, entry: u64) {
            self.tables.get_mut(&table).unwrap()[index] = entry;
        }

        fn take(&mut self) -> Option<Frame> {
            if self.tables.len() >= self.limit {
                return None;
            }
            let frame = Frame(1000 + self.tables.len() as u32);
            self.tables.insert(frame, vec![0; ENTRIES]);
            Some(frame)
        }

        fn give(&mut self, frame: Frame) {
            assert!(
                self.tables.remove(&frame).is_some() || self.pages.remove(&frame),
                "{frame:?} given twice"
            );
        }
    }

    #[test]
    fn a_program_sees_what_was_mapped_and_no_more() {
        let (mut memory, root) = Memory::new(10);
        let data = memory.page(7);
        let write = Mapping::user(Access::Write, true);
        map(&mut memory, root, 0x40_0000, data.address(), write, false).unwrap();
        map(
            &mut memory,
            root,
            0x40_1000,
            8 << 12,
            Mapping::user(Access::Execute, false),
            false,
        )
        .unwrap();
        map(
            &mut memory,
            root,
            0x40_2000,
            9 << 12,
            Mapping::kernel(Access::Write),
            false,
        )
        .unwrap();
        assert_eq!(user_frame(&memory, root, 0x40_0fff, true), Some(Frame(7)));
        assert_eq!(user_frame(&memory, root, 0x40_1000, false), Some(Frame(8)));
        assert_eq!(user_frame(&memory, root, 0x40_1000, true), None);
        assert_eq!(user_frame(&memory, root, 0x40_2000, false), None);
        assert_eq!(user_frame(&memory, root, 0x40_3000, false), None);
        assert_eq!(user_frame(&memory, root, u64::MAX, false), None);
        assert_eq!(
            map(&mut memory, root, 0x40_0000, 0, write, false),
            Err(MapError::Taken)
        );
        destroy(&mut memory, root);
        assert!(memory.tables.is_empty() && memory.pages.is_empty());
    }

    #[test]
    fn running_out_of_tables_leaves_nothing_behind() {
        for limit in 1..4 {
            let (mut memory, root) = Memory::new(limit);
            let data = memory.page(7);
            let write = Mapping::user(Access::Write, true);
            assert_eq!(
                map(&mut memory, root, 0x40_0000, data.address(), write, false),
                Err(MapError::NoFrame)
            );
            destroy(&mut memory, root);
            assert!(memory.tables.is_empty());
        }
    }

    #[test]
    fn the_walker_finds_a_frame_that_is_code_here_and_data_there() {
        let (mut memory, root) = Memory::new(20);
        let direct = 0xffff_8000_0000_0000;
        let code = Mapping::kernel(Access::Execute);
        map(
            &mut memory,
            root,
            0xffff_ffff_8020_0000,
            LARGE_BYTES,
            code,
            false,
        )
        .unwrap();
        let check = |memory: &Memory| {
            check_write_xor_execute(memory, root, &|phys| maps_writable(memory, root, phys))
        };
        assert!(check(&memory).is_ok());
        let data = Mapping::kernel(Access::Write);
        map(
            &mut memory,
            root,
            direct + LARGE_BYTES,
            LARGE_BYTES,
            data,
            true,
        )
        .unwrap();
        assert_eq!(check(&memory).unwrap_err().0, LARGE_BYTES);
    }
}
