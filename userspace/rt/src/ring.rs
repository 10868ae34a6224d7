//! The ring: submitting entries, waiting for their completions.
//!
//! Whatever order completions come in, each reaches the one who waits for it: those of others are
//! kept. At most as many entries are outstanding as the completion queue holds, so there is always
//! room to keep them.
#![allow(unsafe_code)]

mod batch;
mod calls;
mod receiving;

pub use batch::Batched;
pub use calls::{CallMemory, Pending};
pub use receiving::{Answer, Incoming};

use crate::once::Once;
use crate::page::Page;
use crate::system::{Kernel, NO_RING, System};
use capos_abi::CapError;
use capos_abi::message::{RECORD_BYTES, padded};
use capos_abi::ring::{CQ_ENTRIES, Cqe, SQ_ENTRIES, Sqe, at, op};
use capos_abi::syscall::WAIT_FOREVER;
use core::cell::Cell;
use core::iter;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// The ring of a program's thread. Copies are the same ring.
pub struct Ring<K: Kernel + 'static = System>(&'static State<K>);

impl<K: Kernel> Clone for Ring<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kernel> Copy for Ring<K> {}

/// What this side of a ring remembers. The indices are our own; only the kernel's are read from the
/// page.
pub(crate) struct State<K> {
    page: Page,
    kernel: K,
    sq_tail: Cell<u32>,
    cq_head: Cell<u32>,
    next_token: Cell<u64>,
    outstanding: Cell<u32>,
    kept: [Cell<Option<Cqe>>; CQ_ENTRIES as usize],
    /// How many are kept: usually none, and then nobody has to look.
    kept_count: Cell<u32>,
}

/// Names a submitted entry until its completion is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u64);

/// The tokens of entries that were submitted together.
#[derive(Clone, Copy)]
struct Tokens {
    first: u64,
    count: u32,
}

impl Tokens {
    #[inline]
    fn one(token: Token) -> Self {
        let (first, count) = (token.0, 1);
        Self { first, count }
    }

    /// Which of the entries a completion is for; `None` where it is for another.
    #[inline]
    fn place(self, cqe: &Cqe) -> Option<usize> {
        let place = cqe.user_data.wrapping_sub(self.first);
        (place < self.count.into()).then_some(place as usize)
    }
}

/// The first thread's ring, for the panic path, which has nobody to be given it by.
static FIRST: AtomicPtr<State<System>> = AtomicPtr::new(ptr::null_mut());

impl Ring<System> {
    /// Makes the ring of the program's first thread; `None` if the page is no ring, or the second
    /// time.
    ///
    /// # Safety
    /// `page` is the ring page that the kernel passed at entry, and nothing else uses it.
    #[cfg_attr(not(target_os = "none"), expect(dead_code, reason = "entry calls it"))]
    pub(crate) unsafe fn first(page: NonNull<u8>) -> Option<Self> {
        static STATE: Once<MaybeUninit<State<System>>> = Once::new(MaybeUninit::uninit());
        // SAFETY: the caller vouches for the page.
        let page = unsafe { Page::new(page) }?;
        let state = STATE.take()?.write(State::new(page, System));
        FIRST.store(state, Ordering::Release);
        Some(Ring(state))
    }

    /// The ring that `first` made. Only for the thread that it belongs to.
    #[cfg_attr(
        not(target_os = "none"),
        expect(dead_code, reason = "the panic path calls it")
    )]
    pub(crate) fn of_this_thread() -> Option<Self> {
        // SAFETY: null, or what `first` stored: a static that is never written again. Programs have
        // one thread as long as there is no ThreadSpawner, so its cells are not shared.
        unsafe { FIRST.load(Ordering::Acquire).as_ref() }.map(Ring)
    }
}

impl<K> State<K> {
    /// Writes an entry behind those that were submitted; there is room. Its `user_data` is set here.
    #[inline]
    fn put(&self, sqe: Sqe) -> Token {
        Token(self.put_all(iter::once(sqe)).first)
    }

    /// Writes entries behind those that were submitted, and offers them together; there is room.
    #[inline]
    fn put_all(&self, entries: impl Iterator<Item = Sqe>) -> Tokens {
        let (first, tail) = (self.next_token.get(), self.sq_tail.get());
        let mut count = 0_u32;
        for mut sqe in entries {
            sqe.user_data = first.wrapping_add(count.into());
            self.page.write_sqe(tail.wrapping_add(count), sqe);
            count = count.wrapping_add(1);
        }
        let tail = tail.wrapping_add(count);
        self.next_token.set(first.wrapping_add(count.into()));
        self.sq_tail.set(tail);
        self.page.store(at::SQ_TAIL, tail);
        Tokens { first, count }
    }

    /// The first completion on the queue.
    #[inline]
    fn first(&self) -> Option<Cqe> {
        let head = self.cq_head.get();
        (head != self.page.load(at::CQ_TAIL)).then(|| self.page.read_cqe(head))
    }

    /// Takes the first completion, which has been read, off the queue.
    #[inline]
    fn consume(&self) {
        let head = self.cq_head.get().wrapping_add(1);
        self.cq_head.set(head);
        self.page.store(at::CQ_HEAD, head);
    }

    /// Takes the first completion off the queue.
    #[inline]
    fn pop(&self) -> Option<Cqe> {
        let cqe = self.first()?;
        self.consume();
        Some(cqe)
    }

    fn new(page: Page, kernel: K) -> Self {
        Self {
            page,
            kernel,
            sq_tail: Cell::new(0),
            cq_head: Cell::new(0),
            next_token: Cell::new(1),
            outstanding: Cell::new(0),
            kept: [const { Cell::new(None) }; CQ_ENTRIES as usize],
            kept_count: Cell::new(0),
        }
    }

    /// Takes one of the completions that were kept.
    fn take_kept(&self, wanted: Tokens) -> Option<(usize, Cqe)> {
        if self.kept_count.get() == 0 {
            return None;
        }
        let found = |place: &Cell<Option<Cqe>>| Some((wanted.place(&place.get()?)?, place.take()?));
        let found = self.kept.iter().find_map(found)?;
        self.kept_count.set(self.kept_count.get().saturating_sub(1));
        Some(found)
    }

    fn keep(&self, cqe: Cqe) {
        // No more are outstanding than there are places.
        if let Some(place) = self.kept.iter().find(|place| place.get().is_none()) {
            place.set(Some(cqe));
            self.kept_count.set(self.kept_count.get().saturating_add(1));
        }
    }
}

impl<K: Kernel> Ring<K> {
    /// Puts an entry into the submission queue; its `user_data` is set here. The kernel takes it with
    /// the next `cap_enter`. `Busy` when too much is outstanding.
    ///
    /// # Safety
    /// The memory that the entry names stays valid, and is not used otherwise, until the completion
    /// has been taken.
    #[inline]
    pub unsafe fn submit(self, sqe: Sqe) -> Result<Token, CapError> {
        if !self.has_room(1) {
            return Err(CapError::Busy);
        }
        let outstanding = &self.0.outstanding;
        outstanding.set(outstanding.get().wrapping_add(1));
        Ok(self.0.put(sqe))
    }

    /// Whether so many entries can be submitted: each needs a place in the queue and one for its
    /// completion. The kernel takes what is in the queue if that has to make room.
    #[inline(never)]
    fn has_room(self, entries: u32) -> bool {
        if CQ_ENTRIES.saturating_sub(self.0.outstanding.get()) < entries {
            return false;
        }
        if self.places() < entries {
            self.enter(0, 0);
        }
        self.places() >= entries
    }

    /// Waits for the completion of an entry and takes it.
    pub fn wait(self, token: Token) -> Cqe {
        self.wait_for(Tokens::one(token), 1).1
    }

    /// Takes the completion of an entry, if it has come.
    #[inline]
    pub fn take(self, token: Token) -> Option<Cqe> {
        self.take_one(Tokens::one(token)).map(|(_, cqe)| cqe)
    }

    /// Takes the completion of one of the entries, of which so many are left, and says which one's it
    /// is. If none has come, it waits for all that are left in one `cap_enter`.
    #[inline(always)]
    fn wait_for(self, wanted: Tokens, left: u32) -> (usize, Cqe) {
        loop {
            if let Some(found) = self.take_one(wanted) {
                return found;
            }
            self.enter(left, WAIT_FOREVER);
        }
    }

    /// Takes the completion of one of the entries, if one has come, and says which one's it is.
    #[inline(always)]
    fn take_one(self, wanted: Tokens) -> Option<(usize, Cqe)> {
        let state = self.0;
        let first = state.first();
        let found = match first.and_then(|cqe| Some((wanted.place(&cqe)?, cqe))) {
            // Usually the first one is wanted, and none is kept.
            Some(found) if state.kept_count.get() == 0 => {
                state.consume();
                found
            }
            _ => self.take_among_others(wanted)?,
        };
        let left = state.outstanding.get().wrapping_sub(1);
        state.outstanding.set(left);
        Some(found)
    }

    /// Takes the completion of one of the entries, which was kept or is on the queue; those before it
    /// are kept.
    #[cold]
    #[inline(never)]
    fn take_among_others(self, wanted: Tokens) -> Option<(usize, Cqe)> {
        let state = self.0;
        let mut found = state.take_kept(wanted);
        while found.is_none() {
            let cqe = state.pop()?;
            match wanted.place(&cqe) {
                Some(place) => found = Some((place, cqe)),
                None => state.keep(cqe),
            }
        }
        found
    }

    /// Submits an entry and waits for it.
    ///
    /// # Safety
    /// The memory that the entry names is valid and borrowed for the call.
    #[inline(always)]
    pub unsafe fn carry_out(self, sqe: Sqe) -> Result<Cqe, CapError> {
        let state = self.0;
        let is_alone = state.outstanding.get() == 0;
        if !is_alone {
            // SAFETY: by this function's contract.
            return Ok(self.wait(unsafe { self.submit(sqe) }?));
        }
        let token = state.put(sqe);
        // Nothing else is under way, so the queue had room and the one completion to come is ours.
        loop {
            self.enter(1, WAIT_FOREVER);
            if let Some(cqe) = state.pop() {
                debug_assert_eq!(cqe.user_data, token.0);
                return Ok(cqe);
            }
        }
    }

    /// CANCEL: ends an entry that waits; it then completes with `Cancelled`. `StaleCall` where it does
    /// not wait any more.
    pub fn cancel(self, token: Token) -> Result<(), CapError> {
        // SAFETY: a CANCEL names no memory.
        let cqe = unsafe {
            self.carry_out(Sqe {
                opcode: op::CANCEL,
                addr: token.0,
                ..Sqe::default()
            })
        }?;
        CapError::from_result(cqe.result).map_or(Ok(()), Err)
    }

    /// Submits a NOP and waits for it.
    #[inline]
    pub fn nop(self) -> Result<(), CapError> {
        // SAFETY: a NOP names no memory.
        let cqe = unsafe { self.carry_out(Sqe::default()) }?;
        CapError::from_result(cqe.result).map_or(Ok(()), Err)
    }

    /// Takes the program's own indices from the ring page, after something else has used the ring.
    ///
    /// # Safety
    /// Every entry that was ever offered has completed, and its completion was taken.
    pub unsafe fn read_indices_again(self) {
        let state = self.0;
        state.sq_tail.set(state.page.load(at::SQ_TAIL));
        state.cq_head.set(state.page.load(at::CQ_HEAD));
    }

    /// Waits for something that does not come. Costs no processor time.
    pub fn sleep_for_ever(self) -> ! {
        loop {
            self.enter(1, WAIT_FOREVER);
        }
    }

    /// Places in the submission queue that are free.
    #[inline]
    fn places(self) -> u32 {
        let taken = self.0.page.load(at::SQ_HEAD);
        SQ_ENTRIES.saturating_sub(self.0.sq_tail.get().wrapping_sub(taken))
    }

    /// `cap_enter`. Its errors mean that ring and kernel no longer agree; the program ends, because
    /// it can no longer know which memory the kernel still writes to.
    #[inline]
    fn enter(self, min_complete: u32, timeout_ns: u64) {
        if self.0.kernel.enter(min_complete, timeout_ns) < 0 {
            self.0.kernel.exit(NO_RING);
        }
    }
}

#[inline]
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// A message and the capability records behind it.
#[inline]
fn split(bytes: &[u8], payload: u32, caps: u16) -> Option<(&[u8], &[[u8; RECORD_BYTES]])> {
    let message = bytes.get(..payload as usize)?;
    if caps == 0 {
        return Some((message, &[]));
    }
    let (records, _) = bytes.get(padded(message.len())..)?.as_chunks();
    Some((message, records.get(..usize::from(caps))?))
}

#[cfg(test)]
mod tests;
