use std::collections::{BTreeMap, BTreeSet};

use super::{
    ADDRESS, Access, ENTRIES, LARGE_BYTES, MapError, Mapping, TableMemory, WRITE, Walk, destroy,
    each_leaf, is_mapped, map, protect, set_writable, unmap, user_frame,
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
