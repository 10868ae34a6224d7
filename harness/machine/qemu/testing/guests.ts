import { codeOf, romOf } from "../probe-program.ts";

/** Guests of a few bytes for the tests of real boots, as firmware for `-bios`. All run in real mode. */
export const roms = {
  /** Stands still for ever without using the processor. */
  hangs: romOf("fa f4 eb fd ; cli; stop: hlt; jmp stop"),
  /** Runs for ever. */
  spins: romOf("fa eb fe ; cli; stop: jmp stop"),
  /** Any exception finds no handler, nor does the next. */
  tripleFaults: romOf(`
    fa                    ; cli
    66 2e 0f 01 1e 09 00  ; lidt cs:[9]
    cc                    ; int3
    000000000000          ; limit 0, base 0`),
  /** Asks the chip set for a reset. */
  resets: romOf(`
    ba f9 0c              ; mov dx, 0xcf9
    b0 06                 ; mov al, 6
    ee                    ; out dx, al
    f4                    ; hlt`),
  /** Writes 200,000 bytes, waits for the last to leave, and ends with 33. */
  prints: romOf(`
    66 bb 40 0d 03 00     ; mov ebx, 200000
    ba fd 03              ; mov dx, 0x3fd
    ec                    ; again: in al, dx
    a8 20                 ; test al, 0x20
    74 fb                 ; jz again
    88 d8                 ; mov al, bl
    b2 f8                 ; mov dl, 0xf8
    ee                    ; out dx, al
    b2 fd                 ; mov dl, 0xfd
    66 4b                 ; dec ebx
    75 f0                 ; jnz again
    ec                    ; drain: in al, dx
    a8 40                 ; test al, 0x40
    74 fb                 ; jz drain
    66 b8 10 00 00 00     ; mov eax, 0x10
    66 e7 f4              ; out 0xf4, eax
    f4                    ; hlt`),
} as const;

/** A 1 MiB disk whose boot sector writes itself to the next sector, says whether that worked, and ends with 33. */
export function writingDisk(): Uint8Array {
  const disk = new Uint8Array(1 << 20);
  disk.set(
    codeOf(`
      31c0                ; xor ax, ax
      8ed8                ; mov ds, ax
      8ed0                ; mov ss, ax
      bc007c              ; mov sp, 0x7c00
      be417c              ; mov si, packet
      b80043              ; mov ax, 0x4300          extended write; dl is the drive booted from
      cd13                ; int 0x13
      be517c              ; mov si, wrote
      7303                ; jnc next
      be597c              ; mov si, failed
      ac                  ; next: lodsb
      84c0                ; test al, al
      7411                ; jz done
      88c4                ; mov ah, al
      bafd03              ; mov dx, 0x3fd
      ec                  ; wait: in al, dx
      a820                ; test al, 0x20
      74fb                ; jz wait
      88e0                ; mov al, ah
      b2f8                ; mov dl, 0xf8
      ee                  ; out dx, al
      ebea                ; jmp next
      bafd03              ; done: mov dx, 0x3fd
      ec                  ; drain: in al, dx
      a840                ; test al, 0x40
      74fb                ; jz drain
      66b810000000        ; mov eax, 0x10
      66e7f4              ; out 0xf4, eax
      f4                  ; hlt
      1000 0100 007c 0000 ; packet: 16 bytes, 1 sector from 0:0x7c00
      0100000000000000    ;   to sector 1
      77726f74650d0a00    ; wrote: "wrote\\r\\n", 0
      6661696c65640d0a00  ; failed: "failed\\r\\n", 0`),
  );
  disk.set([0x55, 0xaa], 510);
  return disk;
}
