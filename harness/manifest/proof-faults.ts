import {
  type BootSpec,
  diskErrnos,
  diskOperations,
  type Fault,
  type FaultKind,
  type Keep,
} from "../contract/index.ts";
import { readDuration, readSize } from "./proof-values.ts";
import type { Cursor } from "./reader.ts";

/** What a boot declares to go wrong, and what its clock says. */
export function readFaults(boot: Cursor): Pick<BootSpec, "faults" | "clock"> {
  const [faults, clock] = [boot.field("faults"), boot.field("clock")];
  return {
    ...(faults.present ? { faults: faults.list().map(readFault) } : {}),
    ...(clock.present ? { clock: readClock(clock) } : {}),
  };
}

/** Which unflushed writes survive a power cut, where it is declared. */
export function readKeep(ends: Cursor): { readonly keep?: Keep } {
  const keep = ends.field("keep");
  if (!keep.present) return {};
  const word = keep.string();
  if (word === "none" || word === "all") return { keep: word };
  const seed = /^random ([0-9]{1,9})$/u.exec(word)?.[1];
  if (seed === undefined) keep.refuse('it keeps "none", "all" or "random 7", where 7 is any seed');
  return { keep: { random: Number(seed ?? 0) } };
}

const kinds = [
  "disk-error",
  "torn-write",
  "disk-full",
  "link-down",
  "unplug",
  "nmi",
  "stop-cpu",
  "reset",
] as const;

/** The fields of each kind beside its trigger. */
const fields: Readonly<Record<(typeof kinds)[number], readonly string[]>> = {
  "disk-error": ["disk", "op", "errno", "once", "offset"],
  "torn-write": ["disk", "bytes"],
  "disk-full": ["disk"],
  "link-down": ["for"],
  unplug: ["disk"],
  nmi: [],
  "stop-cpu": ["cpu", "for"],
  reset: [],
};
const allFields = [...new Set(Object.values(fields).flat())];

function readFault(fault: Cursor): Fault {
  const kind = fault.field("kind").word(kinds);
  const after = fault.field("after");
  for (const name of allFields) {
    const field = fault.field(name);
    if (field.present && !fields[kind].includes(name))
      field.refuse(`a fault of kind ${kind} has no \`${name}\``);
  }
  return {
    name: fault.field("name").string(),
    at: fault.field("at").string(),
    afterMs: after.present ? readDuration(after) : 0,
    ...readKind(fault, kind),
  };
}

function readKind(fault: Cursor, kind: (typeof kinds)[number]): FaultKind {
  switch (kind) {
    case "disk-error": {
      const offset = fault.field("offset");
      return {
        kind,
        disk: fault.field("disk").string(),
        op: fault.field("op").word(diskOperations, "write"),
        errno: fault.field("errno").word(diskErrnos, "EIO"),
        once: fault.field("once").boolean(false),
        ...(offset.present ? { offset: sectors(offset) } : {}),
      };
    }
    case "torn-write":
      return { kind, disk: fault.field("disk").string(), bytes: sectors(fault.field("bytes")) };
    case "disk-full":
    case "unplug":
      return { kind, disk: fault.field("disk").string() };
    case "link-down":
      return { kind, forMs: readDuration(fault.field("for")) };
    case "stop-cpu":
      return { kind, cpu: fault.field("cpu").number(), forMs: readDuration(fault.field("for")) };
    case "nmi":
    case "reset":
      return { kind };
  }
}

/** A size in whole sectors. */
function sectors(at: Cursor): number {
  const bytes = readSize(at);
  return bytes % 512 === 0 ? bytes : at.refuse("disks are broken between sectors: a multiple of 512", 0);
}

/** A moment that exists, to the second, as the emulator takes it. */
function readClock(at: Cursor): string {
  const text = at.string();
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u.test(text) ? new Date(text) : undefined;
  // A day such as 31 February is moved on by the parser.
  const exists =
    moment !== undefined &&
    !Number.isNaN(moment.getTime()) &&
    moment.toISOString().startsWith(text.slice(0, 19));
  return exists ? text.slice(0, 19) : at.refuse('a moment is written "2031-01-01T00:00:00Z"', "");
}
