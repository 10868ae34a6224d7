//! Four-level page tables as data: walking, mapping, taking apart and checking them.
//!
//! Tables are reached through `TableMemory`, so that all of this runs on the host. The one rule that
//! every mapping keeps is W^X: an entry that is writable and executable cannot be made.

use crate::frames::{FRAME_BYTES, FRAMES_MAX, Frame};

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
    /// Makes a frame read-only in the direct map, because a program may run it from here on, or
    /// writable again. `false` where there is no memory for that; taking it back never fails.
    fn seal(&mut self, frame: Frame, sealed: bool) -> bool;
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

/// The last table on the way to a page, and the page's index in it.
fn leaf(memory: &impl TableMemory, root: Frame, virt: u64) -> Option<(Frame, usize)> {
    let mut table = root;
    for level in [3, 2, 1] {
        table = next(memory.get(table, index(virt, level)))?;
    }
    Some((table, index(virt, 0)))
}

/// Whether anything is mapped at a page of a program.
pub fn is_mapped(memory: &impl TableMemory, root: Frame, virt: u64) -> bool {
    let found = leaf(memory, root, virt);
    found.is_some_and(|(table, at)| memory.get(table, at) & PRESENT != 0)
}

/// Takes a page's mapping away; a frame that it owned is given back, the tables stay. The processor may
/// still remember the mapping: whoever calls this sees to that. Says whether there was one.
pub fn unmap(memory: &mut impl TableMemory, root: Frame, virt: u64) -> bool {
    let Some((table, at)) = leaf(memory, root, virt) else {
        return false;
    };
    let entry = memory.get(table, at);
    if entry & PRESENT == 0 {
        return false;
    }
    memory.set(table, at, 0);
    give_owned(memory, entry);
    true
}

/// Gives the frame behind an entry back, if the entry owns it. What could run is data again before
/// anybody else has it.
fn give_owned(memory: &mut impl TableMemory, entry: u64) {
    if entry & OWNED != 0
        && let Some(frame) = Frame::containing(entry & ADDRESS)
    {
        if entry & NO_EXECUTE == 0 {
            memory.seal(frame, false);
        }
        memory.give(frame);
    }
}

/// Changes what a program may do with a page that it owns; `false` where it owns none there, or there
/// is no memory to seal what it may run. As for `unmap`, the processor may remember.
pub fn protect(memory: &mut impl TableMemory, root: Frame, virt: u64, access: Access) -> bool {
    let Some((table, at)) = leaf(memory, root, virt) else {
        return false;
    };
    let entry = memory.get(table, at);
    let frame = Frame::containing(entry & ADDRESS);
    let (true, Some(frame)) = (entry & (PRESENT | OWNED) == PRESENT | OWNED, frame) else {
        return false;
    };
    let (ran, runs) = (entry & NO_EXECUTE == 0, access == Access::Execute);
    if ran != runs && !memory.seal(frame, runs) {
        return false;
    }
    let mapping = Mapping::user(access, true);
    memory.set(table, at, entry & ADDRESS | mapping.bits());
    true
}

/// Lets the kernel write a page of its own half, or not. A large page around it becomes small ones
/// first. `false` where there is no mapping, or no frame for that.
pub fn set_writable(memory: &mut impl TableMemory, root: Frame, virt: u64, writable: bool) -> bool {
    let mut table = root;
    for level in [3, 2, 1] {
        let at = index(virt, level);
        let entry = memory.get(table, at);
        table = match next(entry) {
            Some(table) => table,
            None if level == 1 && entry & (PRESENT | LARGE) == PRESENT | LARGE => {
                let Some(small) = memory.take() else {
                    return false;
                };
                let first = entry & ADDRESS;
                for page in 0..ENTRIES {
                    let phys = first.saturating_add((page as u64).saturating_mul(FRAME_BYTES));
                    memory.set(small, page, phys | entry & !(ADDRESS | LARGE));
                }
                memory.set(table, at, small.address() | PRESENT | WRITE);
                small
            }
            None => return false,
        };
    }
    let at = index(virt, 0);
    let entry = memory.get(table, at);
    if entry & PRESENT == 0 {
        return false;
    }
    let entry = if writable {
        entry | WRITE
    } else {
        entry & !WRITE
    };
    memory.set(table, at, entry);
    true
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
            None => give_owned(memory, entry),
        }
    }
    memory.give(table);
}

/// What a walk over page tables has found: a bit for each frame that some mapping lets run.
pub struct Walk {
    executable: [u64; WALK_WORDS],
    /// Mappings that were seen.
    pub pages: u64,
    /// Mappings that let such a frame be written.
    pub violations: u64,
    /// The first of them, by physical address.
    pub first: Option<u64>,
}

const WALK_WORDS: usize = FRAMES_MAX / 64;

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    /// Nothing found yet.
    pub const fn new() -> Self {
        Self {
            executable: [0; WALK_WORDS],
            pages: 0,
            violations: 0,
            first: None,
        }
    }

    /// Forgets what was found.
    pub fn clear(&mut self) {
        self.executable.fill(0);
        (self.pages, self.violations, self.first) = (0, 0, None);
    }

    /// Frames that some mapping lets run.
    pub fn executable(&self) -> u64 {
        let ones = self
            .executable
            .iter()
            .map(|word| u64::from(word.count_ones()));
        ones.fold(0, u64::saturating_add)
    }

    /// First over all tables: notes what can run.
    pub fn note_executable(&mut self, memory: &impl TableMemory, root: Frame) {
        each_leaf(memory, root, 3, &mut |entry, bytes| {
            if entry & NO_EXECUTE == 0 {
                for frame in frames(entry, bytes) {
                    if let Some(word) = self.executable.get_mut(frame / 64) {
                        *word |= 1 << (frame % 64);
                    }
                }
            }
        });
    }

    /// Then over all tables again: finds what can be written and runs somewhere.
    pub fn find_writable(&mut self, memory: &impl TableMemory, root: Frame) {
        each_leaf(memory, root, 3, &mut |entry, bytes| {
            self.pages = self.pages.saturating_add(1);
            let runs = |frame: usize| {
                let word = self.executable.get(frame / 64);
                word.is_some_and(|word| word & 1 << (frame % 64) != 0)
            };
            if entry & WRITE != 0 && frames(entry, bytes).any(runs) {
                self.violations = self.violations.saturating_add(1);
                self.first = self.first.or(Some(entry & ADDRESS));
            }
        });
    }
}

/// The numbers of the frames that an entry maps.
fn frames(entry: u64, bytes: u64) -> core::ops::Range<usize> {
    let first = (entry & ADDRESS) / FRAME_BYTES;
    let end = first.saturating_add(bytes / FRAME_BYTES);
    first as usize..end as usize
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
        ADDRESS, Access, ENTRIES, LARGE_BYTES, MapError, Mapping, TableMemory, WRITE, Walk,
        destroy, each_leaf, is_mapped, map, protect, set_writable, unmap, user_frame,
    };
    use crate::frames::Frame;

    struct Memory {
        tables: BTreeMap<Frame, Vec<u64>>,
        limit: usize,
        pages: BTreeSet<Frame>,
        sealed: BTreeSet<Frame>,
    }

    impl Memory {
        fn new(limit: usize) -> (Self, Frame) {
            let mut memory = Self {
                tables: BTreeMap::new(),
                limit,
                pages: BTreeSet::new(),
                sealed: BTreeSet::new(),
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

        fn seal(&mut self, frame: Frame, sealed: bool) -> bool {
            assert_eq!(self.sealed.contains(&frame), !sealed, "{frame:?}");
            if sealed {
                self.sealed.insert(frame)
            } else {
                self.sealed.remove(&frame)
            }
        }

        fn give(&mut self, frame: Frame) {
            assert!(!self.sealed.contains(&frame), "{frame:?} is still code");
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
            let mut walk = Box::new(Walk::new());
            walk.note_executable(memory, root);
            walk.find_writable(memory, root);
            (walk.executable(), walk.violations, walk.first)
        };
        assert_eq!(check(&memory), (1, 0, None));
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
        assert_eq!(check(&memory), (1, 1, Some(LARGE_BYTES)));
    }

    #[test]
    fn a_large_page_is_taken_apart_for_one_small_one() {
        let (mut memory, root) = Memory::new(10);
        let virt = 0xffff_8000_0020_0000;
        let data = Mapping::kernel(Access::Write);
        map(&mut memory, root, virt, LARGE_BYTES, data, true).unwrap();
        assert!(set_writable(&mut memory, root, virt + 0x5000, false));
        let mut seen = Vec::new();
        each_leaf(&memory, root, 3, &mut |entry, bytes| {
            seen.push((entry, bytes))
        });
        assert_eq!(seen.len(), 512);
        for (page, (entry, bytes)) in seen.into_iter().enumerate() {
            let phys = LARGE_BYTES + page as u64 * 0x1000;
            assert_eq!((entry & ADDRESS, bytes), (phys, 0x1000));
            assert_eq!(entry & WRITE != 0, page != 5);
        }
        assert!(set_writable(&mut memory, root, virt + 0x5000, true));
        assert!(!set_writable(&mut memory, root, virt + LARGE_BYTES, true));
    }

    #[test]
    fn pages_come_and_go_and_change() {
        let (mut memory, root) = Memory::new(10);
        let (own, borrowed) = (memory.page(7), Frame(8));
        let write = Mapping::user(Access::Write, true);
        map(&mut memory, root, 0x40_0000, own.address(), write, false).unwrap();
        let shared = Mapping::user(Access::Write, false);
        map(
            &mut memory,
            root,
            0x40_1000,
            borrowed.address(),
            shared,
            false,
        )
        .unwrap();
        assert!(protect(&mut memory, root, 0x40_0000, Access::Execute));
        assert_eq!(user_frame(&memory, root, 0x40_0000, true), None);
        assert_eq!(user_frame(&memory, root, 0x40_0000, false), Some(own));
        assert!(memory.sealed.contains(&own));
        assert!(
            !protect(&mut memory, root, 0x40_1000, Access::Execute),
            "not its own"
        );
        assert!(!protect(&mut memory, root, 0x40_2000, Access::Read));
        assert!(is_mapped(&memory, root, 0x40_1fff) && !is_mapped(&memory, root, 0x40_2000));
        assert!(unmap(&mut memory, root, 0x40_0000) && unmap(&mut memory, root, 0x40_1000));
        assert!(!unmap(&mut memory, root, 0x40_0000) && !unmap(&mut memory, root, u64::MAX));
        assert!(memory.pages.is_empty(), "the owned frame was given back");
        destroy(&mut memory, root);
        assert!(memory.tables.is_empty());
    }
}
