//! A machine of ordinary memory: every process has 256 KiB from address 0, and behind
//! `MAPPED_START` what it maps.
//!
//! Longer than most: one double of all that a machine does, which every test of the system plays on.

use std::collections::BTreeMap;

use capos_abi::PAGE_SIZE;
use capos_abi::layout::MAPPED_START;

use capos_abi::message::{RECORD_BYTES, padded};
use capos_abi::ring::{
    CQ_ENTRIES, CQE_BYTES, CQE_WORDS, Cqe, SQ_ENTRIES, SQE_BYTES, SQE_WORDS, Sqe,
};

use crate::paging::Access;
use crate::system::{
    BadAddress, BadCopy, BlockError, BlockFacts, Counters, Entered, FrameFacts, LoadError, Machine,
    MapError, PROCESSES, ProcessId, Scratch, Start, System, THREADS, TableFacts, ThreadId,
};

/// Where tests put parameters, transfer lists and results.
pub const IN: u64 = 0x1000;
pub const LIST: u64 = 0x2000;
pub const OUT: u64 = 0x3000;
/// Memory of a process; every address from here on is bad.
pub const MEMORY: usize = 0x4_0000;

#[derive(Clone)]
struct Ring {
    submissions: [[u8; SQE_BYTES]; SQ_ENTRIES as usize],
    completions: [[u8; CQE_BYTES]; CQ_ENTRIES as usize],
    sq_tail: u32,
    cq_head: u32,
    cq_tail: u32,
}

/// Frames for mapped pages and memory objects.
pub const FRAMES: usize = 256;

type Page = [u8; PAGE_SIZE];

/// What is mapped at a page behind `MAPPED_START`.
#[derive(Clone)]
enum Mapped {
    Own(Box<Page>),
    Shared(u16, usize),
}

pub struct Double {
    memory: Vec<Option<Vec<u8>>>,
    pages: BTreeMap<(ProcessId, u64), (Mapped, Access)>,
    objects: BTreeMap<u16, Vec<Page>>,
    /// Frames for mapped pages and memory objects.
    pub free: usize,
    rings: Vec<Option<Ring>>,
    pub woken: Vec<(ThreadId, i64)>,
    pub lines: Vec<(Vec<u8>, Vec<u8>)>,
    pub refuse_load: Option<LoadError>,
    scratch: Box<Scratch>,
}

impl Double {
    pub fn new() -> Self {
        Self {
            memory: vec![None; PROCESSES],
            pages: BTreeMap::new(),
            objects: BTreeMap::new(),
            free: FRAMES,
            rings: vec![None; THREADS],
            woken: Vec::new(),
            lines: Vec::new(),
            refuse_load: None,
            scratch: Box::default(),
        }
    }

    /// Frames that are not free.
    pub fn taken(&self) -> usize {
        let own = |(mapped, _): &&(Mapped, Access)| matches!(mapped, Mapped::Own(_));
        let objects: usize = self.objects.values().map(Vec::len).sum();
        objects + self.pages.values().filter(own).count()
    }

    /// The pages of a memory object, if it exists.
    pub fn pages_of(&self, place: u16) -> Option<u32> {
        self.objects.get(&place).map(|pages| pages.len() as u32)
    }

    pub fn put(&mut self, process: ProcessId, at: u64, bytes: &[u8]) {
        self.write(process, at, bytes).unwrap();
    }

    pub fn get(&self, process: ProcessId, at: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.read(process, at, &mut bytes).unwrap();
        bytes
    }

    /// The n-th capability record behind a completion's payload.
    pub fn record(&self, process: ProcessId, done: &Cqe, number: usize) -> u32 {
        let at = OUT + (padded(done.payload_len as usize) + number * RECORD_BYTES) as u64;
        u32::from_le_bytes(self.get(process, at, 4).try_into().unwrap())
    }

    pub fn offer(&mut self, thread: ThreadId, sqe: Sqe) {
        let ring = self.rings[thread as usize].as_mut().unwrap();
        ring.submissions[(ring.sq_tail % SQ_ENTRIES) as usize] = sqe.to_bytes();
        ring.sq_tail = ring.sq_tail.wrapping_add(1);
    }

    /// Sets the program's own indices, for programs that corrupt them.
    pub fn set_indices(&mut self, thread: ThreadId, sq_tail: u32, cq_head: u32) {
        let ring = self.rings[thread as usize].as_mut().unwrap();
        (ring.sq_tail, ring.cq_head) = (sq_tail, cq_head);
    }

    pub fn take(&mut self, thread: ThreadId) -> Option<Cqe> {
        let ring = self.rings[thread as usize].as_mut().unwrap();
        if ring.cq_head == ring.cq_tail {
            return None;
        }
        let bytes = ring.completions[(ring.cq_head % CQ_ENTRIES) as usize];
        ring.cq_head = ring.cq_head.wrapping_add(1);
        Some(Cqe::from_bytes(&bytes))
    }

    pub fn is_loaded(&self, process: ProcessId) -> bool {
        self.memory[process as usize].is_some()
    }

    pub fn enter(&mut self, system: &mut System, thread: ThreadId, completions: u32) -> Entered {
        self.enter_until(system, thread, completions, None)
    }

    pub fn enter_until(
        &mut self,
        system: &mut System,
        thread: ThreadId,
        completions: u32,
        deadline: Option<u64>,
    ) -> Entered {
        let mut scratch = std::mem::take(&mut self.scratch);
        let entered = system.enter(self, &mut scratch, thread, completions);
        self.scratch = scratch;
        if matches!(entered, Entered::Short(_)) {
            system.wait(thread, completions, deadline);
        }
        entered
    }
}

impl Double {
    fn byte(&self, process: ProcessId, address: u64) -> Option<u8> {
        let memory = self.memory[process as usize].as_ref()?;
        if address < MAPPED_START {
            return memory.get(address as usize).copied();
        }
        let (page, at) = (address / PAGE_SIZE as u64, address as usize % PAGE_SIZE);
        match &self.pages.get(&(process, page))?.0 {
            Mapped::Own(bytes) => Some(bytes[at]),
            Mapped::Shared(place, index) => Some(self.objects[place][*index][at]),
        }
    }

    fn can_write(&self, process: ProcessId, address: u64) -> bool {
        let page = self.pages.get(&(process, address / PAGE_SIZE as u64));
        address < MEMORY as u64 || page.is_some_and(|(_, access)| *access == Access::Write)
    }

    fn byte_mut(&mut self, process: ProcessId, address: u64) -> Option<&mut u8> {
        if address < MAPPED_START {
            return self.memory[process as usize]
                .as_mut()?
                .get_mut(address as usize);
        }
        let (page, at) = (address / PAGE_SIZE as u64, address as usize % PAGE_SIZE);
        match &mut self.pages.get_mut(&(process, page))?.0 {
            Mapped::Own(bytes) => Some(&mut bytes[at]),
            Mapped::Shared(place, index) => Some(&mut self.objects.get_mut(place)?[*index][at]),
        }
    }
}

/// Where something was found to be writable.
#[derive(Clone, Copy)]
pub struct Landing {
    process: ProcessId,
    address: u64,
    len: usize,
}

impl Machine for Double {
    type Ring = ThreadId;
    type Landing = Landing;

    fn ring(&self, thread: ThreadId) -> Option<ThreadId> {
        self.rings[thread as usize].as_ref().map(|_| thread)
    }

    fn indices(&self, thread: ThreadId) -> (u32, u32) {
        let ring = self.rings[thread as usize].as_ref().unwrap();
        (ring.sq_tail, ring.cq_head)
    }

    fn submission(&self, thread: ThreadId, slot: u32) -> [u64; SQE_WORDS] {
        let ring = self.rings[thread as usize].as_ref().unwrap();
        let (words, _) = ring.submissions[slot as usize].as_chunks();
        core::array::from_fn(|at| u64::from_ne_bytes(words[at]))
    }

    fn post(&mut self, thread: ThreadId, slot: u32, entry: [u64; CQE_WORDS]) {
        let ring = self.rings[thread as usize].as_mut().unwrap();
        ring.completions[slot as usize] = Cqe::from_words(entry).to_bytes();
    }

    fn publish(&mut self, thread: ThreadId, _sq_head: u32, cq_tail: u32) {
        self.rings[thread as usize].as_mut().unwrap().cq_tail = cq_tail;
    }

    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        let bytes = (0..into.len() as u64).map(|at| self.byte(process, address.checked_add(at)?));
        let bytes: Option<Vec<u8>> = bytes.collect();
        into.copy_from_slice(&bytes.ok_or(BadAddress)?);
        Ok(())
    }

    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        if !self.writable(process, address, from.len()) {
            return Err(BadAddress);
        }
        for (at, byte) in (address..).zip(from) {
            *self.byte_mut(process, at).unwrap() = *byte;
        }
        Ok(())
    }

    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool {
        let mut at = 0..len as u64;
        self.is_loaded(process)
            && at.all(|at| {
                let address = address.checked_add(at);
                address.is_some_and(|address| self.can_write(process, address))
            })
    }

    fn landing(&self, process: ProcessId, address: u64, len: usize) -> Option<Landing> {
        let landing = Landing {
            process,
            address,
            len,
        };
        self.writable(process, address, len).then_some(landing)
    }

    fn land(&mut self, landing: Landing, from: &[u8]) -> Result<(), BadAddress> {
        assert!(from.len() <= landing.len);
        self.write(landing.process, landing.address, from)
    }

    fn land_words<const N: usize>(
        &mut self,
        landing: Landing,
        words: [u64; N],
    ) -> Result<(), BadAddress> {
        let bytes = words.map(u64::to_ne_bytes).concat();
        if bytes.len() > landing.len {
            return Err(BadAddress);
        }
        self.land(landing, &bytes)
    }

    fn send<const HEAD: usize>(
        &mut self,
        head: [u64; HEAD],
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy> {
        let mut bytes = head.map(u64::to_ne_bytes).concat();
        let behind = bytes.len();
        bytes.resize(behind + len, 0);
        self.read(from.0, from.1, &mut bytes[behind..])
            .map_err(|_| BadCopy::Source)?;
        self.write(to.0, to.1, &bytes).map_err(|_| BadCopy::Target)
    }

    fn wake(&mut self, thread: ThreadId, result: i64) {
        self.woken.push((thread, result));
    }

    fn hand_over(&mut self, thread: ThreadId, result: i64) {
        self.wake(thread, result);
    }

    fn make_memory(&mut self, place: u16, pages: u32) -> bool {
        let pages = pages as usize;
        if self.free < pages {
            return false;
        }
        self.free -= pages;
        let made = vec![[0; PAGE_SIZE]; pages];
        assert!(self.objects.insert(place, made).is_none());
        true
    }

    fn free_memory(&mut self, place: u16) {
        let mapped = |(mapped, _): &(Mapped, Access)| matches!(mapped, Mapped::Shared(object, _) if *object == place);
        assert!(!self.pages.values().any(mapped), "freed while it is mapped");
        self.free += self.objects.remove(&place).unwrap().len();
    }

    fn map_memory(
        &mut self,
        process: ProcessId,
        address: u64,
        place: u16,
        access: Access,
    ) -> Result<(), MapError> {
        for index in 0..self.objects[&place].len() {
            let page = address / PAGE_SIZE as u64 + index as u64;
            let mapped = (Mapped::Shared(place, index), access);
            assert!(self.pages.insert((process, page), mapped).is_none());
        }
        Ok(())
    }

    fn commit(&mut self, process: ProcessId, address: u64, pages: u32) -> Result<(), MapError> {
        let first = address / PAGE_SIZE as u64;
        let mut all = first..first + u64::from(pages);
        if all.any(|page| self.pages.contains_key(&(process, page))) {
            return Err(MapError::Pages);
        }
        if self.free < pages as usize {
            return Err(MapError::Memory);
        }
        self.free -= pages as usize;
        for page in first..first + u64::from(pages) {
            let own = (Mapped::Own(Box::new([0; PAGE_SIZE])), Access::Write);
            self.pages.insert((process, page), own);
        }
        Ok(())
    }

    fn protect(
        &mut self,
        process: ProcessId,
        address: u64,
        pages: u32,
        access: Access,
    ) -> Result<(), MapError> {
        let first = address / PAGE_SIZE as u64;
        let all = first..first + u64::from(pages);
        if all
            .clone()
            .any(|page| !self.pages.contains_key(&(process, page)))
        {
            return Err(MapError::Pages);
        }
        for page in all {
            self.pages.get_mut(&(process, page)).unwrap().1 = access;
        }
        Ok(())
    }

    fn unmap(&mut self, process: ProcessId, address: u64, pages: u32) {
        let first = address / PAGE_SIZE as u64;
        for page in first..first + u64::from(pages) {
            if let Some((Mapped::Own(_), _)) = self.pages.remove(&(process, page)) {
                self.free += 1;
            }
        }
    }

    fn frames(&self) -> FrameFacts {
        FrameFacts {
            free: self.free as u64,
            ..FrameFacts::default()
        }
    }

    fn counters(&self) -> Counters {
        Counters::default()
    }

    fn check_tables(&mut self) -> TableFacts {
        TableFacts::default()
    }

    fn print(&mut self, label: &[u8], text: &[u8]) {
        self.lines.push((label.to_vec(), text.to_vec()));
    }

    fn manifest(&self) -> &'static [u8] {
        b"manifest"
    }

    fn binary(&self, name: &str) -> Option<u16> {
        (name == "program").then_some(0)
    }

    fn load(&mut self, start: &Start<'_>) -> Result<(), LoadError> {
        if let Some(error) = self.refuse_load {
            return Err(error);
        }
        assert!(
            self.memory[start.process as usize]
                .replace(vec![0; MEMORY])
                .is_none()
        );
        let ring = Ring {
            submissions: [[0; SQE_BYTES]; SQ_ENTRIES as usize],
            completions: [[0; CQE_BYTES]; CQ_ENTRIES as usize],
            sq_tail: 0,
            cq_head: 0,
            cq_tail: 0,
        };
        assert!(self.rings[start.thread as usize].replace(ring).is_none());
        Ok(())
    }

    fn unload(&mut self, process: ProcessId, thread: ThreadId) {
        assert!(self.pages.keys().all(|(owner, _)| *owner != process));
        assert!(self.memory[process as usize].take().is_some());
        assert!(self.rings[thread as usize].take().is_some());
    }

    fn block_facts(&self, _: u16) -> Option<BlockFacts> {
        None
    }

    fn block_read(&mut self, _: u16, _: u64, _: &mut [u8]) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }

    fn block_write(&mut self, _: u16, _: u64, _: &[u8]) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }

    fn block_flush(&mut self, _: u16) -> Result<(), BlockError> {
        Err(BlockError::Device)
    }
}
