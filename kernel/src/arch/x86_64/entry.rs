//! The ways from a program into the kernel and back.
//!
//! A program's registers are saved straight into its thread's `Frame` (the processor's own stack
//! pointer for interrupts points at the frame's end), then the kernel runs on this processor's one
//! stack. It comes back here with the frame to go on with, which may be another thread's. The kernel
//! itself is never interrupted except in `wait_for_interrupt`.

use core::arch::global_asm;
use core::mem::offset_of;

use super::percpu::PerCpu;

/// A program's registers, in the order in which entry pushes them.
#[derive(Clone, Copy, Default)]
#[repr(C, align(16))]
pub struct Frame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rcx: u64,
    pub rax: u64,
    pub rdx: u64,
    pub rsi: u64,
    pub rdi: u64,
    /// Which interrupt, or `SYSCALL`.
    pub vector: u64,
    pub error: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

/// `Frame.vector` of a system call.
pub const SYSCALL: u64 = 256;
/// Bytes between two entry stubs.
pub const STUB_BYTES: u64 = 16;

global_asm!(
    r#"
    .section .text.entry, "ax", @progbits
    .balign 16
    .global interrupt_stubs
interrupt_stubs:
    .set number, 0
    .rept 256
    .balign 16
    .if (number == 8) || ((number >= 10) && (number <= 14)) || (number == 17) || (number == 21) || (number == 29) || (number == 30)
    .else
    push 0
    .endif
    .byte 0x68
    .long number
    jmp interrupt_common
    .set number, number + 1
    .endr

    .balign 16
interrupt_common:
    push rdi
    push rsi
    push rdx
    push rax
    push rcx
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    cld
    clac
    mov rdi, rsp
    test byte ptr [rsp + {cs}], 3
    jz 1f
    swapgs
    mov rsp, gs:[{kernel_stack}]
    xor ebp, ebp
    call interrupt_from_user

    /* In the kernel: go back to where it was, if the handler comes back at all. */
1:  mov rbx, rsp
    and rsp, -16
    call interrupt_in_kernel
    mov rsp, rbx
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rcx
    pop rax
    pop rdx
    pop rsi
    pop rdi
    add rsp, 16
    iretq

    /* It comes between any two instructions, also of the entries here, on a stack of its own: so it
       uses no register and not gs, and the flags come back with iretq. */
    .balign 16
    .global non_maskable_entry
non_maskable_entry:
    lock inc qword ptr [rip + {non_maskable}]
    iretq

    .balign 16
    .global syscall_entry
syscall_entry:
    /* Of what the processor would save for an interrupt, only the stack pointer has no copy below: what
       comes back by sysret takes rip and rflags from rcx and r11, and cs and ss are known. */
    swapgs
    mov gs:[{user_stack}], rsp
    mov rsp, gs:[{frame_top}]
    lea rsp, [rsp - {behind_rsp}]
    push qword ptr gs:[{user_stack}]
    lea rsp, [rsp - {vector_to_rsp}]
    push {syscall}
    push rdi
    push rsi
    push rdx
    push rax
    push rcx
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov rdx, rax
    mov rsp, gs:[{kernel_stack}]
    xor ebp, ebp
    call syscall_from_user

    /* The way back, from wherever the kernel is on its stack: rax is the frame to go on with. */
    .global resume
resume:
    mov rsp, rax
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rcx
    pop rax
    pop rdx
    pop rsi
    pop rdi
    swapgs
    cmp qword ptr [rsp], {syscall}
    jne 1f
    /* rcx and r11 were saved as the return address and the flags; no page ends at the border of the
       lower half, so the address is canonical. */
    mov rsp, [rsp + 40]
    sysretq
1:  add rsp, 16
    iretq
    .text
"#,
    cs = const offset_of!(Frame, cs),
    kernel_stack = const offset_of!(PerCpu, kernel_stack),
    user_stack = const offset_of!(PerCpu, user_stack),
    frame_top = const offset_of!(PerCpu, frame_top),
    behind_rsp = const size_of::<Frame>() - offset_of!(Frame, ss),
    vector_to_rsp = const offset_of!(Frame, rsp) - offset_of!(Frame, error),
    syscall = const SYSCALL,
    non_maskable = sym super::interrupts::NON_MASKABLE,
);

// SAFETY: the four are labels of the assembly above; all but the last are only ever used as addresses.
unsafe extern "C" {
    fn interrupt_stubs();
    fn non_maskable_entry();
    fn syscall_entry();
    #[link_name = "resume"]
    fn resume_frame() -> !;
}

/// The address of the stub for an interrupt.
pub fn stub(vector: u8) -> u64 {
    interrupt_stubs as *const () as u64 + u64::from(vector) * STUB_BYTES
}

/// The address of the stub for a non-maskable interrupt.
pub fn non_maskable_stub() -> u64 {
    non_maskable_entry as *const () as u64
}

/// The address of the `syscall` stub.
pub fn syscall_stub() -> u64 {
    syscall_entry as *const () as u64
}

/// Leaves the kernel for a program.
pub fn resume(frame: *mut Frame) -> ! {
    // SAFETY: `resume` expects the frame in rax and leaves this stack for good; the frame was made by
    // `context::switch_to`, which also loaded the address space.
    unsafe {
        core::arch::asm!("jmp {resume}", resume = sym resume_frame, in("rax") frame, options(noreturn));
    }
}

const _: () = assert!(size_of::<Frame>() == 176 && size_of::<Frame>() % 16 == 0);
