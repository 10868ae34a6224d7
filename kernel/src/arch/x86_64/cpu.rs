//! The processor: what it must offer, and its control registers.

use core::arch::asm;
use core::arch::x86_64::{__cpuid, __cpuid_count, _rdtsc};

use capos_core::frames::Frame;

const EFER: u32 = 0xc000_0080;
const STAR: u32 = 0xc000_0081;
const LSTAR: u32 = 0xc000_0082;
const FMASK: u32 = 0xc000_0084;
const KERNEL_GS_BASE: u32 = 0xc000_0102;

const EFER_SYSCALL: u64 = 1 << 0;
const EFER_NO_EXECUTE: u64 = 1 << 11;

const CR0_MONITOR: u64 = 1 << 1;
const CR0_EMULATE: u64 = 1 << 2;
const CR0_TASK_SWITCHED: u64 = 1 << 3;
const CR0_WRITE_PROTECT: u64 = 1 << 16;
const CR4_MACHINE_CHECK: u64 = 1 << 6;
const CR4_GLOBAL: u64 = 1 << 7;
const CR4_UMIP: u64 = 1 << 11;
const CR4_FSGSBASE: u64 = 1 << 16;
const CR4_SMEP: u64 = 1 << 20;
const CR4_SMAP: u64 = 1 << 21;

/// Flags that a system call clears: trap, interrupt, direction, nested task, alignment check (which
/// would switch SMAP off), and the I/O privilege level.
const SYSCALL_CLEARS: u64 = 1 << 8 | 1 << 9 | 1 << 10 | 1 << 14 | 1 << 18 | 3 << 12;

/// The name of the first required feature that this processor does not have.
pub fn missing_feature() -> Option<&'static str> {
    let most = __cpuid(0).eax;
    let most_extended = __cpuid(0x8000_0000).eax;
    let basic = __cpuid(1);
    let structured = if most >= 7 {
        __cpuid_count(7, 0).ebx
    } else {
        0
    };
    let extended = if most_extended > 0x8000_0000 {
        __cpuid(0x8000_0001).edx
    } else {
        0
    };
    let required = [
        ("NX", extended & 1 << 20),
        ("SYSCALL", extended & 1 << 11),
        ("APIC", basic.edx & 1 << 9),
        ("XSAVE", basic.ecx & 1 << 26),
        ("RDRAND", basic.ecx & 1 << 30),
        ("FSGSBASE", structured & 1 << 0),
        ("SMEP", structured & 1 << 7),
        ("SMAP", structured & 1 << 20),
    ];
    required
        .into_iter()
        .find(|(_, present)| *present == 0)
        .map(|(name, _)| name)
}

/// Switches on NX and write protection, which the final page tables rest on.
pub fn protect_pages() {
    // SAFETY: both only restrict what later mappings allow; the boot tables use neither.
    unsafe {
        write_msr(EFER, read_msr(EFER) | EFER_NO_EXECUTE);
        let mut cr0: u64;
        asm!("mov {}, cr0", out(reg) cr0, options(nostack, preserves_flags));
        // No program has floating-point or vector state yet: an instruction that would make some
        // faults, so that none can leak from one program to the next.
        cr0 = (cr0 | CR0_WRITE_PROTECT | CR0_EMULATE) & !(CR0_MONITOR | CR0_TASK_SWITCHED);
        asm!("mov cr0, {}", in(reg) cr0, options(nostack, preserves_flags));
    }
}

/// Switches on SMEP, SMAP, FSGSBASE, global pages and, where they exist, UMIP and machine checks: without
/// the last, a broken machine resets and says nothing.
pub fn protect_kernel() {
    let machine_check = if __cpuid(1).edx & 1 << 7 != 0 {
        CR4_MACHINE_CHECK
    } else {
        0
    };
    let umip = if __cpuid_count(7, 0).ecx & 1 << 2 != 0 {
        CR4_UMIP
    } else {
        0
    };
    let bits = CR4_GLOBAL | CR4_FSGSBASE | CR4_SMEP | CR4_SMAP | umip | machine_check;
    // SAFETY: the kernel neither runs nor touches pages that user mode can reach: it copies through
    // the direct map.
    unsafe {
        let mut cr4: u64;
        asm!("mov {}, cr4", out(reg) cr4, options(nostack, preserves_flags));
        cr4 |= bits;
        asm!("mov cr4, {}", in(reg) cr4, options(nostack, preserves_flags));
    }
}

/// Points the `syscall` instruction at `entry`.
pub fn set_syscall_entry(entry: u64) {
    use super::gdt::{KERNEL_CODE, SYSRET_BASE};
    let star = u64::from(SYSRET_BASE) << 48 | u64::from(KERNEL_CODE) << 32;
    // SAFETY: `entry` is the kernel's entry stub and the selectors are those of the loaded GDT.
    unsafe {
        write_msr(EFER, read_msr(EFER) | EFER_SYSCALL);
        write_msr(STAR, star);
        write_msr(LSTAR, entry);
        write_msr(FMASK, SYSCALL_CLEARS);
    }
}

/// Loads the top page table.
///
/// # Safety
/// `root` must be a complete top-level table whose kernel half is the kernel's.
pub unsafe fn load_root(root: Frame) {
    // SAFETY: by this function's contract the kernel's own mappings stay as they are.
    unsafe { asm!("mov cr3, {}", in(reg) root.address(), options(nostack, preserves_flags)) };
}

/// Makes this processor forget what it remembers of the page at an address.
pub fn forget_page(address: u64) {
    // SAFETY: what is forgotten is looked up again.
    unsafe { asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}

/// The time-stamp counter.
pub fn time_stamp() -> u64 {
    // SAFETY: reading the counter has no effect.
    unsafe { _rdtsc() }
}

/// The address that caused the last page fault.
pub fn fault_address() -> u64 {
    let address: u64;
    // SAFETY: reading CR2 has no effect.
    unsafe { asm!("mov {}, cr2", out(reg) address, options(nomem, nostack, preserves_flags)) };
    address
}

/// The program's fs and gs bases. Call with the kernel's gs loaded.
pub fn user_bases() -> (u64, u64) {
    let fs: u64;
    // SAFETY: FSGSBASE is on (`protect_kernel`), and the program's gs base lies in its MSR.
    unsafe {
        asm!("rdfsbase {}", out(reg) fs, options(nomem, nostack, preserves_flags));
        (fs, read_msr(KERNEL_GS_BASE))
    }
}

/// Loads a program's fs and gs bases, which must be canonical.
pub fn set_user_bases(fs: u64, gs: u64) {
    // SAFETY: neither base is used by the kernel; the values were read by `user_bases`, or are zero.
    unsafe {
        asm!("wrfsbase {}", in(reg) fs, options(nomem, nostack, preserves_flags));
        write_msr(KERNEL_GS_BASE, gs);
    }
}

/// Loads the kernel's gs base.
///
/// # Safety
/// `base` must be the address of this processor's `PerCpu`, for ever.
pub unsafe fn set_kernel_gs(base: u64) {
    // SAFETY: FSGSBASE is on; the contract covers the value.
    unsafe { asm!("wrgsbase {}", in(reg) base, options(nomem, nostack, preserves_flags)) };
}

/// Waits for one interrupt, taking it; interrupts are off again afterwards.
pub fn wait_for_interrupt() {
    // SAFETY: `sti` takes effect after `hlt` has begun, so no interrupt is lost; the handlers for
    // interrupts in the kernel only note that they came.
    unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
}

/// Reads a model-specific register.
///
/// # Safety
/// The register must exist.
pub unsafe fn read_msr(register: u32) -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: by this function's contract.
    unsafe {
        asm!("rdmsr", in("ecx") register, out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags));
    }
    u64::from(high) << 32 | u64::from(low)
}

/// Writes a model-specific register.
///
/// # Safety
/// The register must exist, and the kernel must be sound with the new value.
pub unsafe fn write_msr(register: u32, value: u64) {
    let (low, high) = (value as u32, (value >> 32) as u32);
    // SAFETY: by this function's contract.
    unsafe {
        asm!("wrmsr", in("ecx") register, in("eax") low, in("edx") high, options(nostack, preserves_flags));
    }
}
