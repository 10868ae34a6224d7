//! The two system calls. `syscall` with the number in rax, arguments in rdi and rsi, the result in
//! rax; rcx and r11 are destroyed, everything else is preserved.

/// `exit(status: i32)`: ends the process; never returns.
pub const EXIT: u64 = 0;
/// `cap_enter(min_complete: u32, timeout_ns: u64) -> i64`: the number of completions that wait to be
/// consumed, or a negated `CapError`. Timeout 0 polls, all ones waits for ever.
pub const CAP_ENTER: u64 = 1;

/// The timeout that never runs out.
pub const WAIT_FOREVER: u64 = u64::MAX;
