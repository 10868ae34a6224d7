//! The ring page: memory that the kernel writes while the program reads it.
#![allow(unsafe_code)]

use capos_abi::PAGE_SIZE;
use capos_abi::ring::{CQ_ENTRIES, Cqe, MAGIC, SQ_ENTRIES, SQE_WORDS, Sqe, VERSION, at};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};

const WORD: usize = size_of::<u32>();

// Entries are values in memory as the document lays them out: little-endian, without a gap.
const _: () = assert!(cfg!(target_endian = "little"));
/// A mapped ring page.
pub(crate) struct Page(NonNull<u8>);

// SAFETY: the pointer is to memory that stays mapped for the life of the process; which thread uses
// it makes no difference, and `Page` is not `Sync`.
unsafe impl Send for Page {}

impl Page {
    /// The ring page at `base`; `None` if it is not one of this version.
    ///
    /// # Safety
    /// `base` points to 4096 bytes, aligned to 8, that stay readable and writable for as long as the
    /// value lives, and that only the kernel and this value use.
    pub(crate) unsafe fn new(base: NonNull<u8>) -> Option<Page> {
        let page = Page(base);
        let version = page.load(at::VERSION) & 0xffff;
        (page.load(at::MAGIC) == MAGIC && version == u32::from(VERSION)).then_some(page)
    }

    /// Reads an index or another word; what the kernel wrote before it is visible afterwards.
    #[inline]
    pub(crate) fn load(&self, at: usize) -> u32 {
        self.word(at).load(Ordering::Acquire)
    }

    /// Writes an index; the kernel sees it after everything that was written before.
    #[inline]
    pub(crate) fn store(&self, at: usize, value: u32) {
        self.word(at).store(value, Ordering::Release);
    }

    /// Writes the submission entry of `index`.
    #[inline]
    pub(crate) fn write_sqe(&self, index: u32, sqe: Sqe) {
        let place = at::SQ + (index % SQ_ENTRIES) as usize * size_of::<Sqe>();
        // SAFETY: the place lies within the page and is aligned to 8, as entries are; the kernel reads
        // it only in `cap_enter`, after the index behind it was stored.
        unsafe {
            self.0
                .add(place)
                .cast::<[u64; SQE_WORDS]>()
                .write(sqe.to_words())
        }
    }

    /// Reads the completion entry of `index`.
    #[inline]
    pub(crate) fn read_cqe(&self, index: u32) -> Cqe {
        let place = at::CQ + (index % CQ_ENTRIES) as usize * size_of::<Cqe>();
        // SAFETY: the place lies within the page and is aligned to 8; any bytes are an entry; the
        // kernel does not write it again before the index behind it was stored.
        Cqe::from_words(unsafe { self.0.add(place).cast().read_volatile() })
    }

    #[inline]
    fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(WORD) && at < PAGE_SIZE);
        // SAFETY: the word lies within the page, is aligned, and is shared as an atomic by both sides.
        unsafe { self.0.add(at).cast::<AtomicU32>().as_ref() }
    }
}
