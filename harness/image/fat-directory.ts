import { type ByteRange, ascii, viewOf } from "./bytes.ts";
import { ATTR_DIRECTORY, ATTR_VOLUME_LABEL } from "./fat-encode.ts";
import { ATTR_LONG_NAME, DIR_ENTRY_BYTES, longNamePart, shortChecksum, shortToName } from "./fat-names.ts";
import type { ByteSource } from "./source.ts";

/** One entry of a directory, its long name put together. */
export interface DirectoryRow {
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly first: number;
  readonly size: number;
  /** Where its short entry stands in the source. */
  readonly offset: number;
}

const DELETED = 0xe5;

/** The parts of a long name that have been seen, last part first as they stand on the disk. */
interface LongName {
  readonly text: string;
  readonly checksum: number;
  /** The number that the next part must have; zero when the name is complete. */
  readonly awaits: number;
}

/** Reads a directory from its clusters; `.`, `..`, the label and deleted entries are left out. */
export function directoryRows(
  source: ByteSource,
  extents: readonly ByteRange[],
  fault: (offset: number, what: string) => void,
): readonly DirectoryRow[] {
  const rows: DirectoryRow[] = [];
  const seen = new Set<string>();
  let long: LongName | undefined;
  for (const offset of entryOffsets(extents)) {
    const entry = source.read(offset, DIR_ENTRY_BYTES);
    const view = viewOf(entry);
    const mark = view.getUint8(0);
    const attributes = view.getUint8(11);
    if (mark === 0) break;
    if (mark === DELETED) {
      long = undefined;
    } else if ((attributes & 0x3f) === ATTR_LONG_NAME) {
      long = addPart(long, view);
      if (long === undefined) fault(offset, "a part of a long name does not follow the one before it");
    } else {
      const short = ascii(entry.subarray(0, 11));
      const name = takeName(long, short, view.getUint8(12));
      if (name === undefined) fault(offset, "a long name does not belong to the short one behind it");
      long = undefined;
      if ((attributes & ATTR_VOLUME_LABEL) !== 0 || short.startsWith(".")) continue;
      if (name === undefined) continue;
      if (seen.has(name.toUpperCase())) fault(offset, `the name "${name}" stands twice in its directory`);
      seen.add(name.toUpperCase());
      rows.push({
        name,
        kind: (attributes & ATTR_DIRECTORY) === 0 ? "file" : "directory",
        first: ((view.getUint16(20, true) << 16) | view.getUint16(26, true)) >>> 0,
        size: view.getUint32(28, true),
        offset,
      });
    }
  }
  return rows;
}

function* entryOffsets(extents: readonly ByteRange[]): Generator<number> {
  for (const { offset, length } of extents) {
    for (let at = offset; at < offset + length; at += DIR_ENTRY_BYTES) yield at;
  }
}

function addPart(long: LongName | undefined, entry: DataView): LongName | undefined {
  const mark = entry.getUint8(0);
  const part = mark & 0x1f;
  const checksum = entry.getUint8(13);
  const first = (mark & 0x40) !== 0;
  if (part === 0 || part > 20) return undefined;
  if (!first && (long === undefined || long.awaits !== part || long.checksum !== checksum)) return undefined;
  return { text: longNamePart(entry) + (first ? "" : (long?.text ?? "")), checksum, awaits: part - 1 };
}

function takeName(long: LongName | undefined, short: string, caseBits: number): string | undefined {
  if (long === undefined) return shortToName(withCase(short, caseBits));
  return long.awaits === 0 && long.checksum === shortChecksum(short) ? long.text : undefined;
}

/** Other tools spare a long name by two bits that say "the stem, the extension is in lower case". */
function withCase(short: string, bits: number): string {
  const [stem, extension] = [short.slice(0, 8), short.slice(8)];
  return (
    ((bits & 0x08) === 0 ? stem : stem.toLowerCase()) +
    ((bits & 0x10) === 0 ? extension : extension.toLowerCase())
  );
}
