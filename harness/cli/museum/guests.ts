/**
 * Guests of one boot sector that behave as guests should not, for `museum.test.ts`. Firmware loads the sector to 0x7c00
 * and jumps there; what it says goes to the first serial port, byte by byte.
 */

const origin = 0x7c00;

/** Machine code in hexadecimal, or a text that is said: zero-terminated, at an address that is filled in. */
type Step = { readonly code: string } | { readonly say: string };

const say = (text: string): Step => ({ say: text });
const code = (listing: string): Step => ({
  code: listing
    .split("\n")
    .map((line) => line.split(";")[0]?.replaceAll(/\s/gu, "") ?? "")
    .join(""),
});

const standStill = code("fa f4 eb fd          ; cli; stop: hlt; jmp stop");
/** Waits until the last byte has left, and ends the emulator with 33. */
const leave = code(`
  ba fd 03              ; mov dx, 0x3fd
  ec                    ; drain: in al, dx
  a8 40                 ; test al, 0x40
  74 fb                 ; jz drain
  66 b8 10 00 00 00     ; mov eax, 0x10
  66 e7 f4              ; out 0xf4, eax
  fa f4 eb fd           ; cli; stop: hlt; jmp stop`);
const reset = code(`
  ba f9 0c              ; mov dx, 0xcf9
  b0 06                 ; mov al, 6
  ee                    ; out dx, al
  f4                    ; hlt`);
/** An interrupt table of no entries, and an exception. */
const tripleFault = code("fa 0f 01 1e 00 7a cc  ; cli; lidt [0x7a00], which is zero; int3");
const banner = say("museum guest starting\r\n");
const exhibit = say("[museum] exhibit\r\n");
const trailer = say("museum guest halted status=0\r\n");

/** By name; each is a sector that firmware boots. */
export const guests = {
  good: sector([banner, exhibit, trailer, leave]),
  silent: sector([standStill]),
  "falls-silent": sector([banner, standStill]),
  floods: sector([banner, say("all work and no play makes a dull guest\r\n")], "again"),
  "half-a-character": sector([banner, say("[museum] caf\xc3"), leave]),
  early: sector([banner, trailer, leave]),
  twice: sector([banner, exhibit, exhibit, trailer, leave]),
  "loops-in-firmware": sector([say("Booting from Hard Disk...\r\n")], "again"),
  reboots: sector([banner, exhibit, reset]),
  "triple-faults": sector([banner, tripleFault]),
  "green-exit": sector([banner, leave]),
} as const;

/** A 1 MiB disk with the sector, so that firmware takes it for a disk at all. */
export function diskOf(boot: Uint8Array): Uint8Array {
  const disk = new Uint8Array(1 << 20);
  disk.set(boot);
  return disk;
}

/** `end`: whether what follows the last step is the first one that says something else, for ever. */
function sector(steps: readonly Step[], end: "stop" | "again" = "stop"): Uint8Array {
  const head = bytesOf(`
    31c0 8ed8 8ed0      ; xor ax, ax; mov ds, ax; mov ss, ax
    bc007c              ; mov sp, 0x7c00
    eb17                ; jmp main
    ac                  ; print: lodsb
    84c0 7411           ; test al, al; jz done
    88c4                ; mov ah, al
    bafd03              ; mov dx, 0x3fd
    ec a820 74fb        ; wait: in al, dx; test al, 0x20; jz wait
    88e0                ; mov al, ah
    b2f8 ee             ; mov dl, 0xf8; out dx, al
    ebea                ; jmp print
    c3                  ; done: ret`);
  const print = 11;
  const lengthOf = (step: Step): number => ("code" in step ? step.code.length / 2 : 6);
  const codeEnd = head.length + steps.reduce((sum, step) => sum + lengthOf(step), 0) + 2;
  const texts: number[] = [];
  const body: number[] = [];
  let lastSay = head.length;
  for (const step of steps) {
    const at = head.length + body.length;
    if ("code" in step) {
      body.push(...Buffer.from(step.code, "hex"));
      continue;
    }
    lastSay = at;
    const address = origin + codeEnd + texts.length;
    const distance = print - (at + 6);
    body.push(0xbe, address & 0xff, address >> 8, 0xe8, distance & 0xff, (distance >> 8) & 0xff);
    texts.push(...Buffer.from(step.say, "latin1"), 0);
  }
  const at = head.length + body.length;
  body.push(0xeb, (end === "again" ? lastSay - (at + 2) : -2) & 0xff);
  const all = new Uint8Array(512);
  all.set([...head, ...body, ...texts]);
  all.set([0x55, 0xaa], 510);
  return all;
}

function bytesOf(listing: string): readonly number[] {
  const step = code(listing);
  return "code" in step ? [...Buffer.from(step.code, "hex")] : [];
}
