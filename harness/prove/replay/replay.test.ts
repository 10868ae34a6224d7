import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { sha256 } from "../../base/index.ts";
import { type Recording, readRecording, writeRecording } from "./recording.ts";
import { Comparison } from "./replay.ts";

test("a console that is the same is the same in any pieces; the first other byte is named", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), fc.nat(300), (recorded, replayed, cut) => {
      const comparison = new Comparison(recorded);
      comparison.add(replayed.subarray(0, cut));
      comparison.add(replayed.subarray(cut));
      const shorter = Math.min(recorded.length, replayed.length);
      const other = [...replayed.subarray(0, shorter)].findIndex((byte, i) => byte !== recorded[i]);
      const longer = replayed.length > recorded.length ? recorded.length : undefined;
      expect(comparison.differsAt).toBe(other >= 0 ? other : longer);
      expect(comparison.missingAt).toBe(replayed.length < recorded.length ? replayed.length : undefined);
    }),
  );
});

const dir = mkdtempSync(join(tmpdir(), "capos-recording-"));
afterAll(() => rmSync(dir, { recursive: true }));

const digested = (content: string): { bytes: number; sha256: string } => ({
  bytes: content.length,
  sha256: sha256(content),
});
const recording: Recording = {
  v: 1,
  boot: "store",
  qemu: "7.2",
  files: [{ argument: "cache/kernel", name: "system-1", ...digested("kernel") }],
  disks: ["data"],
  log: digested("log"),
};

function write(changes: object = {}): void {
  writeRecording(dir, { ...recording, ...changes });
  writeFileSync(join(dir, "system-1"), "kernel");
  writeFileSync(join(dir, "replay.bin"), "log");
}

test("a recording is read back when nothing of it has changed", () => {
  write();
  expect(readRecording(dir, "here")).toEqual({ ok: true, value: recording });
});

test.each(["system-1", "replay.bin"])("a changed byte of %s is found", (name) => {
  write();
  writeFileSync(join(dir, name), name === "system-1" ? "kernek" : "lof");
  const read = readRecording(dir, "here");
  expect(read.ok ? [] : read.error.map((p) => [p.code, p.message])).toEqual([
    ["CAPOS_REPLAY_DAMAGED", `here/${name} has been changed since it was recorded`],
  ]);
});

test("what is missing, or names files elsewhere, is no recording", () => {
  write();
  rmSync(join(dir, "replay.bin"));
  expect(readRecording(dir, "here").ok).toBe(false);
  write({ files: [{ argument: "a", name: "../secret", ...digested("x") }] });
  const read = readRecording(dir, "here");
  expect(read.ok ? "" : read.error[0]?.message).toContain("no recording that this tool can read");
  writeFileSync(join(dir, "recording.json"), "{");
  expect(readRecording(dir, "here").ok).toBe(false);
});
