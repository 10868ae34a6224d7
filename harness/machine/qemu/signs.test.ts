import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ErrorLog, devicesIn, signOf, threadsIn } from "./signs.ts";

test("only what ends a boot or fails the guest is a sign", () => {
  for (const event of ["RESUME", "STOP", "RTC_CHANGE", "NIC_RX_FILTER_CHANGED", ""]) {
    expect(signOf(event, {})).toBeUndefined();
  }
  expect(signOf("RESET", { guest: false, reason: "host-qmp-system-reset" })).toBeUndefined();
  expect(signOf("SHUTDOWN", {})).toEqual({ kind: "ending", event: { type: "shutdown", guest: false } });
});

test("a reset is one, whether the guest asks for it or the tool makes it", () => {
  for (const reason of ["guest-reset", "host-qmp-system-reset"]) {
    expect(signOf("SHUTDOWN", { guest: reason === "guest-reset", reason })).toEqual({
      kind: "ending",
      event: { type: "reset" },
    });
  }
});

test("devices are named without their bus, once each, in order", () => {
  const types = ["string", "child<virtio-blk-pci>", "child<nvme>", "child<virtio-blk-pci>", "link<x>"];
  expect(devicesIn(types.map((type) => ({ name: "n", type })))).toEqual(["nvme", "virtio-blk"]);
});

test("an answer of any shape is read or passed over", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (answer) => {
      expect(Array.isArray(devicesIn(answer))).toBe(true);
      expect(threadsIn(answer).every((thread) => typeof thread === "number")).toBe(true);
    }),
  );
});

/** As QEMU 7.2 writes it under -d cpu_reset. */
const reset = `CPU Reset (CPU 0)
EAX=00000000 EBX=00000000 ECX=00000000 EDX=00000000
ESI=00000000 EDI=00000000 EBP=00000000 ESP=00000000
EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0000 00000000 0000ffff 00009300
CS =f000 ffff0000 0000ffff 00009b00
LDT=0000 00000000 0000ffff 00008200
GDT=     00000000 0000ffff
CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000
DR0=0000000000000000 DR1=0000000000000000 DR2=0000000000000000 DR3=0000000000000000 
RAX=0000000000000000 RBX=0000000000000000 RCX=0000000000000000 RDX=0000000000060fb1
R8 =0000000000000000 R9 =0000000000000000 R10=0000000000000000 R11=0000000000000000
CCS=00000000 CCD=00000000 CCO=EFLAGS
EFER=0000000000000000
FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80
FPR0=0000000000000000 0000 FPR1=0000000000000000 0000
YMM00=0000000000000000 0000000000000000 0000000000000000 0000000000000000
XMM00=0000000000000000 0000000000000000 XMM01=0000000000000000 0000000000000000`;

test("the reset log is told from the emulator's own words", () => {
  let faults = 0;
  const log = new ErrorLog(() => faults++);
  const words = [
    "qemu-system-x86_64: warning: host doesn't support it",
    "CPU model is odd",
    "Triple faulting",
  ];
  for (const line of [...reset.split("\n"), words[0] ?? "", "Triple fault", ...words.slice(1)])
    log.line(line);
  expect(faults).toBe(1);
  expect(log.text()).toBe(words.join("\n"));
});

test("an emulator that complains without end fills no memory", () => {
  const log = new ErrorLog(() => {});
  for (let i = 0; i < 10_000; i++) log.line(`complaint ${i} ${"x".repeat(100)}`);
  expect(log.text().length).toBeLessThan(70_000);
});
