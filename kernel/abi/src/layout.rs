//! Where a program finds things in its own half of the address space.
//!
//! The kernel also passes the first three in registers at entry (rdi = ring, rsi = CapSet,
//! rdx = process id), and programs use those. One 2 MiB region at the end of the first GiB holds
//! them all, so that a small program needs five page-table pages.

/// First address at which an ELF segment may lie; also where programs are linked.
pub const IMAGE_START: u64 = 0x0020_0000;
/// First address behind the image's range.
pub const IMAGE_END: u64 = 0x3fc0_0000;
/// The read-only CapSet page.
pub const CAPSET: u64 = 0x3fe0_0000;
/// The first thread's ring page; each further thread's ring lies `RING_STRIDE` above.
pub const RING: u64 = 0x3fe1_0000;
/// Distance between ring pages: an unmapped page lies between two of them.
pub const RING_STRIDE: u64 = 0x2000;
/// The first thread's stack ends here (exclusive), and rsp starts here.
pub const STACK_TOP: u64 = 0x3fff_0000;
/// Bytes of the first thread's stack; the page below is never mapped.
pub const STACK_BYTES: u64 = 256 * 1024;
/// First address that no user mapping can have.
pub const USER_END: u64 = 0x0000_8000_0000_0000;
/// First address of what a program reserves or maps while it runs.
pub const MAPPED_START: u64 = 0x4000_0000;
/// First address behind it.
pub const MAPPED_END: u64 = 0x10_0000_0000;
