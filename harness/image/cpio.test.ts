import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type CpioEntry, packCpio } from "./cpio.ts";

const file = (path: string, text = "", mode = 0o644): CpioEntry => ({
  path,
  mode,
  content: { kind: "file", bytes: Buffer.from(text) },
});

interface Read {
  readonly path: string;
  readonly mode: number;
  readonly links: number;
  readonly data: Buffer;
}

/** Reads `newc` as the kernel does (Documentation/driver-api/early-userspace/buffer-format.rst), up to the trailer. */
function unpack(archive: Uint8Array): readonly Read[] {
  const bytes = Buffer.from(archive);
  const found: Read[] = [];
  for (let at = 0; ;) {
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    const field = (i: number): number =>
      Number.parseInt(bytes.toString("latin1", at + 6 + 8 * i, at + 14 + 8 * i), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = at + 110;
    const start = Math.ceil((name + nameSize) / 4) * 4;
    expect([field(2), field(3), field(5), bytes[name + nameSize - 1]]).toEqual([0, 0, 0, 0]);
    const path = bytes.toString("utf8", name, name + nameSize - 1);
    if (path === "TRAILER!!!") return found;
    found.push({ path, mode, links: field(4), data: bytes.subarray(start, start + size) });
    at = Math.ceil((start + size) / 4) * 4;
  }
}

test("an entry is laid out as cpio's newc format says, byte for byte", () => {
  const archive = Buffer.from(packCpio([file("init", "#!/bin/sh\n", 0o755)]));
  const number = (n: number): string => n.toString(16).padStart(8, "0").toUpperCase();
  const header = (fields: readonly number[]): string => `070701${fields.map(number).join("")}`;
  const first = header([1, 0o100755, 0, 0, 1, 0, 10, 0, 0, 0, 0, 5, 0]);
  const last = header([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0]);
  // 110 + 5 bytes are one short of a multiple of four, 10 two, 110 + 11 three.
  const all = `${first}init\0\0#!/bin/sh\n\0\0${last}TRAILER!!!\0\0\0\0`;
  expect(archive.toString("latin1")).toBe(all.padEnd(512, "\0"));
});

test("folders that are not given come before what is in them, and one that is given keeps its mode", () => {
  const folder: CpioEntry = { path: "tmp", mode: 0o1777, content: { kind: "directory" } };
  const link: CpioEntry = { path: "bin/sh", mode: 0o777, content: { kind: "link", to: "busybox" } };
  const read = unpack(packCpio([file("tmp/a", "x"), link, folder, file("etc/a/b")]));
  expect(read.map((e) => [e.path, e.mode.toString(8), e.links, e.data.toString()])).toEqual([
    ["bin", "40755", 2, ""],
    ["bin/sh", "120777", 1, "busybox"],
    ["etc", "40755", 2, ""],
    ["etc/a", "40755", 2, ""],
    ["etc/a/b", "100644", 1, ""],
    ["tmp", "41777", 2, ""],
    ["tmp/a", "100644", 1, "x"],
  ]);
});

const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,5}$/u);
const entries = fc
  .uniqueArray(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 40 })), {
    selector: ([names]) => names.join("/"),
    maxLength: 8,
  })
  .map((all) => {
    const paths = all.map(([names]) => names.join("/"));
    // A file cannot also be a folder.
    const isFolder = (path: string): boolean => paths.some((other) => other.startsWith(`${path}/`));
    return all.flatMap(([names, bytes]): CpioEntry[] =>
      isFolder(names.join("/"))
        ? []
        : [{ path: names.join("/"), mode: 0o644, content: { kind: "file", bytes } }],
    );
  });

test("whatever goes in comes out, each in a folder that came before it, and order does not matter", () => {
  fc.assert(
    fc.property(entries, (given) => {
      const archive = packCpio(given);
      expect(packCpio(given.toReversed())).toEqual(archive);
      const read = unpack(archive);
      for (const [i, { path }] of read.entries()) {
        const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
        if (folder !== "") expect(read.slice(0, i).map((e) => e.path)).toContain(folder);
      }
      const files = read.filter((e) => e.mode === 0o100644);
      expect(new Map(files.map((e) => [e.path, e.data.toString("hex")]))).toEqual(
        new Map(
          given.map((e) => [
            e.path,
            e.content.kind === "file" ? Buffer.from(e.content.bytes).toString("hex") : "",
          ]),
        ),
      );
    }),
  );
});
