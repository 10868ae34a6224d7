/**
 * The bundle: a deterministic tar whose first member, `bundle.json`, lists every other with its size and
 * SHA-256, and whose name is the SHA-256 of that list. From the list follows what every byte of the archive
 * must be, so `readBundle` finds any change and says in which member or structure it lies.
 */
import { gunzipSync } from "node:zlib";
import { type Problem, problem, sha256 } from "../base/index.ts";
import { canonicalText, parseCanonical } from "./canonical.ts";
import { evidenceCodes } from "./codes.ts";
import * as d from "./decode.ts";
import { gzip } from "./gzip.ts";
import { blockSize, headerField, maxName, paddingOf, statedSize, trailerSize, ustarHeader } from "./ustar.ts";

/** The files of a case by their path in the case's directory. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Larger files are not packed: a console of this size closes nothing, and nobody's memory is at stake. */
export const maxFileBytes = 256 * 1024 * 1024;

const tableName = "bundle.json";

const tableDecoder = d.object({
  v: d.oneOf([1]),
  kind: d.oneOf(["capos-evidence"]),
  members: d.array(
    d.object(
      {
        path: d.matching(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[a-z0-9./-]+$/u, "a relative path in lower case"),
        bytes: d.count,
        sha256: d.hex64,
      },
      { packed: d.count },
    ),
  ),
});
type Table = d.Decoded<typeof tableDecoder>;
type Member = Table["members"][number];

export interface PackedBundle {
  /** SHA-256 of the list of members: the bundle's identity. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** Packs the files of a case. Equal files give equal bytes. Throws for a file that is too large. */
export function packFiles(files: Files): PackedBundle {
  const stored = new Map<string, Uint8Array>();
  const members: Member[] = [];
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (bytes.length > maxFileBytes) throw new Error(`${path} is larger than ${maxFileBytes} bytes`);
    const data = isPacked(path) ? gzip(bytes) : bytes;
    stored.set(path, data);
    const listed = { path, bytes: bytes.length, sha256: sha256(bytes) };
    members.push(isPacked(path) ? { ...listed, packed: data.length } : listed);
  }
  const table = Buffer.from(canonicalText({ v: 1, kind: "capos-evidence", members } satisfies Table));
  const parts: Uint8Array[] = [];
  const put = (name: string, data: Uint8Array): void => {
    parts.push(ustarHeader(name, data.length), data, Buffer.alloc(paddingOf(data.length)));
  };
  put(tableName, table);
  for (const member of members) put(storedName(member), stored.get(member.path) ?? new Uint8Array());
  return { digest: sha256(table), bytes: Buffer.concat([...parts, Buffer.alloc(trailerSize)]) };
}

export interface ReadBundle {
  readonly digest: string;
  /** What was read; complete only when there are no problems. */
  readonly files: Files;
  readonly problems: readonly Problem[];
}

/**
 * Reads a bundle and checks every byte. `file` names it in problems; `expected` is the digest that its name
 * or a ledger entry states.
 */
export function readBundle(bytes: Uint8Array, file: string, expected: string | undefined): ReadBundle {
  const archive = new Archive(bytes, file);
  const files = new Map<string, Uint8Array>();
  const result = (digest: string): ReadBundle => ({ digest, files, problems: archive.problems });

  const size = statedSize(bytes.subarray(0, blockSize));
  if (size === undefined || size > bytes.length) {
    archive.report(
      "CAPOS_EVIDENCE_CHANGED",
      `the header of ${tableName} states no size that the file can hold`,
    );
    return result("");
  }
  if (!archive.expectHeader(tableName, size)) return result("");
  const text = archive.take(tableName, size);
  if (text === undefined) return result("");
  archive.expectPadding(tableName, size);
  const digest = sha256(text);
  if (expected !== undefined && digest !== expected) {
    archive.report(
      "CAPOS_EVIDENCE_CHANGED",
      `${tableName} has the digest ${digest}, and must have ${expected}`,
      tableName,
    );
  }
  const table = parseCanonical(tableDecoder, Buffer.from(text).toString("utf8"), archive.place(tableName));
  if (!table.ok) {
    archive.problems.push(...table.error);
    return result(digest);
  }
  for (const [i, member] of table.value.members.entries()) {
    const before = table.value.members[i - 1];
    if (!isWellListed(member, before)) {
      archive.report(
        "CAPOS_EVIDENCE_FORMAT",
        `${tableName} lists ${member.path} in the wrong way`,
        tableName,
      );
      return result(digest);
    }
    const name = storedName(member);
    const length = member.packed ?? member.bytes;
    archive.expectHeader(name, length);
    const data = archive.take(name, length);
    if (data === undefined) return result(digest);
    archive.expectPadding(name, length);
    const content = member.packed === undefined ? data : archive.unpack(name, data, member.bytes);
    if (content === undefined) continue;
    if (content.length !== member.bytes || sha256(content) !== member.sha256) {
      archive.report(
        "CAPOS_EVIDENCE_CHANGED",
        `${member.path} has the digest ${sha256(content)}, and ${tableName} states ${member.sha256}`,
        member.path,
      );
    }
    files.set(member.path, content);
  }
  archive.expectEnd();
  return result(digest);
}

/** Consoles and time indexes are long and repeat themselves; the rest is read with `tar x` alone. */
function isPacked(path: string): boolean {
  return path.endsWith(".raw") || path.endsWith(".jsonl");
}

function storedName(member: Member): string {
  return member.packed === undefined ? member.path : `${member.path}.gz`;
}

function isWellListed(member: Member, before: Member | undefined): boolean {
  return (
    isPacked(member.path) === (member.packed !== undefined) &&
    (before === undefined || before.path < member.path) &&
    member.bytes <= maxFileBytes &&
    Buffer.byteLength(storedName(member)) <= maxName
  );
}

/** A walk through the archive in which each byte is compared with what it must be. */
class Archive {
  readonly problems: Problem[] = [];
  readonly #bytes: Uint8Array;
  readonly #file: string;
  #at = 0;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  place(member: string): string {
    return `${this.#file}!${member}`;
  }

  report(code: keyof typeof evidenceCodes, message: string, member?: string): void {
    const span = member === undefined ? {} : { span: { file: this.place(member), line: 1, col: 1 } };
    this.problems.push(problem(evidenceCodes, code, `${this.#file}: ${message}`, span));
  }

  expectHeader(name: string, size: number): boolean {
    const start = this.#at;
    return this.#expect(
      ustarHeader(name, size),
      (at) => `the header of ${name}, field ${headerField(at - start)}`,
    );
  }

  expectPadding(name: string, size: number): void {
    this.#expect(new Uint8Array(paddingOf(size)), () => `the padding behind ${name}`);
  }

  expectEnd(): void {
    this.#expect(new Uint8Array(trailerSize), () => "the end of the archive");
    const extra = this.#bytes.length - this.#at;
    if (extra > 0)
      this.report("CAPOS_EVIDENCE_CHANGED", `${extra} bytes stand behind the end, from byte ${this.#at}`);
  }

  /** The next bytes, or undefined after reporting that the archive is too short. */
  take(name: string, size: number): Uint8Array | undefined {
    const data = this.#bytes.subarray(this.#at, this.#at + size);
    if (data.length < size) {
      this.report("CAPOS_EVIDENCE_CHANGED", `it ends at byte ${this.#bytes.length}, in ${name}`);
      return undefined;
    }
    this.#at += size;
    return data;
  }

  /** Decompresses a member that has just been taken, and checks that its bytes are the canonical ones. */
  unpack(name: string, data: Uint8Array, size: number): Uint8Array | undefined {
    let content: Uint8Array;
    try {
      content = gunzipSync(data, { maxOutputLength: Math.max(1, size) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.report("CAPOS_EVIDENCE_CHANGED", `${name} cannot be decompressed: ${why}`, name);
      return undefined;
    }
    const canonical = gzip(content);
    const differs = firstDifference(canonical, data);
    if (differs !== undefined) {
      this.report(
        "CAPOS_EVIDENCE_CHANGED",
        `byte ${differs} of ${name} is not what compressing its content gives`,
        name,
      );
    }
    return content;
  }

  #expect(must: Uint8Array, where: (at: number) => string): boolean {
    const start = this.#at;
    const actual = this.#bytes.subarray(start, start + must.length);
    this.#at += actual.length;
    const differs = firstDifference(must, actual);
    if (differs === undefined) return true;
    const at = start + differs;
    const [is, be] = [actual[differs], must[differs]];
    this.report(
      "CAPOS_EVIDENCE_CHANGED",
      is === undefined
        ? `it ends at byte ${at}, in ${where(at)}`
        : `byte ${at}, in ${where(at)}, is ${hex(is)} and must be ${hex(be ?? 0)}`,
    );
    return false;
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  if (Buffer.compare(a, b) === 0) return undefined;
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
  return end;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
