//! Physical memory through the direct map.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use capos_core::frames::{FRAME_BYTES, Frame};

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

/// Bytes that lie in one frame: whoever has one has checked that, so no access through it can fail.
#[derive(Clone, Copy)]
pub struct Span {
    frame: Frame,
    offset: usize,
    len: usize,
}

impl Span {
    /// `None` where the bytes leave the frame.
    #[inline]
    pub fn new(frame: Frame, offset: usize, len: usize) -> Option<Span> {
        let end = offset.checked_add(len)?;
        (end <= FRAME_BYTES as usize).then_some(Span { frame, offset, len })
    }

    /// Bytes in it.
    #[inline]
    pub fn len(self) -> usize {
        self.len
    }

    #[inline]
    fn pointer(self) -> *mut u8 {
        ((DIRECT_MAP | self.frame.address()) as *mut u8).wrapping_add(self.offset)
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
        let len = self.len.min(source.len);
        if len == 8 {
            // SAFETY: see `clear`; the word was read before it is written.
            unsafe {
                let word = source.pointer().cast::<u64>().read_unaligned();
                self.pointer().cast::<u64>().write_unaligned(word);
            }
            return;
        }
        // SAFETY: see `clear`; this copy allows overlap.
        unsafe { core::ptr::copy(source.pointer(), self.pointer(), len) };
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
        if len <= SHORT && len % 8 == 0 {
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

/// Words that a program shares with the kernel: `N` of them from a fixed place in a frame on.
#[inline]
fn words<'a, const N: usize>(frame: Frame, offset: usize) -> Option<&'a [AtomicU64; N]> {
    if offset % 8 != 0 {
        return None;
    }
    let span = Span::new(frame, offset, N * 8)?;
    // SAFETY: see `clear`; the words are aligned, and atomic access allows a program to write them at
    // the same time.
    Some(unsafe { &*span.pointer().cast() })
}

/// Reads words that a program may be writing at the same time, each of them once.
#[inline]
pub fn load_words<const N: usize>(frame: Frame, offset: usize) -> Option<[u64; N]> {
    let words = words::<N>(frame, offset)?;
    Some(words.each_ref().map(|word| word.load(Ordering::Relaxed)))
}

/// Writes words that a program may be reading at the same time; nothing where they leave the frame.
#[inline]
pub fn store_words<const N: usize>(frame: Frame, offset: usize, values: [u64; N]) {
    if let Some(words) = words::<N>(frame, offset) {
        for (word, value) in words.iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
    }
}

/// Bytes that lie in one frame, checked so that no access leaves it.
#[inline]
fn in_frame(frame: Frame, offset: usize, len: usize) -> *mut u8 {
    let fits = offset
        .checked_add(len)
        .is_some_and(|end| end <= FRAME_BYTES as usize);
    assert!(
        fits,
        "an access of {len} bytes at {offset} leaves its frame"
    );
    (DIRECT_MAP + frame.address() + offset as u64) as *mut u8
}

/// Clears a frame.
///
/// This and what follows are safe to call because a `Frame` is either free memory that the frame
/// allocator gave out, or memory that a program's page tables name: in neither lies a Rust object of
/// the kernel, and the direct map covers both. Bytes that programs share are copied, never borrowed.
pub fn clear(frame: Frame) {
    // SAFETY: see above.
    unsafe {
        core::ptr::write_bytes(
            in_frame(frame, 0, FRAME_BYTES as usize),
            0,
            FRAME_BYTES as usize,
        )
    };
}

/// Copies from a frame.
pub fn copy_from(frame: Frame, offset: usize, into: &mut [u8]) {
    let from = in_frame(frame, offset, into.len());
    // SAFETY: see `clear`; `into` is the kernel's, so the two do not overlap.
    unsafe { core::ptr::copy_nonoverlapping(from, into.as_mut_ptr(), into.len()) };
}

/// Copies into a frame.
pub fn copy_to(frame: Frame, offset: usize, from: &[u8]) {
    let into = in_frame(frame, offset, from.len());
    // SAFETY: see `clear`; `from` is the kernel's, so the two do not overlap.
    unsafe { core::ptr::copy_nonoverlapping(from.as_ptr(), into, from.len()) };
}

/// Reads a word that a program or a device may be writing at the same time.
#[inline]
pub fn load32(frame: Frame, offset: usize) -> u32 {
    let word = in_frame(frame, offset, 4).cast::<AtomicU32>();
    assert!(offset % 4 == 0);
    // SAFETY: see `clear`; the word is aligned, and atomic access allows writers elsewhere.
    unsafe { (*word).load(Ordering::Acquire) }
}

/// Writes a word that a program or a device may be reading, behind everything written before it.
#[inline]
pub fn store32(frame: Frame, offset: usize, value: u32) {
    let word = in_frame(frame, offset, 4).cast::<AtomicU32>();
    assert!(offset % 4 == 0);
    // SAFETY: as in `load32`.
    unsafe { (*word).store(value, Ordering::Release) };
}

/// Reads an entry of a page table.
#[inline]
pub fn table_entry(table: Frame, index: usize) -> u64 {
    let entry = in_frame(table, index * 8, 8).cast::<u64>();
    // SAFETY: see `clear`; the entry is aligned. The processor may set bits in it at any time.
    unsafe { entry.read_volatile() }
}

/// Writes an entry of a page table.
#[inline]
pub fn set_table_entry(table: Frame, index: usize, value: u64) {
    let entry = in_frame(table, index * 8, 8).cast::<u64>();
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
