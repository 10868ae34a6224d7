import { closeSync, openSync } from "node:fs";
import { err, fail, ok, problem, type Problem, type Result } from "../../base/index.ts";
import {
  type BootInput,
  crashAt,
  type DiskHistory,
  type Ending,
  type JudgeOutput,
  type Keep,
  positionOf,
  sectorBytes,
} from "../../contract/index.ts";
import type { BootRequest } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Companion, Hand } from "../companion.ts";
import type { CaseDisk } from "../disks.ts";
import type { Recorder } from "./recorder.ts";
import { writeAll } from "./sparse.ts";

type Cut = Extract<Ending, { how: "power-cut" }>;

/**
 * Makes the power cut of a boot real. The cord is pulled some time after the landmark, when the tool has read it; what
 * the next boot finds is made from the record of the writes: what was durable when the guest had printed the landmark's
 * last byte, and of the rest what the proof says.
 */
export class PowerCut implements Companion {
  readonly #ends: Cut;
  readonly #disks: readonly CaseDisk[];
  readonly #recorder: Recorder;
  #hand: Hand | undefined;
  /** Byte of the console behind the landmark's line. */
  #cutAt: number | undefined;

  constructor(ends: Cut, disks: readonly CaseDisk[], recorder: Recorder) {
    this.#ends = ends;
    this.#disks = disks;
    this.#recorder = recorder;
  }

  prepare(request: BootRequest): Promise<Result<BootRequest>> {
    return Promise.resolve(this.#recorder.prepare(request));
  }

  started(hand: Hand): void {
    this.#hand = hand;
    this.#recorder.listen(hand.trace);
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    if (input.kind === "bytes") this.#recorder.shown(input.bytes);
    for (const what of said) {
      if (what.type !== "landmark" || what.landmark.name !== this.#ends.at) continue;
      this.#cutAt ??= what.landmark.offset + what.landmark.length;
    }
  }

  ended(): Promise<Result<undefined>> {
    const problems: Problem[] = [];
    for (const disk of this.#disks) {
      // The machine was never powered on.
      if (this.#hand === undefined) break;
      // A boot that did not come to its cut has failed; its disks are as the guest left them.
      const done =
        this.#cutAt === undefined ? this.#recorder.keepAll(disk.serial) : this.#cut(disk, this.#cutAt);
      if (!done.ok) problems.push(...done.error);
    }
    this.#recorder.close();
    return Promise.resolve(problems.length === 0 ? ok(undefined) : err(problems));
  }

  #cut(disk: CaseDisk, cutAt: number): Result<undefined> {
    const history = this.#recorder.history(disk.serial, cutAt);
    if (!history.ok) return history;
    const { durable, pending } = crashAt(history.value, positionOf(history.value, cutAt));
    const kept = choose(pending, this.#ends.keep ?? "none");
    const survivors = [...durable, ...kept].toSorted((a, b) => a - b);
    const written = apply(disk, history.value, survivors);
    if (!written.ok) return written;
    const fates = new Map<number, string>(survivors.map((write) => [write, "kept"]));
    for (const write of durable) fates.set(write, "durable");
    for (const write of pending) if (!fates.has(write)) fates.set(write, "lost");
    this.#hand?.attach(`writes-${disk.serial}.jsonl`, describeFates(history.value, fates));
    const lost = pending.length - kept.length;
    const detail = `disk ${disk.serial}: ${durable.length} writes were durable; of ${pending.length} that were not, ${lost} are lost`;
    this.#hand?.note({ source: "tool", name: "power-cut", detail, ok: true });
    return ok(undefined);
  }
}

/** Which of the pending writes survive, in their order. */
export function choose(pending: readonly number[], keep: Keep): readonly number[] {
  if (keep === "none") return [];
  if (keep === "all") return pending;
  const next = random(keep.random);
  return pending.filter(() => next() < 0.5);
}

/** Mulberry32: small, and the same on every machine. Numbers from 0 up to 1. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function apply(disk: CaseDisk, { writes }: DiskHistory, survivors: readonly number[]): Result<undefined> {
  try {
    const fd = openSync(disk.file, "r+");
    try {
      for (const survivor of survivors) {
        const write = writes[survivor];
        if (write !== undefined) writeAll(fd, write.data, write.sector * sectorBytes);
      }
    } finally {
      closeSync(fd);
    }
    return ok(undefined);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(problem(proveCodes, "CAPOS_PROVE_DISK", `disk ${disk.serial} could not be rebuilt: ${why}`));
  }
}

/** One line for each thing that the guest did, with what became of it; what came behind the cut has no fate. */
function describeFates(history: DiskHistory, fates: ReadonlyMap<number, string>): Uint8Array {
  const lines = history.events.map((event) => {
    if (event.kind !== "write") return JSON.stringify(event);
    const parts = history.writes.flatMap(({ request, sector, data, fua }, i) => {
      if (request !== event.request) return [];
      return [{ sector, sectors: data.length / sectorBytes, fua, fate: fates.get(i) ?? "later" }];
    });
    return JSON.stringify({ ...event, parts });
  });
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}
