import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  canonicalJson,
  defineCodes,
  editDistance,
  lock,
  makeFolder,
  nearest,
  problem,
  showProblems,
  tryLock,
  writeFileAtomic,
} from "./index.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "capos-base-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a problem is drawn with its place, its line and the next step", () => {
  const codes = defineCodes({
    CAPOS_TEST: { exit: "invalid", summary: "A test.", next: "correct the name" },
  });
  const source = 'image: {\n\tbinary: "shel"\n}\n';
  const p = problem(codes, "CAPOS_TEST", 'there is no binary "shel"', {
    span: { file: "manifests/a.cue", line: 2, col: 10, endCol: 16 },
    related: [{ span: { file: "manifests/a.cue", line: 1, col: 1 }, message: "in this image" }],
    detail: "one\ntwo\n",
  });
  expect(showProblems([p], () => source)).toBe(
    [
      'error[CAPOS_TEST]: there is no binary "shel"',
      "  --> manifests/a.cue:2:10",
      '  2 | \tbinary: "shel"',
      "    | \t        ^^^^^^",
      "  note: in this image",
      "  --> manifests/a.cue:1:1",
      "  1 | image: {",
      "    | ^",
      "    one",
      "    two",
      "  next: correct the name",
      "",
    ].join("\n"),
  );
});

test("canonical JSON does not depend on the order in which fields were set", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("canonical JSON refuses what is not data", () => {
  expect(() => canonicalJson(Number.NaN)).toThrow();
  expect(() => canonicalJson({ f: () => 1 })).toThrow();
});

test("an atomic write replaces whole files and leaves nothing beside them", () => {
  const path = join(dir, "below", "file");
  writeFileAtomic(path, "old");
  writeFileAtomic(path, new Uint8Array([110, 101, 119]));
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(join(dir, "below"))).toEqual(["file"]);
});

test("a failed atomic write keeps the old content and leaves nothing beside it", () => {
  const path = join(dir, "taken");
  writeFileAtomic(join(path, "x"), "a directory stands in the way");
  expect(() => writeFileAtomic(path, "new")).toThrow();
  expect(readdirSync(dir)).toEqual(["taken"]);
});

test("of two takers of a lock one wins, and release lets the next one in", async () => {
  const path = join(dir, "lock");
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  expect(await lock(path, 50)).toBeUndefined();
  first?.release();
  const second = await lock(path, 0);
  expect(second).toBeDefined();
  second?.release();
  expect(readdirSync(dir)).toEqual([]);
});

test("the lock of a dead process is taken over, also when its pid was given to another", () => {
  const path = join(dir, "lock");
  for (const owner of [
    { pid: 4_194_304, started: "1" },
    { pid: process.pid, started: "another start" },
  ]) {
    writeFileSync(path, JSON.stringify(owner));
    const taken = tryLock(path);
    expect(taken).toBeDefined();
    taken?.release();
  }
});

test("a lock that says nothing readable is not taken over", () => {
  const path = join(dir, "lock");
  writeFileSync(path, "{");
  expect(tryLock(path)).toBeUndefined();
});

test("a folder is made with those above it, and what cannot be is an error and no loop", () => {
  makeFolder(join(dir, "a/b/c"));
  makeFolder(join(dir, "a/b/c"));
  expect(readdirSync(join(dir, "a/b"))).toEqual(["c"]);
  writeFileSync(join(dir, "file"), "");
  expect(() => makeFolder(join(dir, "file/b"))).toThrow(/EEXIST.*file'/u);
  expect(() => makeFolder("/proc/capos/a/b")).toThrow(/ENOENT.*'\/proc\/capos'/u);
});

test("the nearest name is suggested only when it is near", () => {
  const names = ["store", "store-client", "init"];
  expect(nearest("stroe", names)).toBe("store");
  expect(nearest("store-cleint", names)).toBe("store-client");
  expect(nearest("network", names)).toBeUndefined();
  expect(nearest("x", names)).toBeUndefined();
  expect(nearest("moon", ["direct", "bios", "uefi"])).toBeUndefined();
  expect(nearest("uefy", ["direct", "bios", "uefi"])).toBe("uefi");
});

test("edit distance is symmetric, zero only for equal words, and at most the longer length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const d = editDistance(a, b);
      expect(d).toBe(editDistance(b, a));
      expect(d === 0).toBe(a === b);
      expect(d).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test("a source's control characters do not reach the terminal, and the marker stays in its place", () => {
  const codes = defineCodes({ CAPOS_TEST: { exit: "invalid", summary: "A test.", next: "correct it" } });
  const span = { file: "a.cue", line: 1, col: 6, endCol: 9 };
  const source = "\t\u001b[2J bad \u0007\u202e\u{1f600}\r\n";
  expect(showProblems([problem(codes, "CAPOS_TEST", "no", { span })], () => source)).toContain(
    "  1 | \t\u{fffd}[2J bad \u{fffd}\u{fffd}\u{1f600}\n    | \t    ^^^\n",
  );
});
