import { err, ok, type Result } from "../base/index.ts";

/** What the tool needs to know of an ELF file. The kernel has a parser of its own that trusts less. */
export interface ElfFacts {
  /** The file without section headers and whatever lies behind the last loaded byte: symbols, debug information. */
  readonly stripped: Uint8Array;
  /** Bytes of the GNU build id note, when there is one. */
  readonly buildId: Uint8Array | undefined;
}

const PT_LOAD = 1;
const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;

/** Reads a 64-bit little-endian ELF of our own linker; an error sentence for anything else. */
export function readElf(bytes: Uint8Array): Result<ElfFacts, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    return err("not a 64-bit little-endian ELF file");
  }
  const phoff = Number(view.getBigUint64(32, true));
  const phentsize = view.getUint16(54, true);
  const phnum = view.getUint16(56, true);
  if (phentsize !== 56 || phoff + phnum * phentsize > bytes.length)
    return err("its program headers lie outside the file");
  let end = phoff + phnum * phentsize;
  let buildId: Uint8Array | undefined;
  for (let i = 0; i < phnum; i++) {
    const at = phoff + i * phentsize;
    const type = view.getUint32(at, true);
    const offset = Number(view.getBigUint64(at + 8, true));
    const size = Number(view.getBigUint64(at + 32, true));
    if (offset + size > bytes.length) return err("a segment lies outside the file");
    if (type === PT_LOAD || type === PT_NOTE) end = Math.max(end, offset + size);
    if (type === PT_NOTE) buildId ??= findBuildId(bytes.subarray(offset, offset + size));
  }
  // A copy: a Buffer's own `slice` would be a view, and what is zeroed below be lost to whoever gave us the file.
  const stripped = Uint8Array.from(bytes.subarray(0, end));
  // e_shoff, then e_shentsize, e_shnum and e_shstrndx: no section headers any more.
  stripped.fill(0, 40, 48);
  stripped.fill(0, 58, 64);
  return ok({ stripped, buildId });
}

function findBuildId(notes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength);
  const padded = (n: number): number => (n + 3) & ~3;
  for (let at = 0; at + 12 <= notes.length;) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const type = view.getUint32(at + 8, true);
    const name = at + 12;
    const body = name + padded(nameSize);
    if (body + size > notes.length) return undefined;
    const isGnu = nameSize === 4 && view.getUint32(name) === 0x474e5500;
    if (isGnu && type === NT_GNU_BUILD_ID) return notes.slice(body, body + size);
    at = body + padded(size);
  }
  return undefined;
}
