import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BootRequest } from "../types.ts";
import { type QemuPaths, qemuArgv } from "./argv.ts";

const paths: QemuPaths = { qemu: "/bin/qemu", ovmf: { code: "/fw/code.fd", variables: "/fw/vars.fd" } };

const direct: BootRequest = {
  name: "store",
  machine: {
    type: "q35",
    cpu: "max",
    memoryBytes: 128 << 20,
    cpus: 2,
    accel: "tcg",
    boot: ["direct"],
  },
  system: { path: "direct", kernel: "/img/kernel", module: "/img/boot.bin", commandLine: "quiet a=b,c" },
  disks: [{ serial: "data", file: "/run/data.raw", bus: "virtio-blk" }],
  identity: { nonce: "00112233445566778899aabbccddeeff", boot: 1 },
};

/** One option a line, without those that every boot has. */
function shown(request: BootRequest, accelerator: "tcg" | "kvm" = "tcg"): string {
  const argv = qemuArgv(paths, accelerator, request);
  if (!argv.ok) return argv.error.map((p) => `${p.code}: ${p.message}`).join("\n");
  return argv.value.join(" ").replaceAll(/ (?=-[a-zA-Z])/gu, "\n");
}

test("a direct boot with a data disk", () => {
  expect(shown(direct)).toMatchInlineSnapshot(`
    "/bin/qemu
    -machine q35
    -accel tcg
    -cpu max
    -m 128M
    -smp 2
    -nodefaults
    -no-user-config
    -display none
    -no-reboot
    -S
    -chardev socket,id=serial,fd=3
    -serial chardev:serial
    -chardev socket,id=qmp,fd=4
    -mon chardev=qmp,mode=control
    -device isa-debug-exit,id=debug-exit,iobase=0xf4,iosize=4
    -d cpu_reset
    -fw_cfg name=opt/org.capos/boot,string=nonce=00112233445566778899aabbccddeeff boot=1
    -kernel /img/kernel
    -initrd /img/boot.bin
    -append quiet a=b,c
    -blockdev driver=raw,node-name=disk-data,cache.no-flush=on,file.driver=file,file.filename=/run/data.raw
    -device virtio-blk-pci,id=disk-data-device,drive=disk-data,serial=data,disable-legacy=on"
  `);
});

test("a BIOS boot: the system disk is an NVMe snapshot", () => {
  const { identity: _, ...anonymous } = direct;
  expect(shown({ ...anonymous, system: { path: "bios", image: "/img/a,b.raw" }, disks: [] }))
    .toMatchInlineSnapshot(`
    "/bin/qemu
    -machine q35
    -accel tcg
    -cpu max
    -m 128M
    -smp 2
    -nodefaults
    -no-user-config
    -display none
    -no-reboot
    -S
    -chardev socket,id=serial,fd=3
    -serial chardev:serial
    -chardev socket,id=qmp,fd=4
    -mon chardev=qmp,mode=control
    -device isa-debug-exit,id=debug-exit,iobase=0xf4,iosize=4
    -d cpu_reset
    -drive if=none,id=system,format=raw,snapshot=on,file=/img/a,,b.raw
    -device nvme,id=system-disk,drive=system,serial=system,bootindex=0"
  `);
});

test("a UEFI boot under kvm: fresh variables, and no reset log", () => {
  expect(shown({ ...direct, system: { path: "uefi", image: "/img/disk.raw" }, disks: [] }, "kvm"))
    .toMatchInlineSnapshot(`
    "/bin/qemu
    -machine q35
    -accel kvm
    -cpu max
    -m 128M
    -smp 2
    -nodefaults
    -no-user-config
    -display none
    -no-reboot
    -S
    -chardev socket,id=serial,fd=3
    -serial chardev:serial
    -chardev socket,id=qmp,fd=4
    -mon chardev=qmp,mode=control
    -device isa-debug-exit,id=debug-exit,iobase=0xf4,iosize=4
    -fw_cfg name=opt/org.capos/boot,string=nonce=00112233445566778899aabbccddeeff boot=1
    -drive if=pflash,unit=0,format=raw,readonly=on,file=/fw/code.fd
    -drive if=pflash,unit=1,format=raw,snapshot=on,file=/fw/vars.fd
    -drive if=none,id=system,format=raw,snapshot=on,file=/img/disk.raw
    -device nvme,id=system-disk,drive=system,serial=system,bootindex=0"
  `);
});

test("what cannot be asked for is refused with everything that is wrong", () => {
  const machine = { ...direct.machine, memoryBytes: 1000, cpus: 0, cpu: "max -monitor stdio" };
  const disk = { file: "/d", bus: "virtio-blk" } as const;
  const disks = [
    { ...disk, serial: "a,b" },
    { ...disk, serial: "x" },
    { ...disk, serial: "x" },
  ];
  expect(shown({ ...direct, machine, disks, identity: { nonce: "0,id=x", boot: 1 } })).toMatchInlineSnapshot(`
    "CAPOS_MACHINE_REQUEST: memory of 1000 bytes is not a whole number of MiB
    CAPOS_MACHINE_REQUEST: 0 processors: there may be 1 to 255
    CAPOS_MACHINE_REQUEST: "max -monitor stdio" is no processor model
    CAPOS_MACHINE_REQUEST: the nonce is not 32 hexadecimal digits
    CAPOS_MACHINE_REQUEST: two disks have the serial number x
    CAPOS_MACHINE_REQUEST: "a,b" is no disk serial number: 1 to 20 of a-z, 0-9 and -, the first a letter"
  `);
});

test("UEFI without its firmware is a missing tool", () => {
  const request = { ...direct, system: { path: "uefi", image: "/img/disk.raw" } } as const;
  expect(qemuArgv({ qemu: "/bin/qemu" }, "tcg", request)).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_FIRMWARE_MISSING", exit: "tool" }],
  });
});

/** Reads a value as QEMU's option parser does: a comma ends it, two stand for one. */
function filenameIn(option: string): string {
  const value = /(?:^|,)(?:file|file\.filename)=((?:[^,]|,,)*)/u.exec(option)?.[1] ?? "";
  return value.replaceAll(",,", ",");
}

test("no file name can become another option", () => {
  const name = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(name, name, (image, file) => {
      const request: BootRequest = {
        ...direct,
        system: { path: "bios", image: `/${image}` },
        disks: [{ serial: "data", file: `/${file}`, bus: "virtio-blk" }],
      };
      const argv = qemuArgv(paths, "tcg", request);
      if (!argv.ok) throw new Error("refused");
      expect(filenameIn(argv.value.find((arg) => arg.includes("snapshot=on,file=")) ?? "")).toBe(`/${image}`);
      expect(filenameIn(argv.value.find((arg) => arg.startsWith("driver=raw,")) ?? "")).toBe(`/${file}`);
    }),
  );
});

test("a machine whose clock is its instructions starts alike each time, and is no KVM machine", () => {
  const counting: BootRequest = { ...direct, machine: { ...direct.machine, cpus: 1, icount: true } };
  const clock = "-icount shift=3,sleep=off\n-seed 1\n-rtc base=2026-01-01T00:00:00,clock=vm";
  expect(shown(counting)).toContain(clock);
  expect(shown({ ...counting, clock: "2031-01-01T00:00:00" })).toContain(
    "-rtc base=2031-01-01T00:00:00,clock=vm",
  );
  expect(shown(direct)).not.toContain("-icount");
  expect(shown(counting, "kvm")).toContain("nobody counts the instructions of a guest under KVM");
  // A recording counts by itself, by the same measure.
  const recorded = shown({ ...counting, replay: { mode: "record", log: "/run/replay.bin" } });
  expect(recorded.match(/-icount \S+/gu)).toEqual(["-icount shift=3,rr=record,rrfile=/run/replay.bin"]);
});
