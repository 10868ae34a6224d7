//! What the processor must stop. Each of these ends the process; that they are unsound for the program
//! itself is the point.
#![allow(unsafe_code)]

use core::arch::asm;

/// An address of the kernel's half.
const KERNEL: u64 = 0xffff_ffff_8020_0000;
/// An address that no page table can map.
const NOT_CANONICAL: u64 = 0x0000_8000_0000_0000;

/// Causes a fault; returns only for an unknown kind, or if the processor let it pass.
pub fn cause(kind: &[u8]) {
    match kind {
        b"null" => read(0),
        b"kernel" => read(KERNEL),
        b"canonical" => read(NOT_CANONICAL),
        // SAFETY: writes to a page that is mapped read-only, and does not get to what follows.
        b"text" => unsafe { asm!("lea rax, [rip]", "mov byte ptr [rax], 0xc3", out("rax") _) },
        // SAFETY: jumps to the stack, which is not executable, and does not get there.
        b"stack" => unsafe { asm!("call rsp") },
        // SAFETY: has no other effect than the fault.
        b"opcode" => unsafe { asm!("ud2") },
        // SAFETY: vector registers are not offered, so this is the same as `ud2`.
        b"vector" => unsafe { asm!("pxor xmm0, xmm0") },
        // SAFETY: divides by zero, which writes no register.
        b"divide" => unsafe {
            asm!("xor ecx, ecx", "div ecx", out("rcx") _, out("rax") _, out("rdx") _)
        },
        // SAFETY: instructions of the kernel alone, refused before they have an effect.
        b"halt" => unsafe { asm!("hlt") },
        // SAFETY: as above.
        b"interrupts" => unsafe { asm!("cli") },
        // SAFETY: as above; without the bitmap's leave no port can be reached.
        b"port" => unsafe { asm!("out 0xf4, al", in("al") 0_u8) },
        _ => {}
    }
}

fn read(address: u64) {
    // SAFETY: reads what is not mapped for this program; no value ever comes of it.
    unsafe { asm!("mov {0}, [{0}]", inout(reg) address => _, options(nostack, readonly)) }
}
