/**
 * What can be read of a case at any moment: while it runs, after its runner has died, or when it has ended. Nothing is
 * checked against anything else, since this is for showing and not for judging; what cannot be read is absent.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ControlEvent } from "../contract/index.ts";
import { parseCanonical } from "./canonical.ts";
import type { Decoder } from "./decode.ts";
import {
  type Boot,
  type Inputs,
  type StoredJudgement,
  bootDecoder,
  inputsDecoder,
  judgementDecoder,
} from "./formats.ts";
import { type CaseState, inspectCase } from "./read-directory.ts";
import { timelineEntry } from "./timeline.ts";

export interface CaseGlance {
  readonly state: CaseState | undefined;
  readonly inputs: Inputs | undefined;
  readonly judgement: StoredJudgement | undefined;
  readonly boots: readonly BootGlance[];
}

export interface BootGlance {
  readonly boot: Boot | undefined;
  /** Below the case's directory. */
  readonly folder: string;
  /** `console.raw`, which may be of any size, or not be there. */
  readonly console: string;
  /** Files of what took part in the boot: peers' logs, a second serial port. */
  readonly attached: readonly string[];
  /** When bytes came: their number up to and with each entry. Ends where the index does. */
  readonly arrivals: readonly { readonly end: number; readonly wallMs: number }[];
  readonly control: readonly { readonly event: ControlEvent; readonly wallMs: number }[];
}

/** Indexes beyond this are not read: the console can be shown without its times. */
const maxIndexBytes = 64 << 20;

export function glanceAtCase(dir: string): CaseGlance {
  const state = inspectCase(dir);
  return {
    state: state.ok ? state.value : undefined,
    inputs: glance(join(dir, "inputs.json"), inputsDecoder),
    judgement: glance(join(dir, "judgement.json"), judgementDecoder),
    boots: bootFolders(dir).map((name) => glanceAtBoot(dir, `boots/${name}`)),
  };
}

function glanceAtBoot(dir: string, folder: string): BootGlance {
  const arrivals: { end: number; wallMs: number }[] = [];
  const control: { event: ControlEvent; wallMs: number }[] = [];
  let end = 0;
  for (const line of readText(join(dir, folder, "timeline.jsonl")).split("\n")) {
    const entry = timelineEntry(line);
    if (entry === undefined) continue;
    const { wallMs } = entry.at;
    if (entry.kind === "control") control.push({ event: entry.event, wallMs });
    else if (entry.kind === "bytes") {
      end += entry.length;
      arrivals.push({ end, wallMs });
    }
  }
  const boot = glance(join(dir, folder, "boot.json"), bootDecoder);
  const attached = namesIn(join(dir, folder, "attached")).map((name) => join(dir, folder, "attached", name));
  return { boot, folder, console: join(dir, folder, "console.raw"), attached, arrivals, control };
}

function bootFolders(dir: string): readonly string[] {
  const order = (name: string): number => Number.parseInt(name, 10);
  return namesIn(join(dir, "boots"))
    .filter((name) => /^\d+-/u.test(name))
    .toSorted((a, b) => order(a) - order(b));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function glance<T>(file: string, decoder: Decoder<T>): T | undefined {
  const text = readText(file);
  const parsed = text === "" ? undefined : parseCanonical(decoder, text, file);
  return parsed?.ok === true ? parsed.value : undefined;
}

function readText(file: string): string {
  try {
    return statSync(file).size > maxIndexBytes ? "" : readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
