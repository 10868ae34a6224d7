import { expect, test } from "vitest";
import type { DataDisk } from "../types.ts";
import { breakDisk, diskOptions } from "./block-graph.ts";

const disk: DataDisk = { serial: "data", file: "a,b.raw", bus: "virtio-blk" };

test("a disk that nothing is to happen to is one node on its file", () => {
  expect(diskOptions(disk, 0)).toEqual([
    ["-blockdev", "driver=raw,node-name=disk-data,cache.no-flush=on,file.driver=file,file.filename=a,,b.raw"],
    ["-device", "virtio-blk-pci,id=disk-data-device,drive=disk-data,serial=data,disable-legacy=on"],
  ]);
});

test("a logged disk writes each request of the guest as one entry, and flushes reach the log", () => {
  const text = diskOptions({ ...disk, log: "d.log" }, 0)
    .flat()
    .join(" ");
  expect(text).toContain(
    "driver=blklogwrites,node-name=log-data,file=file-data,log=entries-data,log-sector-size=512",
  );
  expect(text).toContain("driver=raw,node-name=disk-data,file=log-data ");
  expect(text).toContain("request-merging=off,ioeventfd=off,discard=off,write-zeroes=off");
  // Only the nodes of files ignore flushes: the log must see them.
  expect(text.match(/cache\.no-flush=on/gu)).toHaveLength(2);
});

test("a breakable disk tells the guest of errors instead of pausing it", () => {
  const text = diskOptions({ ...disk, breakable: true }, 0)
    .flat()
    .join(" ");
  expect(text).toContain("driver=raw,node-name=disk-data,file=file-data ");
  expect(text).toContain("werror=report,rerror=report");
});

test("a removable disk has a port of its own", () => {
  const text = diskOptions({ ...disk, removable: true }, 2)
    .flat()
    .join(" ");
  expect(text).toContain("-device pcie-root-port,id=port-data,chassis=3,slot=3 -device virtio-blk-pci,");
  expect(text).toMatch(/,bus=port-data$/u);
});

test("faults are put on top of each other", () => {
  const first = breakDisk(
    "data",
    "file-data",
    { kind: "error", op: "read", errno: "EIO", once: true, offset: 4096 },
    0,
  );
  expect(first.commands.map(({ name }) => name)).toEqual(["blockdev-add", "blockdev-reopen"]);
  expect(first.commands[0]?.arguments).toMatchObject({
    image: "file-data",
    "inject-error": [{ event: "none", iotype: "read", errno: 5, once: true, sector: 8 }],
  });
  const second = breakDisk("data", first.head, { kind: "torn", bytes: 1536 }, 1);
  expect(second.commands.map(({ arguments: a }) => a["image"] ?? a["file"] ?? "reopen")).toEqual([
    "bad0-data",
    "bad1-data",
    "raw1-data",
    "reopen",
  ]);
  expect(JSON.stringify(second.commands.at(-1))).toContain(`"file":"${second.head}"`);
});

test("no node's name is longer than the emulator takes, whatever the serial number", () => {
  const serial = "a".repeat(20);
  const names = diskOptions({ ...disk, serial, log: "x", breakable: true }, 0)
    .flat()
    .flatMap((value) => [...value.matchAll(/node-name=([^,]+)/gu)].map((m) => m[1] ?? ""));
  const { commands } = breakDisk(serial, "x", { kind: "torn", bytes: 512 }, 99);
  names.push(
    ...commands.flatMap(({ arguments: a }) => (typeof a["node-name"] === "string" ? [a["node-name"]] : [])),
  );
  expect(names.length).toBeGreaterThan(6);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(31);
});
