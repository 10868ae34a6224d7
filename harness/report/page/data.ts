/** Unpacks what the page carries. This is its boundary: what is read here was written by formats/html.ts. */
import { plainText } from "../model/console-text.ts";
import { rankOf } from "./format.ts";
import {
  consoleId,
  dataId,
  type PackedConsole,
  type PageBoot,
  type PageCase,
  type PageConsole,
  type PageData,
  type PageRun,
} from "../model/page-data.ts";

export type { PackedConsole, PageBoot, PageCase, PageConsole, PageData, PageRun };

/** A case of one of the page's runs; its key is unique in the page. */
export interface Entry {
  readonly key: string;
  readonly run: PageRun;
  readonly case: PageCase;
}

/** What needs a look comes first; a failure that somebody answers for comes behind those that nobody does. */
export function byNeed(a: Entry, b: Entry): number {
  const rank = ({ case: one }: Entry): number => (one.tolerated === null ? rankOf(one.verdict) : 9);
  return rank(a) - rank(b) || (a.case.id < b.case.id ? -1 : 1);
}

export interface Model {
  readonly data: PageData;
  /** The run that the page is about: the newer of two. */
  readonly run: PageRun;
  readonly entries: readonly Entry[];
  entry(key: string): Entry | undefined;
  console(of: PageConsole): Promise<PackedConsole>;
}

export async function loadModel(): Promise<Model> {
  const data: PageData = await unpack(dataId);
  const run = data.runs.at(-1);
  if (run === undefined) throw new Error("the page holds no run");
  const entries = data.runs.flatMap((of, i) =>
    of.cases.map((one): Entry => ({
      key: data.runs.length > 1 ? `${i}:${one.id}` : one.id,
      run: of,
      case: one,
    })),
  );
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const consoles = new Map<number, Promise<PackedConsole>>();
  return {
    data,
    run,
    entries,
    entry: (key) => byKey.get(key),
    console({ packed }) {
      const known = consoles.get(packed);
      if (known !== undefined) return known;
      const fresh: Promise<PackedConsole> = unpack(consoleId(packed));
      consoles.set(packed, fresh);
      return fresh;
    },
  };
}

/** Lines of a console with their numbers, as plain text. */
export function* plainLines(
  parts: PackedConsole,
): Generator<{ readonly line: number; readonly text: string }> {
  for (const part of parts) {
    for (const [i, text] of part.text.split("\n").entries())
      yield { line: part.line + i, text: plainText(text) };
  }
}

/** Number of the line that holds a byte, or of the first one behind it that is here; undefined when there is none. */
export function lineAt(parts: PackedConsole, offset: number): number | undefined {
  for (const part of parts) {
    let start = part.offset;
    for (const [i, length] of part.lengths.entries()) {
      start += length;
      if (offset < start) return part.line + i;
    }
  }
  return undefined;
}

async function unpack<T>(id: string): Promise<T> {
  const text = document.getElementById(id)?.textContent ?? "";
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const value: T = await new Response(stream).json();
  return value;
}
