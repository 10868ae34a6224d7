//! The machine's memory: the free frames, the kernel's own page tables, and page tables in general.

use core::ops::Range;

use capos_core::frames::{FRAME_BYTES, Frame, Frames};
use capos_core::paging::{
    self, Access, KERNEL_HALF, LARGE_BYTES, MapError, Mapping, TableMemory, Walk,
};
use capos_core::system::TableFacts;

use crate::arch::phys::DIRECT_MAP;
use crate::arch::{cpu, image, phys};
use crate::boot::Boot;
use crate::console;
use crate::lock::Lock;

/// The free frames of the machine.
pub static FRAMES: Lock<Frames> = Lock::new(Frames::new());

/// Device registers are mapped from here on, one range behind the other.
const DEVICES: u64 = 0xffff_c000_0000_0000;

struct Kernel {
    root: Option<Frame>,
    next_device: u64,
}

static KERNEL: Lock<Kernel> = Lock::new(Kernel {
    root: None,
    next_device: DEVICES,
});

/// Page tables in physical memory. What they take is counted, so that it can be charged.
pub struct Tables {
    /// Frames taken and not given back.
    pub taken: usize,
    /// The most that may be taken.
    pub limit: usize,
}

impl Tables {
    /// Tables without a limit other than the machine's memory.
    pub const fn unlimited() -> Self {
        Self {
            taken: 0,
            limit: usize::MAX,
        }
    }
}

impl TableMemory for Tables {
    #[inline]
    fn get(&self, table: Frame, index: usize) -> u64 {
        phys::table_entry(table, index)
    }

    fn set(&mut self, table: Frame, index: usize, entry: u64) {
        phys::set_table_entry(table, index, entry);
    }

    fn take(&mut self) -> Option<Frame> {
        if self.taken >= self.limit {
            return None;
        }
        let frame = FRAMES.lock().take()?;
        self.taken = self.taken.saturating_add(1);
        phys::clear(frame);
        Some(frame)
    }

    fn seal(&mut self, frame: Frame, sealed: bool) -> bool {
        let Some(root) = kernel_root() else {
            return false;
        };
        let virt = DIRECT_MAP | frame.address();
        // What taking a large page apart costs is the kernel's, once for each.
        let done = paging::set_writable(&mut Tables::unlimited(), root, virt, !sealed);
        cpu::forget_page(virt);
        done
    }

    fn give(&mut self, frame: Frame) {
        self.taken = self.taken.saturating_sub(1);
        // A frame that is free already stays free: what is left of the mistake is a line for whoever
        // reads the console, not the end of every program.
        if let Err(mistake) = FRAMES.lock().give(frame) {
            console::kernel_line(format_args!(
                "frame {:#x} was given back twice",
                mistake.0.address()
            ));
        }
    }
}

/// Makes the kernel's own tables and goes over to them: code, constants and data each with its own
/// access, all usable memory in the direct map, where code, constants and the boot module are
/// read-only too.
pub fn start(boot: &mut Boot) {
    let in_place = boot.close_module();
    FRAMES.lock().start(&boot.info, image::physical());
    if !in_place {
        boot.move_module();
        console::kernel_line(format_args!(
            "the boot module was copied out of reserved memory"
        ));
    }
    let mut tables = Tables::unlimited();
    let root = tables.take().expect("no free memory at boot");
    let parts = [
        (image::text(), Access::Execute),
        (image::rodata(), Access::Read),
        (image::data(), Access::Write),
    ];
    for (range, access) in parts {
        for page in pages(&range).filter(|page| *page != image::stack_guard()) {
            must(paging::map(
                &mut tables,
                root,
                page,
                page - image::OFFSET,
                Mapping::kernel(access),
                false,
            ));
        }
    }
    map_memory(&mut tables, root, boot);
    // The tables under the kernel's half exist from here on, so that every program's top table can
    // copy their entries once.
    must(make_table(&mut tables, root, DEVICES));
    cpu::protect_pages();
    // SAFETY is `cpu`'s: the table is complete.
    crate::arch::load_kernel_root(root);
    check_tables(root);
    KERNEL.lock().root = Some(root);
}

static WALK: Lock<Walk> = Lock::new(Walk::new());

/// Walks the kernel's tables: no frame may run through one mapping and be writable through another.
fn check_tables(root: Frame) {
    if let (_, Some(frame)) = walk(|| core::iter::once(root)) {
        panic!("frame {frame:#x} is writable and executable");
    }
}

/// Walks all these tables; gives what was found, and the first frame that is writable somewhere and
/// executable somewhere. The kernel's half counts once for each space that has it.
pub fn walk<I: Iterator<Item = Frame>>(roots: impl Fn() -> I) -> (TableFacts, Option<u64>) {
    let mut walk = WALK.lock();
    walk.clear();
    let tables = Tables::unlimited();
    roots().for_each(|root| walk.note_executable(&tables, root));
    roots().for_each(|root| walk.find_writable(&tables, root));
    let facts = TableFacts {
        spaces: roots().fold(0, |spaces: u64, _| spaces.saturating_add(1)),
        pages: walk.pages,
        executable: walk.executable(),
        violations: walk.violations,
    };
    (facts, walk.first)
}

fn map_memory(tables: &mut Tables, root: Frame, boot: &Boot) {
    let physical = |range: Range<u64>| range.start - image::OFFSET..range.end - image::OFFSET;
    let module = boot.info.module.clone().unwrap_or(0..0);
    let read_only = [
        image::boot_part(),
        physical(image::text()),
        physical(image::rodata()),
        frames_of(&module),
    ];
    let overlaps = |start: u64, bytes: u64| {
        read_only
            .iter()
            .any(|range| start < range.end && range.start < start + bytes)
    };
    for range in boot.usable() {
        let end = range.end / FRAME_BYTES * FRAME_BYTES;
        let mut at = range.start.next_multiple_of(FRAME_BYTES);
        while at < end {
            let large =
                at % LARGE_BYTES == 0 && at + LARGE_BYTES <= end && !overlaps(at, LARGE_BYTES);
            let access = if overlaps(at, FRAME_BYTES) {
                Access::Read
            } else {
                Access::Write
            };
            let access = if large { Access::Write } else { access };
            match paging::map(
                tables,
                root,
                DIRECT_MAP + at,
                at,
                Mapping::kernel(access),
                large,
            ) {
                // Ranges of the firmware's map may overlap.
                Ok(()) | Err(MapError::Taken) => {}
                error => must(error),
            }
            at += if large { LARGE_BYTES } else { FRAME_BYTES };
        }
    }
}

/// Makes the second-level table for `address` by mapping and forgetting nothing: a page right at the
/// start of the range, which `map_device` never uses.
fn make_table(tables: &mut Tables, root: Frame, address: u64) -> Result<(), MapError> {
    let guard = tables.take().ok_or(MapError::NoFrame)?;
    KERNEL.lock().next_device = address + FRAME_BYTES;
    paging::map(
        tables,
        root,
        address,
        guard.address(),
        Mapping::kernel(Access::Read),
        false,
    )
}

/// Maps device registers, uncached and for ever; gives the virtual address of `address`.
pub fn map_device(address: u64, bytes: u64) -> Option<u64> {
    let mut kernel = KERNEL.lock();
    let root = kernel.root?;
    let end = address.checked_add(bytes)?.next_multiple_of(FRAME_BYTES);
    let start = address / FRAME_BYTES * FRAME_BYTES;
    let mapping = Mapping {
        device: true,
        ..Mapping::kernel(Access::Write)
    };
    let first = kernel.next_device;
    for page in (start..end).step_by(FRAME_BYTES as usize) {
        let virt = kernel.next_device;
        paging::map(&mut Tables::unlimited(), root, virt, page, mapping, false).ok()?;
        kernel.next_device += FRAME_BYTES;
    }
    // A page between two devices stays unmapped.
    kernel.next_device += FRAME_BYTES;
    Some(first + (address - start))
}

/// A new address space: an empty user half and the kernel's half.
pub fn new_space(tables: &mut Tables) -> Option<Frame> {
    let kernel = KERNEL.lock().root?;
    let root = tables.take()?;
    for index in KERNEL_HALF..paging::ENTRIES {
        let entry = phys::table_entry(kernel, index);
        if entry != 0 {
            phys::set_table_entry(root, index, entry);
        }
    }
    Some(root)
}

/// The kernel's own top table, for a processor that runs no program.
pub fn kernel_root() -> Option<Frame> {
    KERNEL.lock().root
}

fn must(result: Result<(), MapError>) {
    if let Err(reason) = result {
        panic!("the kernel's own memory cannot be mapped: {reason:?}");
    }
}

fn frames_of(range: &Range<u64>) -> Range<u64> {
    range.start / FRAME_BYTES * FRAME_BYTES..range.end.next_multiple_of(FRAME_BYTES)
}

fn pages(range: &Range<u64>) -> impl Iterator<Item = u64> + use<> {
    frames_of(range).step_by(FRAME_BYTES as usize)
}
