//! The words that the kernel, the programs and the host tool share.
//!
//! Everything here is layout and meaning, nothing is mechanism: the kernel and a program each bring
//! their own way of reading shared memory. `docs/abi.md` is the same contract in prose.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bootmodule;
pub mod capid;
pub mod capset;
pub mod errors;
pub mod generated;
pub mod layout;
pub mod limits;
pub mod message;
pub mod ring;
pub mod syscall;
pub mod wire;

pub use capid::CapId;
pub use errors::CapError;

/// Bytes in a page, in a ring page and in a CapSet page.
pub const PAGE_SIZE: usize = 4096;

/// Reads `N` bytes at `at`, or zeros where the slice is too short: callers check lengths first.
#[inline]
pub(crate) fn bytes_at<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(end) = at.checked_add(N)
        && let Some(part) = from.get(at..end)
    {
        out.copy_from_slice(part);
    }
    out
}

/// Writes `bytes` at `at`; nothing is written where they do not fit.
#[inline]
pub(crate) fn put_at(into: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(end) = at.checked_add(bytes.len())
        && let Some(part) = into.get_mut(at..end)
    {
        part.copy_from_slice(bytes);
    }
}
