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
mod tests;
