/**
 * A firmware of our own: the smallest guest that shows whether a processor really runs. From the reset vector it goes
 * through real and protected mode into long mode, takes a number that it cannot know before (the machine's UUID, over
 * fw_cfg), works on it for two million rounds, prints the result on COM1 and ends through isa-debug-exit.
 *
 * There is no toolchain at run time, so this listing is the source: machine code to the left, what it says to the right.
 */
const listing = `
                          ; 0x000 real mode, entered from the reset vector; the ROM is also mapped at 0xf0000
fa                        ;   cli
662e0f01167801            ;   lgdt cs:[gdtr]
0f20c0                    ;   mov eax, cr0
0c01                      ;   or al, 1                  protection on
0f22c0                    ;   mov cr0, eax
66ea18000f000800          ;   jmp 0x08:0xf0018
                          ; 0x018 protected mode
b810000000                ;   mov eax, 0x10
8ed8                      ;   mov ds, eax
8ec0                      ;   mov es, eax
8ed0                      ;   mov ss, eax
bf00100000                ;   mov edi, 0x1000           three page tables, cleared
31c0                      ;   xor eax, eax
b9000c0000                ;   mov ecx, 0xc00
f3ab                      ;   rep stosd
c7050010000003200000      ;   mov dword [0x1000], 0x2003
c7050020000003300000      ;   mov dword [0x2000], 0x3003
c7050030000083000000      ;   mov dword [0x3000], 0x83  the first 2 MiB, mapped to themselves
b800100000                ;   mov eax, 0x1000
0f22d8                    ;   mov cr3, eax
0f20e0                    ;   mov eax, cr4
0c20                      ;   or al, 0x20               physical address extension
0f22e0                    ;   mov cr4, eax
b9800000c0                ;   mov ecx, 0xc0000080       EFER
0f32                      ;   rdmsr
80cc01                    ;   or ah, 1                  long mode enable
0f30                      ;   wrmsr
0f20c0                    ;   mov eax, cr0
0d00000080                ;   or eax, 0x80000000        paging on
0f22c0                    ;   mov cr0, eax
ea7d000f001800            ;   jmp 0x18:0xf007d
                          ; 0x07d long mode
bc00800000                ;   mov esp, 0x8000
ba10050000                ;   mov edx, 0x510            fw_cfg selector
b802000000                ;   mov eax, 2                the UUID
66ef                      ;   out dx, ax
ffc2                      ;   inc edx                   fw_cfg data
b908000000                ;   mov ecx, 8
ec                        ; byte:    in al, dx
48c1c808                  ;   ror rax, 8
ffc9                      ;   dec ecx
75f7                      ;   jnz byte
4889c3                    ;   mov rbx, rax
48be2d7f954c2df45158      ;   mov rsi, 6364136223846793005
48bf4f8167f77e7b0514      ;   mov rdi, 1442695040888963407
b980841e00                ;   mov ecx, 2000000
480fafde                  ; round:   imul rbx, rsi
4801fb                    ;   add rbx, rdi
ffc9                      ;   dec ecx
75f5                      ;   jnz round
488d355f000000            ;   lea rsi, [rip + banner]
e839000000                ;   call print
b910000000                ;   mov ecx, 16
48c1c304                  ; digit:   rol rbx, 4
88d8                      ;   mov al, bl
240f                      ;   and al, 15
0430                      ;   add al, '0'
3c39                      ;   cmp al, '9'
7602                      ;   jbe show
0427                      ;   add al, 'a' - '9' - 1
e82c000000                ; show:    call put
ffc9                      ;   dec ecx
75e7                      ;   jnz digit
488d3542000000            ;   lea rsi, [rip + trailer]
e80f000000                ;   call print
ec                        ; drain:   in al, dx          until the last byte has left
a840                      ;   test al, 0x40
74fb                      ;   jz drain
b810000000                ;   mov eax, 0x10
e7f4                      ;   out 0xf4, eax             the emulator exits with 33
f4                        ; stop:    hlt
ebfd                      ;   jmp stop
ac                        ; print:   lodsb
84c0                      ;   test al, al
7407                      ;   jz return
e803000000                ;   call put
ebf4                      ;   jmp print
c3                        ; return:  ret
88c4                      ; put:     mov ah, al
bafd030000                ;   mov edx, 0x3fd            line status
ec                        ; full:    in al, dx
a820                      ;   test al, 0x20
74fb                      ;   jz full
88e0                      ;   mov al, ah
b2f8                      ;   mov dl, 0xf8
ee                        ;   out dx, al
b2fd                      ;   mov dl, 0xfd
c3                        ;   ret
6361706f732070726f62652000                                ; banner:  "capos probe ", 0
0d0a5b70726f62655d2068616c746564207374617475733d300d0a00  ; trailer: "\\r\\n[probe] halted status=0\\r\\n", 0
0f1f4000                  ;   align 8
0000000000000000          ; gdt:     null
ffff0000009bcf00          ; 0x08     32-bit code
ffff00000093cf00          ; 0x10     data
ffff0000009baf00          ; 0x18     64-bit code
1f0058010f00              ; gdtr:    limit 31, base 0xf0158
`;

const rounds = 2_000_000n;
const factor = 6364136223846793005n;
const addend = 1442695040888963407n;

const romBytes = 0x10000;
/** A jump from the reset vector back to the first byte of the ROM. */
const resetVector = { at: 0xfff0, code: "e90d00" };

/** The firmware as a file for `-bios`. */
export function probeRom(): Uint8Array {
  return romOf(listing);
}

/** A firmware from a listing: hexadecimal machine code, comments from `;` on. Its first byte is entered in real mode. */
export function romOf(source: string): Uint8Array {
  const rom = new Uint8Array(romBytes);
  rom.set(codeOf(source));
  rom.set(codeOf(resetVector.code), resetVector.at);
  return rom;
}

/** The machine code of a listing. */
export function codeOf(source: string): Uint8Array {
  const code = source.split("\n").map((line) => line.split(";")[0]?.replaceAll(/\s/gu, "") ?? "");
  return Buffer.from(code.join(""), "hex");
}

/** What a healthy guest prints for a machine UUID, last line included. */
export function probeConsole(uuid: string): string {
  const seed = Buffer.from(uuid.replaceAll("-", ""), "hex").readBigUInt64LE(0);
  const answer = afterRounds(seed, rounds).toString(16).padStart(16, "0");
  return `capos probe ${answer}\r\n[probe] halted status=0\r\n`;
}

/** `x * factor + addend`, repeated, in as many steps as the count has digits: by squaring the whole map. */
function afterRounds(x: bigint, count: bigint): bigint {
  let [a, c] = [factor, addend];
  for (; count > 0n; count >>= 1n) {
    if (count & 1n) x = BigInt.asUintN(64, x * a + c);
    c = BigInt.asUintN(64, (a + 1n) * c);
    a = BigInt.asUintN(64, a * a);
  }
  return x;
}
