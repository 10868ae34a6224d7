//! `Stats`.
//!
//! Made from kernel/abi/capos.capnp; do not edit.

use crate::wire::{reader, writer};

reader! {
    /// What exists now.
    StatsReader
}

impl StatsReader<'_> {
    /// The field `framesFree`.
    #[inline]
    pub fn frames_free(self) -> u64 {
        self.0.u64(0)
    }

    /// by processes: image, stack, ring, CapSet, page tables, committed memory
    #[inline]
    pub fn frames_owned(self) -> u64 {
        self.0.u64(1)
    }

    /// by memory objects
    #[inline]
    pub fn frames_shared(self) -> u64 {
        self.0.u64(2)
    }

    /// ended ones that still have a handle included
    #[inline]
    pub fn processes(self) -> u64 {
        self.0.u64(3)
    }

    /// The field `threads`.
    #[inline]
    pub fn threads(self) -> u64 {
        self.0.u64(4)
    }

    /// The field `capabilities`.
    #[inline]
    pub fn capabilities(self) -> u64 {
        self.0.u64(5)
    }

    /// The field `endpoints`.
    #[inline]
    pub fn endpoints(self) -> u64 {
        self.0.u64(6)
    }

    /// The field `labels`.
    #[inline]
    pub fn labels(self) -> u64 {
        self.0.u64(7)
    }

    /// The field `notifications`.
    #[inline]
    pub fn notifications(self) -> u64 {
        self.0.u64(8)
    }

    /// The field `derivations`.
    #[inline]
    pub fn derivations(self) -> u64 {
        self.0.u64(9)
    }

    /// The field `allocators`.
    #[inline]
    pub fn allocators(self) -> u64 {
        self.0.u64(10)
    }

    /// The field `memoryObjects`.
    #[inline]
    pub fn memory_objects(self) -> u64 {
        self.0.u64(11)
    }

    /// The field `regions`.
    #[inline]
    pub fn regions(self) -> u64 {
        self.0.u64(12)
    }

    /// under way
    #[inline]
    pub fn calls(self) -> u64 {
        self.0.u64(13)
    }

    /// of these, not yet delivered
    #[inline]
    pub fn calls_queued(self) -> u64 {
        self.0.u64(14)
    }

    /// parameters of queued calls
    #[inline]
    pub fn queue_bytes(self) -> u64 {
        self.0.u64(15)
    }

    /// entries that wait for a call, an end or a signal
    #[inline]
    pub fn waiters(self) -> u64 {
        self.0.u64(16)
    }

    /// taken from rings and not completed
    /// What happened since the start.
    #[inline]
    pub fn entries(self) -> u64 {
        self.0.u64(17)
    }

    /// The field `timerInterrupts`.
    #[inline]
    pub fn timer_interrupts(self) -> u64 {
        self.0.u64(18)
    }

    /// from one processor to another
    #[inline]
    pub fn processor_interrupts(self) -> u64 {
        self.0.u64(19)
    }

    /// from one thread to another
    #[inline]
    pub fn switches(self) -> u64 {
        self.0.u64(20)
    }

    /// The field `spawns`.
    #[inline]
    pub fn spawns(self) -> u64 {
        self.0.u64(21)
    }
}

writer! {
    /// Writes [`StatsReader`].
    StatsWriter(22, 0)
}

impl StatsWriter<'_> {
    /// The field `framesFree`.
    #[inline]
    pub fn set_frames_free(&mut self, value: u64) {
        self.0.set_u64(0, value);
    }

    /// by processes: image, stack, ring, CapSet, page tables, committed memory
    #[inline]
    pub fn set_frames_owned(&mut self, value: u64) {
        self.0.set_u64(1, value);
    }

    /// by memory objects
    #[inline]
    pub fn set_frames_shared(&mut self, value: u64) {
        self.0.set_u64(2, value);
    }

    /// ended ones that still have a handle included
    #[inline]
    pub fn set_processes(&mut self, value: u64) {
        self.0.set_u64(3, value);
    }

    /// The field `threads`.
    #[inline]
    pub fn set_threads(&mut self, value: u64) {
        self.0.set_u64(4, value);
    }

    /// The field `capabilities`.
    #[inline]
    pub fn set_capabilities(&mut self, value: u64) {
        self.0.set_u64(5, value);
    }

    /// The field `endpoints`.
    #[inline]
    pub fn set_endpoints(&mut self, value: u64) {
        self.0.set_u64(6, value);
    }

    /// The field `labels`.
    #[inline]
    pub fn set_labels(&mut self, value: u64) {
        self.0.set_u64(7, value);
    }

    /// The field `notifications`.
    #[inline]
    pub fn set_notifications(&mut self, value: u64) {
        self.0.set_u64(8, value);
    }

    /// The field `derivations`.
    #[inline]
    pub fn set_derivations(&mut self, value: u64) {
        self.0.set_u64(9, value);
    }

    /// The field `allocators`.
    #[inline]
    pub fn set_allocators(&mut self, value: u64) {
        self.0.set_u64(10, value);
    }

    /// The field `memoryObjects`.
    #[inline]
    pub fn set_memory_objects(&mut self, value: u64) {
        self.0.set_u64(11, value);
    }

    /// The field `regions`.
    #[inline]
    pub fn set_regions(&mut self, value: u64) {
        self.0.set_u64(12, value);
    }

    /// under way
    #[inline]
    pub fn set_calls(&mut self, value: u64) {
        self.0.set_u64(13, value);
    }

    /// of these, not yet delivered
    #[inline]
    pub fn set_calls_queued(&mut self, value: u64) {
        self.0.set_u64(14, value);
    }

    /// parameters of queued calls
    #[inline]
    pub fn set_queue_bytes(&mut self, value: u64) {
        self.0.set_u64(15, value);
    }

    /// entries that wait for a call, an end or a signal
    #[inline]
    pub fn set_waiters(&mut self, value: u64) {
        self.0.set_u64(16, value);
    }

    /// taken from rings and not completed
    /// What happened since the start.
    #[inline]
    pub fn set_entries(&mut self, value: u64) {
        self.0.set_u64(17, value);
    }

    /// The field `timerInterrupts`.
    #[inline]
    pub fn set_timer_interrupts(&mut self, value: u64) {
        self.0.set_u64(18, value);
    }

    /// from one processor to another
    #[inline]
    pub fn set_processor_interrupts(&mut self, value: u64) {
        self.0.set_u64(19, value);
    }

    /// from one thread to another
    #[inline]
    pub fn set_switches(&mut self, value: u64) {
        self.0.set_u64(20, value);
    }

    /// The field `spawns`.
    #[inline]
    pub fn set_spawns(&mut self, value: u64) {
        self.0.set_u64(21, value);
    }
}
