//! The machine as the object system sees it. Longer than most: one answer to all that `Machine` asks, over one state.

use capos_abi::PAGE_SIZE;
use capos_abi::layout::{CAPSET, RING, STACK_TOP};
use capos_abi::ring::{CQ_ENTRIES, CQE_BYTES, CQE_WORDS, SQ_ENTRIES, SQE_BYTES, SQE_WORDS, at};
use capos_core::frames::Frame;
use capos_core::manifest::BootPlan;
use capos_core::paging::Access;
use capos_core::schedule::Schedule;
use capos_core::system::{
    BadAddress, BadCopy, BlockError, BlockFacts, Counters, FrameFacts, LoadError, Machine,
    MapError, PROCESSES, ProcessId, Start, THREADS, TableFacts, ThreadId,
};

use crate::arch::phys::{Page, Span};
use crate::arch::{context, phys};
use crate::console;
use crate::drivers::Disks;
use crate::memory;
use crate::shared::Shared;
use crate::space::Space;

/// What a loaded thread runs on.
#[derive(Clone, Copy)]
struct Thread {
    /// Its ring page, reached through the direct map: no user page table is walked for an entry.
    ring: Page,
    /// The top page table of its process.
    root: Frame,
    process: ProcessId,
}

/// Address spaces, rings, the scheduler's queue and the devices.
pub struct World {
    spaces: [Option<Space>; PROCESSES],
    threads: [Option<Thread>; THREADS],
    /// The thread whose registers and address space this processor has loaded.
    loaded: Option<ThreadId>,
    /// Who runs.
    pub schedule: Schedule,
    module_address: u64,
    module: &'static [u8],
    plan: Option<BootPlan>,
    disks: Disks,
    shared: Shared,
    /// How often a mapping was taken away or changed.
    unmapped: u64,
    /// What has happened so far.
    pub counters: Counters,
}

impl World {
    /// Before anything was booted.
    pub const fn new() -> Self {
        Self {
            spaces: [const { None }; PROCESSES],
            threads: [None; THREADS],
            loaded: None,
            schedule: Schedule::new(),
            module_address: 0,
            module: &[],
            plan: None,
            disks: Disks::new(),
            shared: Shared::new(),
            unmapped: 0,
            counters: Counters {
                timer_interrupts: 0,
                processor_interrupts: 0,
                switches: 0,
            },
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

    /// The frame of the thread that this processor has loaded, if that is this one.
    #[inline]
    pub fn loaded_frame(&self, thread: ThreadId) -> Option<*mut crate::arch::entry::Frame> {
        if self.loaded == Some(thread) {
            context::frame(thread.into())
        } else {
            None
        }
    }

    /// Makes a thread's registers and address space this processor's own; gives its frame. `None`
    /// for a thread that was never loaded: then nothing has changed.
    #[inline]
    pub fn load_thread(&mut self, thread: ThreadId) -> Option<*mut crate::arch::entry::Frame> {
        let number = usize::from(thread);
        if self.loaded == Some(thread) {
            return context::frame(number);
        }
        let root = self.thread(thread)?.root;
        self.counters.switches = self.counters.switches.wrapping_add(1);
        if let Some(before) = self.loaded.replace(thread) {
            context::leave(before.into());
        }
        context::switch_to(number, root)
    }

    /// `land`, where the landing has to be found again.
    #[cold]
    fn land_again(
        &mut self,
        process: ProcessId,
        address: u64,
        from: &[u8],
    ) -> Result<(), BadAddress> {
        self.write(process, address, from)
    }

    fn space_mut(&mut self, process: ProcessId) -> Result<&mut Space, MapError> {
        let space = self.spaces.get_mut(usize::from(process));
        space.and_then(Option::as_mut).ok_or(MapError::Pages)
    }

    /// Makes the processor forget what it remembers of a process's mappings. A process that is not
    /// loaded is forgotten when it is: no mapping of a program is global.
    fn flush(&mut self, process: ProcessId) {
        self.unmapped = self.unmapped.wrapping_add(1);
        let loaded = self.loaded.and_then(|thread| self.thread(thread));
        if let Some(root) = loaded
            .filter(|thread| thread.process == process)
            .map(|thread| thread.root)
        {
            crate::arch::reload_root(root);
        }
    }

    #[inline]
    fn space(&self, process: ProcessId) -> Option<&Space> {
        self.spaces
            .get(usize::from(process))
            .and_then(Option::as_ref)
    }

    #[inline]
    fn thread(&self, thread: ThreadId) -> Option<&Thread> {
        self.threads.get(usize::from(thread))?.as_ref()
    }
}

/// Memory that a program may write.
#[derive(Clone, Copy)]
pub struct Landing {
    process: ProcessId,
    address: u64,
    len: usize,
    /// Where that is, as long as no mapping has changed; `None` where it is in more than one place.
    span: Option<Span>,
    /// `World::unmapped` when it was found.
    found: u64,
}

impl Machine for World {
    type Ring = Page;
    type Landing = Landing;

    #[inline]
    fn ring(&self, thread: ThreadId) -> Option<Page> {
        Some(self.thread(thread)?.ring)
    }

    #[inline]
    fn indices(&self, ring: Page) -> (u32, u32) {
        (
            phys::load32(ring, at::SQ_TAIL),
            phys::load32(ring, at::CQ_HEAD),
        )
    }

    #[inline]
    fn submission(&self, ring: Page, slot: u32) -> [u64; SQE_WORDS] {
        let offset = at::SQ + (slot % SQ_ENTRIES) as usize * SQE_BYTES;
        phys::load_words(ring, offset)
    }

    #[inline]
    fn post(&mut self, ring: Page, slot: u32, entry: [u64; CQE_WORDS]) {
        let offset = at::CQ + (slot % CQ_ENTRIES) as usize * CQE_BYTES;
        phys::store_words(ring, offset, entry);
    }

    #[inline]
    fn publish(&mut self, ring: Page, sq_head: u32, cq_tail: u32) {
        phys::store32(ring, at::SQ_HEAD, sq_head);
        phys::store32(ring, at::CQ_TAIL, cq_tail);
    }

    #[inline]
    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        self.space(process).ok_or(BadAddress)?.read(address, into)
    }

    #[inline]
    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        self.space(process).ok_or(BadAddress)?.write(address, from)
    }

    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool {
        self.space(process)
            .is_some_and(|space| space.allows(address, len, true))
    }

    #[inline]
    fn landing(&self, process: ProcessId, address: u64, len: usize) -> Option<Landing> {
        let space = self.space(process)?;
        let span = space.near(address, len, true);
        if span.is_none() && !space.allows(address, len, true) {
            return None;
        }
        Some(Landing {
            process,
            address,
            len,
            span,
            found: self.unmapped,
        })
    }

    #[inline(always)]
    fn land(&mut self, landing: Landing, from: &[u8]) -> Result<(), BadAddress> {
        match landing.span {
            Some(span) if landing.found == self.unmapped => {
                span.write(from);
                Ok(())
            }
            _ => self.land_again(landing.process, landing.address, from),
        }
    }

    #[inline(always)]
    fn land_words<const N: usize>(
        &mut self,
        landing: Landing,
        words: [u64; N],
    ) -> Result<(), BadAddress> {
        if let Some(span) = landing.span
            && landing.found == self.unmapped
            && span.write_words(words).is_some()
        {
            return Ok(());
        }
        if size_of_val(&words) > landing.len {
            return Err(BadAddress);
        }
        let bytes = words.map(u64::to_ne_bytes);
        self.land_again(landing.process, landing.address, bytes.as_flattened())
    }

    #[inline]
    fn send<const HEAD: usize>(
        &mut self,
        head: [u64; HEAD],
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy> {
        let source = self.space(from.0).ok_or(BadCopy::Source)?;
        let target = self.space(to.0).ok_or(BadCopy::Target)?;
        source.send(from.1, len, head, target, to.1)
    }

    fn wake(&mut self, thread: ThreadId, result: i64) {
        context::set_result(thread.into(), result);
        self.schedule.wake(thread);
    }

    #[inline(always)]
    fn hand_over(&mut self, thread: ThreadId, result: i64) {
        context::set_result(thread.into(), result);
        self.schedule.hand_over(thread);
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
        let address = self.module_address.wrapping_add(range.start as u64);
        // Places first, so that nothing has to be given back where there are none.
        let number = usize::from(start.thread);
        let place = self.spaces.get_mut(usize::from(start.process));
        let thread = self.threads.get_mut(number);
        let (Some(place), Some(thread)) = (place, thread) else {
            return Err(LoadError::Memory);
        };
        let loaded = Space::load(file, address, start.capset, start.frames)?;
        context::prepare(
            number,
            loaded.entry,
            STACK_TOP,
            [RING, CAPSET, start.number],
        );
        *thread = Some(Thread {
            ring: loaded.ring,
            root: loaded.space.root(),
            process: start.process,
        });
        *place = Some(loaded.space);
        Ok(())
    }

    fn unload(&mut self, process: ProcessId, thread: ThreadId) {
        self.schedule.forget(thread);
        if let Some(place) = self.threads.get_mut(usize::from(thread)) {
            *place = None;
        }
        let space = self.spaces.get_mut(usize::from(process));
        let Some(space) = space.and_then(Option::take) else {
            return;
        };
        self.unmapped = self.unmapped.wrapping_add(1);
        if self.loaded == Some(thread) {
            // No program ran before the kernel's tables were made, so there are some. Without them
            // the space would have to stay, since this processor uses it.
            let Some(root) = memory::kernel_root() else {
                return;
            };
            self.loaded = None;
            crate::arch::load_kernel_root(root);
        }
        space.destroy();
    }

    fn make_memory(&mut self, place: u16, pages: u32) -> bool {
        self.shared.make(place, pages)
    }

    fn free_memory(&mut self, place: u16) {
        self.shared.free(place);
    }

    fn map_memory(
        &mut self,
        process: ProcessId,
        address: u64,
        place: u16,
        access: Access,
    ) -> Result<(), MapError> {
        let (shared, spaces) = (&self.shared, &mut self.spaces);
        let space = spaces.get_mut(usize::from(process));
        let space = space.and_then(Option::as_mut).ok_or(MapError::Pages)?;
        space.share(address, shared.pages(place), access, |number| {
            shared.frame(place, number)
        })
    }

    fn commit(&mut self, process: ProcessId, address: u64, pages: u32) -> Result<(), MapError> {
        self.space_mut(process)?.commit(address, pages)
    }

    fn protect(
        &mut self,
        process: ProcessId,
        address: u64,
        pages: u32,
        access: Access,
    ) -> Result<(), MapError> {
        let done = self.space_mut(process)?.protect(address, pages, access);
        self.flush(process);
        done
    }

    fn unmap(&mut self, process: ProcessId, address: u64, pages: u32) {
        if let Ok(space) = self.space_mut(process) {
            space.unmap(address, pages);
            self.flush(process);
        }
    }

    fn frames(&self) -> FrameFacts {
        let owned = self.spaces.iter().flatten().map(Space::frames);
        let owned = owned.fold(0, usize::saturating_add);
        FrameFacts {
            free: memory::FRAMES.lock().free_count() as u64,
            owned: owned as u64,
            shared: self.shared.frames(),
        }
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn check_tables(&mut self) -> TableFacts {
        let roots = || self.spaces.iter().flatten().map(Space::root);
        memory::walk(|| memory::kernel_root().into_iter().chain(roots())).0
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

const _: () = assert!(
    at::SQ + SQ_ENTRIES as usize * SQE_BYTES <= at::CQ
        && at::CQ + CQ_ENTRIES as usize * CQE_BYTES <= PAGE_SIZE
);
