import { setAscii, viewOf } from "./bytes.ts";

export const DIR_ENTRY_BYTES = 32;
const LONG_CHARS_PER_ENTRY = 13;
/** Where the 13 UTF-16 units of a long-name entry stand. */
const LONG_CHAR_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
export const ATTR_LONG_NAME = 0x0f;

const SHORT = /^[A-Z0-9$%'\-_@~`!(){}^#&]{1,8}(\.[A-Z0-9$%'\-_@~`!(){}^#&]{1,3})?$/u;

/** Why a name cannot be stored, or undefined. Only what every FAT driver reads alike is allowed. */
export function nameFault(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > 255) return "it has more than 255 characters";
  if (!/^[\x20-\x7e]+$/u.test(name)) return "it has a character that is not printable ASCII";
  if (/["*/:<>?\\|]/u.test(name)) return "it has a character that FAT forbids";
  if (/^ |[ .]$/u.test(name)) return "it starts with a space or ends with a space or a dot";
  return undefined;
}

/**
 * Gives each name of one directory its 11-byte short form, unlike all others. The names must differ when
 * case is ignored. Names that are short already come first and keep theirs, then the rest get numeric tails in the
 * given order; so the result depends on nothing but the names and their order.
 */
export function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const result = new Map<string, string>();
  const give = (name: string, short: string): void => {
    taken.add(short);
    result.set(name, short);
  };
  const rest: string[] = [];
  for (const name of names) {
    const upper = name.toUpperCase();
    if (SHORT.test(upper)) give(name, padded(upper));
    else rest.push(name);
  }
  const nextTail = new Map<string, number>();
  for (const name of rest) {
    const { stem, extension } = shortBasis(name);
    // The tail shortens the stem, so tails are counted per stem as far as any tail can leave it.
    const family = `${stem.slice(0, 1)}.${extension}`;
    for (let tail = nextTail.get(family) ?? 1; ; tail++) {
      const suffix = `~${tail}`;
      const field = (stem.slice(0, 8 - suffix.length) + suffix).padEnd(8) + extension.padEnd(3);
      if (taken.has(field)) continue;
      nextTail.set(family, tail + 1);
      give(name, field);
      break;
    }
  }
  return result;
}

function padded(short: string): string {
  const [stem = "", extension = ""] = short.split(".");
  return stem.padEnd(8) + extension.padEnd(3);
}

function shortBasis(name: string): { readonly stem: string; readonly extension: string } {
  const upper = name.toUpperCase().replace(/^\.+/u, "").replaceAll(" ", "");
  const dot = upper.lastIndexOf(".");
  const clean = (text: string): string =>
    text.replaceAll(".", "").replaceAll(/[^A-Z0-9$%'\-_@~`!(){}^#&]/gu, "_");
  const stem = clean(dot > 0 ? upper.slice(0, dot) : upper);
  return { stem: stem.slice(0, 6), extension: dot > 0 ? clean(upper.slice(dot + 1)).slice(0, 3) : "" };
}

/** How many directory entries a name takes, the short one included. */
export function entriesFor(name: string, short: string): number {
  return needsLongName(name, short) ? 1 + Math.ceil(name.length / LONG_CHARS_PER_ENTRY) : 1;
}

/** The long-name entries that stand in front of a short one: last part first. Empty when none is needed. */
export function longNameEntries(name: string, short: string): Uint8Array {
  if (!needsLongName(name, short)) return new Uint8Array(0);
  const count = Math.ceil(name.length / LONG_CHARS_PER_ENTRY);
  const bytes = new Uint8Array(count * DIR_ENTRY_BYTES);
  const checksum = shortChecksum(short);
  for (let part = 0; part < count; part++) {
    const entry = viewOf(
      bytes.subarray((count - 1 - part) * DIR_ENTRY_BYTES, (count - part) * DIR_ENTRY_BYTES),
    );
    entry.setUint8(0, (part + 1) | (part === count - 1 ? 0x40 : 0));
    entry.setUint8(11, ATTR_LONG_NAME);
    entry.setUint8(13, checksum);
    LONG_CHAR_OFFSETS.forEach((offset, i) => {
      const at = part * LONG_CHARS_PER_ENTRY + i;
      // One zero ends the name when there is room for it; the rest is filled with ones.
      const unit = at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff;
      entry.setUint16(offset, unit, true);
    });
  }
  return bytes;
}

/** The part of a long name that one entry holds. */
export function longNamePart(entry: DataView): string {
  let text = "";
  for (const offset of LONG_CHAR_OFFSETS) {
    const unit = entry.getUint16(offset, true);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** The name that a bare short entry means: `KERNEL  ELF` is `KERNEL.ELF`. */
export function shortToName(short: string): string {
  const stem = short.slice(0, 8).trimEnd();
  const extension = short.slice(8).trimEnd();
  return extension === "" ? stem : `${stem}.${extension}`;
}

/** Ties long-name entries to their short one. */
export function shortChecksum(short: string): number {
  const bytes = new Uint8Array(11);
  setAscii(bytes, 0, short);
  return bytes.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

function needsLongName(name: string, short: string): boolean {
  return shortToName(short) !== name;
}
