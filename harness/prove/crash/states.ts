import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import {
  type CrashBounds,
  type CrashMoment,
  type DiskHistory,
  type Part,
  sectorBytes,
  survivals,
  type Tried,
  uncovered,
} from "../../contract/index.ts";

/** A state of the disk, and how it comes about. */
export interface DiskState {
  /** Equal for states that hold the same bytes. */
  readonly digest: string;
  /** Where it was first met, as places in the moments, and what of the pending writes survives there. */
  readonly moment: number;
  readonly parts: readonly Part[];
  /** Every moment that may leave it; the first is the one above. */
  readonly moments: ReadonlySet<number>;
}

export interface CrashStates {
  /** In the order in which they were met: per moment first what a disk that never reorders could leave. */
  readonly states: readonly DiskState[];
  /** By moment: the states in which the writes survived in their order, from none to all. */
  readonly inOrder: readonly (readonly string[])[];
  /** By moment: what was tried. */
  readonly tried: readonly Tried[];
  /** How many survivals were tried; most give a state that was there before. */
  readonly survivals: number;
}

/**
 * Makes the states of all moments, each once. A state is known by the exclusive-or of a digest of each of its sectors
 * that any write touches, so that it costs what it changes and not what the disk holds. `base` is the disk before the
 * first write. Throws as the file system.
 */
export async function crashStates(
  history: DiskHistory,
  base: string,
  moments: readonly CrashMoment[],
  bounds: CrashBounds,
): Promise<CrashStates> {
  const states = new Map<
    string,
    { -readonly [K in keyof DiskState]: DiskState[K] } & { moments: Set<number> }
  >();
  const inOrder: string[][] = [];
  const tried: Tried[] = [];
  const written = history.writes.map(sectorDigests);
  const before = baseDigests(base, history);
  let survivalCount = 0;
  let turned = performance.now();
  for (const [m, moment] of moments.entries()) {
    const durable = new Map(before);
    for (const write of moment.durable) {
      for (const [i, digest] of (written[write] ?? []).entries()) {
        durable.set((history.writes[write]?.sector ?? 0) + i, digest);
      }
    }
    let whole = 0n;
    for (const digest of durable.values()) whole ^= digest;
    const ordered: string[] = [];
    const survivors = survivals(history, moment, bounds);
    for (let next = survivors.next(); ; next = survivors.next()) {
      if (next.done === true) {
        tried.push(next.value);
        break;
      }
      survivalCount++;
      if (performance.now() - turned > turnMs) {
        await turn();
        turned = performance.now();
      }
      const overlay = new Map<number, bigint>();
      for (const part of next.value) {
        for (const { write, from, to } of uncovered(history, moment, part)) {
          const sector = history.writes[write]?.sector ?? 0;
          for (let i = from; i < to; i++) overlay.set(sector + i, written[write]?.[i] ?? 0n);
        }
      }
      let sum = whole;
      for (const [sector, digest] of overlay) sum ^= (durable.get(sector) ?? 0n) ^ digest;
      const digest = sum.toString(16).padStart(64, "0");
      // The first ones are the prefixes.
      if (ordered.length <= moment.pending.length) ordered.push(digest);
      const known = states.get(digest);
      if (known === undefined)
        states.set(digest, { digest, moment: m, parts: next.value, moments: new Set([m]) });
      else known.moments.add(m);
    }
    inOrder.push(ordered);
  }
  return { states: [...states.values()], inOrder, tried, survivals: survivalCount };
}

/** Longest time without looking after the other boots of the run, whose consoles must be read. */
const turnMs = 10;

/** Of a write's sectors. */
function sectorDigests({ sector, data }: DiskHistory["writes"][number]): readonly bigint[] {
  return Array.from({ length: data.length / sectorBytes }, (_, i) =>
    sectorDigest(sector + i, data.subarray(i * sectorBytes, (i + 1) * sectorBytes)),
  );
}

/** Of the sectors that writes touch, as they were before. */
function baseDigests(base: string, history: DiskHistory): ReadonlyMap<number, bigint> {
  const digests = new Map<number, bigint>();
  const fd = openSync(base, "r");
  try {
    const content = Buffer.alloc(sectorBytes);
    for (const { sector, data } of history.writes) {
      for (let i = 0; i < data.length / sectorBytes; i++) {
        if (digests.has(sector + i)) continue;
        content.fill(0);
        readSync(fd, content, 0, sectorBytes, (sector + i) * sectorBytes);
        digests.set(sector + i, sectorDigest(sector + i, content));
      }
    }
  } finally {
    closeSync(fd);
  }
  return digests;
}

function sectorDigest(sector: number, content: Uint8Array): bigint {
  const place = Buffer.alloc(8);
  place.writeBigUInt64LE(BigInt(sector));
  return BigInt(`0x${createHash("sha256").update(place).update(content).digest("hex")}`);
}
