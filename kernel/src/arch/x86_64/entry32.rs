//! The first instructions, for both ways in: PVH (`-kernel`) and multiboot2 (GRUB under BIOS and
//! UEFI). Both arrive in 32-bit protected mode without paging; both leave as one call of
//! `rust_entry(magic, info)` in long mode on the kernel's stack.
//!
//! The boot page tables map the first 4 GiB three times (at their own address, in the direct map and,
//! as far as 1 GiB, under the kernel's code), all writable and executable; they are replaced before
//! anything untrusted is looked at. Interrupts stay off.

use core::arch::global_asm;

/// In eax when a multiboot2 loader starts the kernel.
pub const MULTIBOOT2_MAGIC: u32 = 0x36d7_6289;
/// Given instead when the start is by PVH.
pub const PVH_MAGIC: u32 = 0x336e_c578;

global_asm!(
    r#"
    .section .note.pvh, "a", @note
    .balign 4
    .long 4
    .long 8
    .long 18
    .asciz "Xen"
    .quad pvh_entry

    .section .boot.header, "a", @progbits
    .balign 8
multiboot2_header:
    .long 0xe85250d6
    .long 0
    .long multiboot2_header_end - multiboot2_header
    .long -(0xe85250d6 + (multiboot2_header_end - multiboot2_header))
    /* Modules on page boundaries: the programs are mapped where they lie. */
    .balign 8
    .short 6, 0
    .long 8
    .balign 8
    .short 0, 0
    .long 8
multiboot2_header_end:

    .section .boot.bss, "aw", @nobits
    .balign 4096
boot_pml4:      .skip 4096
boot_pdpt:      .skip 4096
boot_pdpt_high: .skip 4096
boot_pd:        .skip 4096 * 4

    .section .boot.text, "ax", @progbits
    .code32
    .global pvh_entry
pvh_entry:
    cld
    mov edi, {pvh}
    jmp boot_common
    .global multiboot2_entry
multiboot2_entry:
    cld
    mov edi, eax
boot_common:
    cli
    mov esi, ebx
    mov esp, offset boot_pml4
    add esp, 4096

    mov eax, offset boot_pdpt
    or eax, 3
    mov [boot_pml4], eax
    mov [boot_pml4 + 256 * 8], eax
    mov eax, offset boot_pdpt_high
    or eax, 3
    mov [boot_pml4 + 511 * 8], eax
    mov eax, offset boot_pd
    or eax, 3
    mov [boot_pdpt_high + 510 * 8], eax
    xor ecx, ecx
2:  mov [boot_pdpt + ecx * 8], eax
    add eax, 4096
    inc ecx
    cmp ecx, 4
    jne 2b
    mov eax, 0x83
    xor ecx, ecx
3:  mov [boot_pd + ecx * 8], eax
    add eax, 0x200000
    inc ecx
    cmp ecx, 2048
    jne 3b

    mov eax, offset boot_pml4
    mov cr3, eax
    mov eax, cr4
    or eax, 0x20
    mov cr4, eax
    mov ecx, 0xc0000080
    rdmsr
    or eax, 0x100
    wrmsr
    mov eax, cr0
    or eax, 0x80010001
    mov cr0, eax
    lgdt [boot_gdt_pointer]
    ljmp 8, offset boot_long

    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff
    .quad 0x00cf93000000ffff
boot_gdt_pointer:
    .short 23
    .long boot_gdt

    .code64
boot_long:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov ss, ax
    xor eax, eax
    mov fs, ax
    mov gs, ax
    movabs rsp, offset __stack_top
    xor ebp, ebp
    movabs rax, offset rust_entry
    call rax
    ud2
    .text
"#,
    pvh = const PVH_MAGIC,
);

#[unsafe(no_mangle)]
extern "C" fn rust_entry(magic: u32, info: u32) -> ! {
    super::serial::start();
    crate::kernel_main(crate::boot::Boot::from_loader(magic, info))
}
