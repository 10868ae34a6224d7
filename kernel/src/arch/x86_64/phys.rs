//! Physical memory through the direct map.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::paging::ENTRIES;

/// The direct map's first virtual address: physical address 0.
pub const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;

/// Physical addresses below this are mapped while the boot page tables are in use.
pub const BOOT_MAPPED: u64 = 1 << 32;

/// The bytes at a physical address, as the boot page tables map them.
///
/// `None` where the range is not below `BOOT_MAPPED`. Only for what the boot loader or the firmware
/// left behind, while nothing has been handed out from there.
pub fn boot_bytes(address: u64, len: u64) -> Option<&'static [u8]> {
    let end = address.checked_add(len)?;
    // Address 0 is as good as any: GRUB puts a small module there under UEFI.
    if end > BOOT_MAPPED {
        return None;
    }
    // SAFETY: the range is mapped by the boot tables; nothing writes it for as long as the slice is
    // used, because the memory that holds loader data is reserved before any frame is handed out.
    Some(unsafe { core::slice::from_raw_parts((DIRECT_MAP + address) as *const u8, len as usize) })
}

/// A frame's bytes: where the direct map has them, so that who keeps one need not work it out.
#[derive(Clone, Copy)]
pub struct Page(u64);

impl Page {
    /// Where the first frame lies; for a place that is never used.
    pub const FIRST: Page = Page(DIRECT_MAP);

    /// The bytes of a frame.
    #[inline]
    pub fn of(frame: Frame) -> Page {
        Page(DIRECT_MAP | frame.address())
    }

    #[inline]
    fn pointer(self, offset: usize) -> *mut u8 {
        (self.0 as *mut u8).wrapping_add(offset)
    }
}

/// Bytes that lie in one frame: whoever has one has checked that, so no access through it can fail.
#[derive(Clone, Copy)]
pub struct Span {
    page: Page,
    offset: usize,
    len: usize,
}

impl Span {
    /// `None` where the bytes leave the frame.
    #[inline]
    pub fn new(page: Page, offset: usize, len: usize) -> Option<Span> {
        let end = offset.checked_add(len)?;
        (end <= FRAME_BYTES as usize).then_some(Span { page, offset, len })
    }

    /// Bytes in it.
    #[inline]
    pub fn len(self) -> usize {
        self.len
    }

    #[inline]
    fn pointer(self) -> *mut u8 {
        self.page.pointer(self.offset)
    }

    /// Writes words to its beginning and gives what lies behind them; `None` where they do not fit,
    /// and then nothing is written.
    #[inline]
    pub fn write_words<const N: usize>(self, words: [u64; N]) -> Option<Span> {
        let len = self.len.checked_sub(size_of_val(&words))?;
        // SAFETY: see `clear`; the words fit, as was just found.
        unsafe { self.pointer().cast::<[u64; N]>().write_unaligned(words) };
        Some(Span {
            offset: self.offset.wrapping_add(size_of_val(&words)),
            len,
            ..self
        })
    }

    /// Copies out; no more than `into` has room for.
    #[inline]
    pub fn read(self, into: &mut [u8]) {
        let len = self.len.min(into.len());
        // SAFETY: see `clear`; `into` is the kernel's, so the two do not overlap.
        unsafe { copy(self.pointer(), into.as_mut_ptr(), len) };
    }

    /// Copies in; no more than there is in `from`.
    #[inline]
    pub fn write(self, from: &[u8]) {
        let len = self.len.min(from.len());
        // SAFETY: as in `read`.
        unsafe { copy(from.as_ptr(), self.pointer(), len) };
    }

    /// Copies from another span, which may overlap; no more than the shorter of the two.
    #[inline]
    pub fn copy_from(self, source: Span) {
        let (from, into) = (source.pointer(), self.pointer());
        // SAFETY: see `clear`. Short messages are read whole before they are written, and the copy
        // allows overlap.
        unsafe {
            match self.len.min(source.len) {
                8 => copy_words::<1>(from, into),
                16 => copy_words::<2>(from, into),
                len => core::ptr::copy(from, into, len),
            }
        }
    }
}

/// Bytes up to which words are copied in place: a call of the library costs more.
const SHORT: usize = 128;

/// Copies a few words in place, which is what most messages are; anything else by the library.
///
/// # Safety
/// As for `copy_nonoverlapping`.
#[inline]
unsafe fn copy(from: *const u8, into: *mut u8, len: usize) {
    // SAFETY: by this function's contract.
    unsafe {
        if len == 16 {
            copy_words::<2>(from, into);
        } else if len == 8 {
            copy_words::<1>(from, into);
        } else if len <= SHORT && len % 8 == 0 {
            // A loop would be turned back into the call that this is to spare.
            asm!(
                "rep movsq",
                inout("rcx") len / 8 => _,
                inout("rsi") from => _,
                inout("rdi") into => _,
                options(nostack, preserves_flags),
            );
        } else {
            core::ptr::copy_nonoverlapping(from, into, len);
        }
    }
}

/// Copies words, all of which are read before one is written.
///
/// # Safety
/// So many words can be read and written there.
#[inline]
unsafe fn copy_words<const N: usize>(from: *const u8, into: *mut u8) {
    // SAFETY: by this function's contract.
    unsafe {
        into.cast::<[u64; N]>()
            .write_unaligned(from.cast::<[u64; N]>().read_unaligned())
    };
}

/// An offset that lies in a frame with `len` bytes behind it, whatever it was; a multiple of 8.
/// Offsets here come from constants and bounded slots, so that nothing ever changes.
#[inline]
fn bounded(offset: usize, len: usize) -> usize {
    let most = (FRAME_BYTES as usize).saturating_sub(len);
    offset.min(most) & !7
}

/// Words that a program shares with the kernel: `N` of them from a fixed place in a frame on.
#[inline]
fn words<'a, const N: usize>(page: Page, offset: usize) -> &'a [AtomicU64; N] {
    let place = page.pointer(bounded(offset, N * 8)).cast();
    // SAFETY: see `clear`; the words lie in the frame and are aligned, and atomic access allows a
    // program to write them at the same time.
    unsafe { &*place }
}

/// Reads words that a program may be writing at the same time, each of them once.
#[inline]
pub fn load_words<const N: usize>(page: Page, offset: usize) -> [u64; N] {
    let words = words::<N>(page, offset);
    words.each_ref().map(|word| word.load(Ordering::Relaxed))
}

/// Writes words that a program may be reading at the same time.
#[inline]
pub fn store_words<const N: usize>(page: Page, offset: usize, values: [u64; N]) {
    for (word, value) in words::<N>(page, offset).iter().zip(values) {
        word.store(value, Ordering::Relaxed);
    }
}

/// Where an offset of a frame lies in the direct map.
#[inline]
fn address(frame: Frame, offset: usize) -> *mut u8 {
    Page::of(frame).pointer(offset)
}

/// Clears a frame.
///
/// This and what follows are safe to call because a `Frame` is either free memory that the frame
/// allocator gave out, or memory that a program's page tables name: in neither lies a Rust object of
/// the kernel, and the direct map covers both. Bytes that programs share are copied, never borrowed.
pub fn clear(frame: Frame) {
    // SAFETY: see above.
    unsafe { core::ptr::write_bytes(address(frame, 0), 0, FRAME_BYTES as usize) };
}

/// Copies from a frame; what would lie behind its end is not copied.
pub fn copy_from(frame: Frame, offset: usize, into: &mut [u8]) {
    let len = into
        .len()
        .min((FRAME_BYTES as usize).saturating_sub(offset));
    if let Some(span) = Span::new(Page::of(frame), offset, len) {
        span.read(into);
    }
}

/// Copies into a frame; what would lie behind its end is not copied.
pub fn copy_to(frame: Frame, offset: usize, from: &[u8]) {
    let len = from
        .len()
        .min((FRAME_BYTES as usize).saturating_sub(offset));
    if let Some(span) = Span::new(Page::of(frame), offset, len) {
        span.write(from);
    }
}

/// A 32-bit word of a frame; the offset is cut to one that is aligned and lies in it.
#[inline]
fn word32<'a>(page: Page, offset: usize) -> &'a AtomicU32 {
    let place = page
        .pointer(offset.min(FRAME_BYTES as usize - 4) & !3)
        .cast();
    // SAFETY: see `clear`; the word lies in the frame and is aligned, and atomic access allows writers
    // elsewhere.
    unsafe { &*place }
}

/// Reads a word that a program or a device may be writing at the same time.
#[inline]
pub fn load32(page: Page, offset: usize) -> u32 {
    word32(page, offset).load(Ordering::Acquire)
}

/// Writes a word that a program or a device may be reading, behind everything written before it.
#[inline]
pub fn store32(page: Page, offset: usize, value: u32) {
    word32(page, offset).store(value, Ordering::Release);
}

/// Reads an entry of a page table; indices count modulo the entries of a table.
#[inline]
pub fn table_entry(table: Frame, index: usize) -> u64 {
    let entry = address(table, index % ENTRIES * 8).cast::<u64>();
    // SAFETY: see `clear`; the entry is aligned. The processor may set bits in it at any time.
    unsafe { entry.read_volatile() }
}

/// Writes an entry of a page table.
#[inline]
pub fn set_table_entry(table: Frame, index: usize, value: u64) {
    let entry = address(table, index % ENTRIES * 8).cast::<u64>();
    // SAFETY: see `clear`; what may be mapped where is decided by `capos_core::paging`.
    unsafe { entry.write_volatile(value) };
}

/// The widths that a device register can have.
pub trait Width: Copy {}
impl Width for u8 {}
impl Width for u16 {}
impl Width for u32 {}

/// Reads a device register, aligned to its width. `base` is the virtual address of a mapping by
/// `memory::map_device`.
pub fn read_register<T: Width>(base: u64, offset: usize) -> T {
    // SAFETY: device memory holds no Rust object, the mapping is for ever, and every bit pattern is
    // a value of the widths.
    unsafe { ((base as usize).wrapping_add(offset) as *const T).read_volatile() }
}

/// Writes a device register, aligned to its width.
pub fn write_register<T: Width>(base: u64, offset: usize, value: T) {
    // SAFETY: as in `read_register`; what a device does with it is its driver's business.
    unsafe { ((base as usize).wrapping_add(offset) as *mut T).write_volatile(value) };
}

/// What was written before is seen by a device before what is written after.
pub fn barrier() {
    core::sync::atomic::fence(Ordering::SeqCst);
}
