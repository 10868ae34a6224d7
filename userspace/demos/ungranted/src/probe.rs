//! Entries and system calls as no sane program makes them.
#![allow(unsafe_code)]

use capos_abi::layout::{CAPSET, RING};
use capos_abi::ring::{Sqe, at};
use capos_abi::syscall::CAP_ENTER;
use capos_rt::Ring;
use capos_rt::system::system_call;

/// Memory that an entry must not name.
pub mod place {
    /// The kernel's half.
    pub const KERNEL: u64 = 0xffff_ffff_8020_0000;
    /// Not mapped.
    pub const NOWHERE: u64 = 0x1000;
    /// Where no page table reaches.
    pub const NOT_CANONICAL: u64 = 0x0000_8000_0000_0000;
    /// Close to the end of all addresses.
    pub const END: u64 = u64::MAX - 7;
    /// Mapped for reading only: where the results of a call must not go.
    pub const READ_ONLY: u64 = super::CAPSET;
}

/// Carries out an entry whose addresses are `place`s or lie in `good`, and gives its result.
pub fn entry(ring: Ring, sqe: Sqe) -> i64 {
    // SAFETY: this program may write to none of the places, which is what it wants to see; the good
    // buffer is static and used for nothing else.
    let carried_out = unsafe { ring.carry_out(sqe) };
    carried_out.map_or_else(
        |error| i64::from(error.negated()),
        |cqe| i64::from(cqe.result),
    )
}

/// Offers more entries than the queue holds; the index is then put back.
pub fn run_ahead() -> i64 {
    with_index(at::SQ_TAIL, 17)
}

/// Claims to have taken completions that never came; the index is then put back.
pub fn take_ahead() -> i64 {
    with_index(at::CQ_HEAD, 1)
}

/// Calls `cap_enter` while one of the program's indices is wrong.
fn with_index(at: usize, ahead: u32) -> i64 {
    let index = core::ptr::with_exposed_provenance_mut::<u32>(RING as usize + at);
    // SAFETY: the word lies in this thread's ring page, and the ring is idle: all that was submitted
    // has been completed and taken, and the index is right again before it goes on.
    unsafe {
        let right = index.read_volatile();
        index.write_volatile(right.wrapping_add(ahead));
        let result = system_call(CAP_ENTER, 0, 0);
        index.write_volatile(right);
        result
    }
}
