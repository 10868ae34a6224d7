import type { StoredBoot } from "./run.ts";
import type { BootInput } from "./types.ts";

/**
 * A boot whose console has other bytes in `[from, until)`; what came when stays as it was, the new bytes with the
 * chunk in which the place lies.
 */
export function splice(boot: StoredBoot, from: number, until: number, by: Uint8Array): StoredBoot {
  const inputs: BootInput[] = [];
  let offset = 0;
  let isDone = false;
  for (const input of boot.inputs) {
    if (input.kind !== "bytes") {
      inputs.push(input);
      continue;
    }
    const { at, bytes } = input;
    const end = offset + bytes.length;
    const kept = [bytes.subarray(0, Math.max(0, from - offset))];
    if (!isDone && end >= from) {
      kept.push(by);
      isDone = true;
    }
    kept.push(bytes.subarray(Math.min(bytes.length, Math.max(0, until - offset))));
    inputs.push({ kind: "bytes", at, bytes: Buffer.concat(kept) });
    offset = end;
  }
  return { ...boot, inputs };
}

/** The same boot without the inputs that `isOut` names. */
export function without(boot: StoredBoot, isOut: (input: BootInput) => boolean): StoredBoot {
  return { ...boot, inputs: [...boot.inputs].filter((input) => !isOut(input)) };
}

/** The console of a boot. For consoles that fit into memory many times over. */
export function textOf({ inputs }: StoredBoot): Buffer {
  return Buffer.concat([...inputs].flatMap((input) => (input.kind === "bytes" ? [input.bytes] : [])));
}

export interface LinePlace {
  readonly start: number;
  /** Behind its text. */
  readonly end: number;
  /** Where the next line starts. */
  readonly next: number;
}

/** The lines of a text from a place on that begins one. */
export function linesFrom(text: Buffer, from: number): readonly LinePlace[] {
  const all: LinePlace[] = [];
  for (let start = from; start < text.length;) {
    const next = text.indexOf(0x0a, start) + 1 || text.length;
    const stop = text[next - 1] === 0x0a ? next - 1 : next;
    all.push({ start, end: text[stop - 1] === 0x0d ? stop - 1 : stop, next });
    start = next;
  }
  return all;
}
