//! Where the linker put the kernel.

use core::ops::Range;
use core::ptr::addr_of;

/// Virtual address minus physical address of everything above the boot part.
pub const OFFSET: u64 = 0xffff_ffff_8000_0000;

// SAFETY: the linker script defines every one of them; only their addresses are taken.
unsafe extern "C" {
    static __boot_start: u8;
    static __boot_end: u8;
    static __text_start: u8;
    static __text_end: u8;
    static __rodata_start: u8;
    static __rodata_end: u8;
    static __data_start: u8;
    static __data_end: u8;
    static __stack_guard: u8;
    static __stack_top: u8;
    static __build_id_start: u8;
    static __build_id_end: u8;
}

macro_rules! address {
    ($symbol:ident) => {
        // The address of a linker symbol is its value; nothing is read from it.
        addr_of!($symbol) as u64
    };
}

/// Physical addresses of the whole kernel, boot part included.
pub fn physical() -> Range<u64> {
    address!(__boot_start)..address!(__data_end) - OFFSET
}

/// Physical addresses of the part that runs before paging.
pub fn boot_part() -> Range<u64> {
    address!(__boot_start)..address!(__boot_end)
}

/// Virtual addresses of the code.
pub fn text() -> Range<u64> {
    address!(__text_start)..address!(__text_end)
}

/// Virtual addresses of constants.
pub fn rodata() -> Range<u64> {
    address!(__rodata_start)..address!(__rodata_end)
}

/// Virtual addresses of variables, stack and guard page included.
pub fn data() -> Range<u64> {
    address!(__data_start)..address!(__data_end)
}

/// The page under the stack that stays unmapped.
pub fn stack_guard() -> u64 {
    address!(__stack_guard)
}

/// The end of the boot processor's kernel stack.
pub fn stack_top() -> u64 {
    address!(__stack_top)
}

/// The linker's build id: the 20 bytes behind the note's header.
pub fn build_id() -> &'static [u8] {
    const NOTE_HEADER: usize = 16;
    let start = addr_of!(__build_id_start);
    let len = (address!(__build_id_end) - address!(__build_id_start)) as usize;
    // SAFETY: the linker script puts exactly the build-id note between the two symbols, inside
    // read-only data that is mapped from the first instruction of Rust on.
    let note = unsafe { core::slice::from_raw_parts(start, len) };
    note.get(NOTE_HEADER..).unwrap_or(&[])
}
