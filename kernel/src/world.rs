//! The machine as the object system sees it.

use capos_abi::PAGE_SIZE;
use capos_abi::layout::{CAPSET, RING, STACK_TOP};
use capos_abi::ring::{CQE_BYTES, SQE_BYTES, at};
use capos_core::frames::Frame;
use capos_core::manifest::BootPlan;
use capos_core::schedule::Schedule;
use capos_core::system::{
    BadAddress, BadCopy, BlockError, BlockFacts, LoadError, Machine, PROCESSES, ProcessId, Start,
    THREADS, ThreadId,
};

use crate::arch::{context, phys};
use crate::block::Disks;
use crate::console;
use crate::memory;
use crate::space::Space;

/// Address spaces, rings, the scheduler's queue and the devices.
pub struct World {
    spaces: [Option<Space>; PROCESSES],
    rings: [Option<Frame>; THREADS],
    owners: [ProcessId; THREADS],
    /// The thread whose registers and address space this processor has loaded.
    loaded: Option<ThreadId>,
    /// Who runs.
    pub schedule: Schedule,
    module_address: u64,
    module: &'static [u8],
    plan: Option<BootPlan>,
    disks: Disks,
}

impl World {
    /// Before anything was booted.
    pub const fn new() -> Self {
        Self {
            spaces: [None; PROCESSES],
            rings: [None; THREADS],
            owners: [0; THREADS],
            loaded: None,
            schedule: Schedule::new(),
            module_address: 0,
            module: &[],
            plan: None,
            disks: Disks::new(),
        }
    }

    /// Takes over what was booted.
    pub fn start(
        &mut self,
        module_address: u64,
        module: &'static [u8],
        plan: BootPlan,
        disks: Disks,
    ) {
        self.module_address = module_address;
        self.module = module;
        self.plan = Some(plan);
        self.disks = disks;
    }

    /// Makes a thread's registers and address space this processor's own; gives its frame.
    pub fn load_thread(&mut self, thread: ThreadId) -> *mut crate::arch::entry::Frame {
        let number = usize::from(thread);
        if self.loaded == Some(thread) {
            return context::frame(number);
        }
        if let Some(before) = self.loaded.replace(thread) {
            context::leave(before.into());
        }
        match self.space(self.owners[number]) {
            Some(space) => context::switch_to(number, space.root()),
            None => panic!("thread {thread} has no address space"),
        }
    }

    fn space(&self, process: ProcessId) -> Option<&Space> {
        self.spaces
            .get(usize::from(process))
            .and_then(Option::as_ref)
    }

    fn ring(&self, thread: ThreadId) -> Frame {
        match self.rings.get(usize::from(thread)).copied().flatten() {
            Some(frame) => frame,
            None => panic!("thread {thread} has no ring"),
        }
    }
}

impl Machine for World {
    fn indices(&self, thread: ThreadId) -> (u32, u32) {
        let ring = self.ring(thread);
        (
            phys::load32(ring, at::SQ_TAIL),
            phys::load32(ring, at::CQ_HEAD),
        )
    }

    fn submission(&self, thread: ThreadId, slot: u32) -> [u8; SQE_BYTES] {
        let mut bytes = [0; SQE_BYTES];
        phys::copy_from(
            self.ring(thread),
            at::SQ + slot as usize * SQE_BYTES,
            &mut bytes,
        );
        bytes
    }

    fn post(&mut self, thread: ThreadId, slot: u32, bytes: &[u8; CQE_BYTES]) {
        phys::copy_to(self.ring(thread), at::CQ + slot as usize * CQE_BYTES, bytes);
    }

    fn publish(&mut self, thread: ThreadId, sq_head: u32, cq_tail: u32) {
        let ring = self.ring(thread);
        phys::store32(ring, at::SQ_HEAD, sq_head);
        phys::store32(ring, at::CQ_TAIL, cq_tail);
    }

    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        self.space(process).ok_or(BadAddress)?.read(address, into)
    }

    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        self.space(process).ok_or(BadAddress)?.write(address, from)
    }

    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool {
        self.space(process)
            .is_some_and(|space| space.allows(address, len, true))
    }

    fn copy(
        &mut self,
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy> {
        let source = self.space(from.0).ok_or(BadCopy::Source)?;
        let target = self.space(to.0).ok_or(BadCopy::Target)?;
        source.copy(from.1, target, to.1, len)
    }

    fn wake(&mut self, thread: ThreadId, result: i64) {
        context::set_result(thread.into(), result);
        self.schedule.wake(thread);
    }

    fn print(&mut self, label: &[u8], text: &[u8]) {
        console::program_line(label, text);
    }

    fn manifest(&self) -> &'static [u8] {
        self.plan.as_ref().map_or(&[], |plan| plan.manifest)
    }

    fn binary(&self, name: &str) -> Option<u16> {
        self.plan.as_ref()?.find(name)
    }

    fn load(&mut self, start: &Start<'_>) -> Result<(), LoadError> {
        let binaries = self.plan.as_ref().map_or(&[][..], BootPlan::binaries);
        let range = &binaries
            .get(usize::from(start.binary))
            .ok_or(LoadError::Elf)?
            .range;
        let file = self.module.get(range.clone()).ok_or(LoadError::Elf)?;
        let address = self.module_address + range.start as u64;
        let loaded = Space::load(file, address, start.capset, start.frames)?;
        let thread = usize::from(start.thread);
        context::prepare(
            thread,
            loaded.entry,
            STACK_TOP,
            [RING, CAPSET, start.number],
        );
        self.spaces[usize::from(start.process)] = Some(loaded.space);
        self.rings[thread] = Some(loaded.ring);
        self.owners[thread] = start.process;
        Ok(())
    }

    fn unload(&mut self, process: ProcessId, thread: ThreadId) {
        self.schedule.forget(thread);
        if self.loaded == Some(thread) {
            self.loaded = None;
            crate::arch::load_kernel_root(memory::kernel_root());
        }
        self.rings[usize::from(thread)] = None;
        if let Some(space) = self.spaces[usize::from(process)].take() {
            space.destroy();
        }
    }

    fn block_facts(&self, device: u16) -> Option<BlockFacts> {
        self.disks.facts(device)
    }

    fn block_read(&mut self, device: u16, start: u64, into: &mut [u8]) -> Result<(), BlockError> {
        self.disks.read(device, start, into)
    }

    fn block_write(&mut self, device: u16, start: u64, from: &[u8]) -> Result<(), BlockError> {
        self.disks.write(device, start, from)
    }

    fn block_flush(&mut self, device: u16) -> Result<(), BlockError> {
        self.disks.flush(device)
    }
}

const _: () = assert!(at::CQ + 32 * CQE_BYTES <= PAGE_SIZE);
