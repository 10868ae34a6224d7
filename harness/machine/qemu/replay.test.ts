import { expect, test } from "vitest";
import type { BootRequest } from "../types.ts";
import { qemuArgv } from "./argv.ts";
import { replayArgv, replayRefusal } from "./replay.ts";

const request: BootRequest = {
  name: "store",
  machine: { type: "q35", cpu: "max", memoryBytes: 128 << 20, cpus: 1, accel: "tcg", boot: ["direct"] },
  system: { path: "direct", kernel: "cache/kernel", module: "cache/kernel-2" },
  disks: [{ serial: "data", file: "runs/1/data,1.raw", bus: "virtio-blk" }],
  replay: { mode: "record", log: "rec/replay.bin" },
};
const paths = { qemu: "qemu" };

function recorded(changes: Partial<BootRequest> = {}): readonly string[] {
  const argv = qemuArgv(paths, "tcg", { ...request, ...changes });
  if (!argv.ok) throw new Error(argv.error[0]?.message);
  return argv.value;
}

test("a recorded boot counts instructions, has a clock of its own and replayable disks", () => {
  const argv = recorded().join(" ");
  expect(argv).toContain("-icount shift=3,rr=record,rrfile=rec/replay.bin");
  expect(argv).toContain("-rtc base=2026-01-01T00:00:00,clock=vm");
  expect(argv, "or going backwards may never end").toContain("-global apic-common.vapic=off");
  expect(argv).toContain("driver=blkreplay,node-name=disk-data,image=image-data");
  expect(argv).not.toContain("driver=raw,node-name=disk-data,");
  expect(recorded({ clock: "2031-05-05T01:02:03" }).join(" ")).toContain("base=2031-05-05T01:02:03,clock=vm");
});

test("a replay reads the log, finds the files where they lie now and writes to none of them", () => {
  const argv = replayArgv(recorded(), {
    files: new Map([
      ["cache/kernel", "rec/kernel"],
      ["cache/kernel-2", "rec/module"],
      ["runs/1/data,1.raw", "rec/data.raw"],
      ["rec/replay.bin", "else/replay.bin"],
    ]),
    disks: ["data"],
    backwards: true,
  });
  expect(argv).toContain("shift=3,rr=replay,rrfile=else/replay.bin");
  expect(argv?.[argv.indexOf("-kernel") + 1]).toBe("rec/kernel");
  expect(argv?.[argv.indexOf("-initrd") + 1]).toBe("rec/module");
  expect(argv).toContain("if=none,id=image-data,format=raw,snapshot=on,file=rec/data.raw");
  expect(argv).toContain("if=none,id=disk-data,driver=blkreplay,image=image-data");
  expect(argv?.join(" ")).not.toContain("cache/");
  expect(argv?.join(" ")).not.toContain("null-co");
});

test("a guest without disks gets a place for states when it is to go backwards", () => {
  const argv = recorded({ disks: [] });
  const to = { files: new Map<string, string>(), disks: [] };
  expect(replayArgv(argv, { ...to, backwards: true })?.at(-1)).toContain("null-co");
  expect(replayArgv(argv, { ...to, backwards: false })).toEqual(
    argv.map((word) => word.replace("rr=record", "rr=replay")),
  );
});

test("the system disk of a recorded boot is where a replay can follow it", () => {
  const argv = recorded({ system: { path: "bios", image: "cache/disk.raw" } }).join(" ");
  expect(argv).toContain("ide-hd,bus=ide.0,id=system-disk");
  expect(argv).not.toContain("nvme");
});

test("only a command that records can be replayed", () => {
  const { replay: _, ...plain } = request;
  const argv = qemuArgv(paths, "tcg", plain);
  expect(argv.ok && replayArgv(argv.value, { files: new Map(), disks: ["data"], backwards: false })).toBe(
    undefined,
  );
});

test.each([
  [{ accelerator: "kvm", cpus: 1, path: "direct" }, /KVM/u],
  [{ accelerator: "tcg", cpus: 2, path: "direct" }, /2 processors/u],
  [{ accelerator: "tcg", cpus: 1, path: "uefi" }, /UEFI/u],
] as const)("a machine that QEMU cannot record is refused: %o", (machine, why) => {
  expect(replayRefusal(machine)).toMatch(why);
  const argv = qemuArgv({ qemu: "qemu", ovmf: { code: "c", variables: "v" } }, machine.accelerator, {
    ...request,
    machine: { ...request.machine, cpus: machine.cpus },
    ...(machine.path === "uefi" ? { system: { path: "uefi", image: "i" } as const } : {}),
  });
  expect(argv.ok ? undefined : argv.error.map((p) => p.code)).toEqual(["CAPOS_RECORD_MACHINE"]);
});
