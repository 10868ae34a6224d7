//! Touches memory that this program may not touch: what the processor does then is what is shown.
#![allow(unsafe_code)]

/// Reads where nothing is mapped.
pub fn nowhere() -> i32 {
    read(0x1000);
    0
}

/// Reads an address.
pub fn read(address: u64) {
    let place = core::ptr::with_exposed_provenance::<u64>(address as usize);
    // SAFETY: the read either faults, which ends the program, or reads a page that it owns.
    unsafe { place.read_volatile() };
}

/// Calls the code at an address.
pub fn run(address: u64) -> i32 {
    let result: u64;
    // SAFETY: the code there is what `main` wrote, which keeps every register but rax; where it may
    // not run, the call faults, which ends the program.
    unsafe {
        core::arch::asm!("call {address}", address = in(reg) address, out("rax") result);
    }
    result as i32
}
