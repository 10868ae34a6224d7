//! A machine of ordinary memory: every process has 256 KiB from address 0.

use capos_abi::message::{RECORD_BYTES, padded};
use capos_abi::ring::{CQ_ENTRIES, CQE_BYTES, Cqe, SQ_ENTRIES, SQE_BYTES, SQE_WORDS, Sqe};

use crate::system::{
    BadAddress, BadCopy, BlockError, BlockFacts, Entered, LoadError, Machine, PROCESSES, ProcessId,
    Scratch, Start, System, THREADS, ThreadId,
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

pub struct Double {
    memory: Vec<Option<Vec<u8>>>,
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
            rings: vec![None; THREADS],
            woken: Vec::new(),
            lines: Vec::new(),
            refuse_load: None,
            scratch: Box::default(),
        }
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
        let entered = system.enter(self, &mut scratch, thread, completions, false, deadline);
        self.scratch = scratch;
        entered
    }
}

impl Machine for Double {
    fn indices(&self, thread: ThreadId) -> Option<(u32, u32)> {
        let ring = self.rings[thread as usize].as_ref()?;
        Some((ring.sq_tail, ring.cq_head))
    }

    fn submission(&self, thread: ThreadId, slot: u32) -> Option<[u64; SQE_WORDS]> {
        let ring = self.rings[thread as usize].as_ref()?;
        let (words, _) = ring.submissions[slot as usize].as_chunks();
        Some(core::array::from_fn(|at| u64::from_ne_bytes(words[at])))
    }

    // On the host, only a ring that exists may be written: the kernel forgives, a test does not.
    fn post(&mut self, thread: ThreadId, slot: u32, entry: &Cqe) {
        let ring = self.rings[thread as usize].as_mut().unwrap();
        ring.completions[slot as usize] = entry.to_bytes();
    }

    fn publish(&mut self, thread: ThreadId, _sq_head: u32, cq_tail: u32) {
        self.rings[thread as usize].as_mut().unwrap().cq_tail = cq_tail;
    }

    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        let memory = self.memory[process as usize].as_ref().ok_or(BadAddress)?;
        let start = usize::try_from(address).map_err(|_| BadAddress)?;
        let end = start.checked_add(into.len()).ok_or(BadAddress)?;
        into.copy_from_slice(memory.get(start..end).ok_or(BadAddress)?);
        Ok(())
    }

    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        let memory = self.memory[process as usize].as_mut().ok_or(BadAddress)?;
        let start = usize::try_from(address).map_err(|_| BadAddress)?;
        let end = start.checked_add(from.len()).ok_or(BadAddress)?;
        memory
            .get_mut(start..end)
            .ok_or(BadAddress)?
            .copy_from_slice(from);
        Ok(())
    }

    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool {
        let end = usize::try_from(address)
            .ok()
            .and_then(|start| start.checked_add(len));
        self.is_loaded(process) && end.is_some_and(|end| end <= MEMORY)
    }

    fn copy(
        &mut self,
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy> {
        let mut bytes = vec![0; len];
        self.read(from.0, from.1, &mut bytes)
            .map_err(|_| BadCopy::Source)?;
        self.write(to.0, to.1, &bytes).map_err(|_| BadCopy::Target)
    }

    fn wake(&mut self, thread: ThreadId, result: i64) {
        self.woken.push((thread, result));
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
