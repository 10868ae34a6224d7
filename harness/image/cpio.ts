import { Buffer } from "node:buffer";
import { roundUp } from "./bytes.ts";

/** Something in an initial RAM file system, as the Linux kernel unpacks it. */
export interface CpioEntry {
  /** Without a slash in front, and without `.` and `..`. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content:
    | { readonly kind: "file"; readonly bytes: Uint8Array }
    | { readonly kind: "link"; readonly to: string }
    | { readonly kind: "directory" };
}

/** Of `st_mode`. */
const types = { file: 0o100000, link: 0o120000, directory: 0o040000 } as const;
const typeMask = 0o170000;
const trailer = "TRAILER!!!";

/**
 * An initramfs in the `newc` format of cpio. Everything belongs to root and is of time 0, entries are sorted by
 * path, and folders that are not given come into being with mode 0755: equal entries give equal bytes.
 */
export function packCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  // A node's number only has to differ from the others.
  for (const [i, entry] of withFolders(entries).entries()) {
    const { content } = entry;
    const data =
      content.kind === "file" ? content.bytes : Buffer.from(content.kind === "link" ? content.to : "");
    parts.push(header(entry.path, types[content.kind] | entry.mode, i + 1, data.length), padded(data));
  }
  parts.push(header(trailer, 0, 0, 0));
  return padded(Buffer.concat(parts), 512);
}

function withFolders(entries: readonly CpioEntry[]): readonly CpioEntry[] {
  const all = new Map<string, CpioEntry>();
  for (const { path } of entries) {
    const names = path.split("/");
    for (let length = 1; length < names.length; length++) {
      const folder = names.slice(0, length).join("/");
      all.set(folder, { path: folder, mode: 0o755, content: { kind: "directory" } });
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  // By bytes, not by locale; a folder sorts before what is in it.
  return [...all.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** The header and the name behind it: 13 numbers of 8 hexadecimal digits, of which owners, time and devices are zero. */
function header(path: string, mode: number, node: number, size: number): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const links = (mode & typeMask) === types.directory ? 2 : 1;
  const numbers = [node, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
  const fields = numbers.map((n) => n.toString(16).padStart(8, "0").toUpperCase()).join("");
  return padded(Buffer.concat([Buffer.from(`070701${fields}`), name]));
}

function padded(bytes: Uint8Array, unit = 4): Uint8Array {
  const zeros = roundUp(bytes.length, unit) - bytes.length;
  return zeros === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(zeros)]);
}
