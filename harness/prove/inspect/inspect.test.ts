import fc from "fast-check";
import { expect, test } from "vitest";
import { gdbArguments, gdbCommandLine } from "./gdb.ts";
import { Inspector } from "./inspector.ts";
import { parseRegisters } from "./registers.ts";
import { programAt, unwind } from "./unwind.ts";

const dump = `
CPU#0
RAX=0000000000000000 RBX=0000000000000000 RCX=0000000000000000 RDX=0000000000000001
RSI=0000000000000000 RDI=0000000000000000 RBP=ffffffff8030bf90 RSP=ffffffff8030bf40
RIP=ffffffff80216851 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
CR0=80010033 CR2=0000000000000000 CR3=0000000007fc2000 CR4=003506a0

CPU#1
EAX=00000000 EBX=00000000 ECX=00000000 EDX=00060fb1
ESI=00000000 EDI=00000000 EBP=00000010 ESP=00000000
EIP=0000fff0 EFL=00000002 [-------] CPL=3 II=0 A20=1 SMM=0 HLT=0
CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000
`;

test("registers are read in long mode and before it", () => {
  expect(parseRegisters(dump)).toEqual([
    {
      cpu: 0,
      rip: 0xffffffff80216851n,
      rsp: 0xffffffff8030bf40n,
      rbp: 0xffffffff8030bf90n,
      cr3: 0x7fc2000n,
      cr4: 0x3506a0n,
      privilege: 0,
      halted: true,
    },
    { cpu: 1, rip: 0xfff0n, rsp: 0n, rbp: 0x10n, cr3: 0n, cr4: 0n, privilege: 3, halted: false },
  ]);
  expect(parseRegisters("nonsense")).toEqual([]);
});

/** Words at addresses. */
function memory(words: Readonly<Record<string, bigint>>) {
  return (address: bigint, length: number): Promise<Uint8Array | undefined> => {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i += 8) {
      const word = words[(address + BigInt(i)).toString(16)];
      if (word === undefined) return Promise.resolve(undefined);
      bytes.writeBigUInt64LE(word, i);
    }
    return Promise.resolve(bytes);
  };
}

const here = { cpu: 0, rip: 0x100n, rsp: 0n, cr3: 0n, cr4: 0n, privilege: 0, halted: false };

test("callers are found by the chain of frame pointers, to where it leaves the stack", async () => {
  const read = memory({ "1000": 0x1020n, "1008": 0x205n, "1020": 0x9000n, "1028": 0x305n });
  const frames = await unwind({ ...here, rbp: 0x1000n }, read, (a) => `f${a.toString(16)}`);
  expect(frames).toEqual([
    { address: 0x100n, name: "f100" },
    // The call stands before the address to which it returns.
    { address: 0x205n, name: "f204" },
    { address: 0x305n, name: "f304" },
  ]);
});

test("no stack, however broken, keeps the search for callers going", async () => {
  const word = fc.bigInt({ min: 0n, max: 0x2000n });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom("1000", "1008", "1010", "1018"), word),
      word,
      async (words, rbp) => {
        const frames = await unwind({ ...here, rbp }, memory(words), () => undefined);
        expect(frames.length).toBeLessThanOrEqual(64);
      },
    ),
  );
});

test("a program is known by the bytes that stand where it would", async () => {
  const program = (name: string, fill: number) => ({
    name,
    symbols: {
      ranges: [
        {
          start: 0x1000n,
          end: 0x1040n,
          writable: false,
          executable: true,
          bytes: new Uint8Array(64).fill(fill),
        },
      ],
      symbols: [],
      at: () => undefined,
      show: () => undefined,
    },
  });
  const [one, other] = [program("one", 1), program("other", 2)];
  const read = (_: bigint, length: number): Promise<Uint8Array> =>
    Promise.resolve(new Uint8Array(length).fill(2));
  expect(await programAt(0x1010n, read, [one, other])).toBe(other);
  expect(await programAt(0x1010n, read, [one])).toBe(undefined);
  expect(await programAt(0x1010n, read, [other, program("twin", 2)]), "two that agree name neither").toBe(
    undefined,
  );
  expect(await programAt(0x2000n, read, [other])).toBe(undefined);
});

test("memory is read as a processor sees it, or not at all", async () => {
  const asked: unknown[] = [];
  const inspector = new Inspector({
    execute: (name, args) => {
      asked.push([name, args]);
      const seen = String(args?.["command-line"]).includes("0x10");
      const text = seen
        ? "0000000000000010: 0x01 0x02 0x03\r\n0000000000000013: 0xff\r\n"
        : "Cannot access memory\r\n";
      return Promise.resolve({ ok: true, value: text });
    },
  });
  expect(await inspector.read(1, 0x10n, 4)).toEqual(Uint8Array.from([1, 2, 3, 255]));
  expect(await inspector.read(1, 0x99n, 4)).toBe(undefined);
  expect(await inspector.read(1, 0x10n, 5), "fewer bytes than were asked for are none").toBe(undefined);
  expect(asked[0]).toEqual(["human-monitor-command", { "command-line": "x/4xb 0x10", "cpu-index": 1 }]);
});

test("a debugger for a script keeps to the given commands; one for a person takes their settings", () => {
  const session = { socket: "runs/gdb", symbols: "a kernel", programs: { init: "init.elf" }, first: ["x"] };
  const script = gdbArguments(session, ["bt"]);
  expect(script.slice(0, 3)).toEqual(["-q", "-nx", "-batch"]);
  expect(script.filter((word) => word !== "-ex").slice(-3)).toEqual(["target remote runs/gdb", "x", "bt"]);
  expect(script).toContain(String.raw`file a\ kernel`);
  expect(gdbArguments(session, [])).not.toContain("-batch");
  expect(gdbCommandLine({ ...session, symbols: "k" })).toBe("gdb -q k -ex 'target remote runs/gdb' -ex 'x'");
  expect(gdbCommandLine(session, "gdb-multiarch")).toMatch(/^gdb-multiarch -q /u);
});
