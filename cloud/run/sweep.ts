import type { Found } from "../gce/answers.ts";
import { runOfName } from "../names.ts";
import { keyOf } from "../journal/records.ts";
import type { ResourceRef, Scope } from "../types.ts";
import { insistOn, type RunContext } from "./context.ts";
import { type Removal, remove } from "./remove.ts";

/** Something that a run has made, by whatever says so. */
export interface Swept {
  readonly ref: ResourceRef;
  readonly run: string;
  readonly expiresUnix: number | undefined;
  readonly fate: "kept" | "removed" | "left" | "reported";
  readonly why: string;
}

export interface Sweep {
  readonly items: readonly Swept[];
  /** Kinds that could not be listed. */
  readonly unlisted: readonly string[];
}

export interface SweepOptions {
  readonly scope: Scope;
  /** Runs whose journals lie here, which speaks for a resource that has lost its labels. */
  readonly known: ReadonlySet<string>;
  /** Whether a run is being worked on by a living process here. */
  readonly isAlive: (run: string) => boolean;
  /** Only tell what would be done. */
  readonly dry: boolean;
}

/**
 * Finds everything of ours in the project, in every kind of resource, by label and by name, and removes what is past
 * its time. A thing with our kind of name and no label of ours is removed only if a journal here knows its run; else
 * it may be somebody else's, and is reported.
 */
export async function sweep(context: RunContext, options: SweepOptions): Promise<Sweep> {
  const { found, unlisted } = await findAll(context, options.scope);
  const now = context.provider.now();
  const items: Swept[] = [];
  for (const { ref, found: thing } of found) {
    const run = runOf(thing);
    if (run === undefined) {
      // Nobody but a run gives our label; but what a run makes has another name.
      const why = "it has our label, and a name that no run gives";
      if (isLabelled(thing)) items.push({ ref, run: "", expiresUnix: undefined, fate: "reported", why });
      continue;
    }
    const expiresUnix = expiryOf(thing);
    const item = { ref, run, expiresUnix };
    const keep = whyKept(thing, run, expiresUnix, now, options);
    if (keep !== undefined) {
      items.push({ ...item, ...keep });
    } else if (options.dry) {
      items.push({ ...item, fate: "kept", why: "it would be removed" });
    } else {
      items.push({
        ...item,
        ...fateOf(await remove(asRun(context, run), { ref, is: "present", id: thing.id })),
      });
    }
  }
  return { items, unlisted };
}

interface Listed {
  readonly ref: ResourceRef;
  readonly found: Found;
}

async function findAll(
  context: RunContext,
  scope: Scope,
): Promise<{ readonly found: readonly Listed[]; readonly unlisted: readonly string[] }> {
  const { provider } = context;
  const found: Listed[] = [];
  const unlisted: string[] = [];
  // An instance goes before the disk that it holds. By name is found what lost its labels, by label what has another name.
  for (const kind of ["instance", "disk", "image"] as const) {
    for (const filter of ['name eq "capos-.*"', "labels.capos-tool=cloudboot"]) {
      const answer = await insistOn(context, "read", () => provider.list(kind, filter));
      if ("failure" in answer) {
        unlisted.push(`${kind}: ${answer.failure.message}`);
        continue;
      }
      for (const thing of answer.value) {
        const { name, zone } = thing;
        const ref: ResourceRef = kind === "image" ? { kind, name } : { kind, name, zone: zone ?? "" };
        if (!found.some((f) => keyOf(f.ref) === keyOf(ref))) found.push({ ref, found: thing });
      }
    }
  }
  const objects = await insistOn(context, "read", () => provider.objects.list());
  if ("failure" in objects) unlisted.push(`object: ${objects.failure.message}`);
  else {
    for (const thing of objects.value) {
      found.push({ ref: { kind: "object", name: thing.name, bucket: scope.bucket }, found: thing });
    }
  }
  return { found, unlisted };
}

function isLabelled(thing: Found): boolean {
  return thing.labels["capos-tool"] === "cloudboot";
}

function runOf(thing: Found): string | undefined {
  const label = thing.labels["capos-run"];
  const named = runOfName(thing.name);
  // The name must be one that a run gives, whatever a label says.
  return named !== undefined && (label === undefined || label === named) ? named : undefined;
}

/**
 * When the time of a thing is over, in Unix seconds. How long it may live is what its labels say, and since when, what
 * the service says: the clock of whoever made it may have been hours off, and so may be the one here.
 */
function expiryOf(thing: Found): number | undefined {
  const [created, expires] = [unixIn(thing, "capos-created"), unixIn(thing, "capos-expires")];
  if (thing.createdMs === undefined) return undefined;
  const life = created === undefined || expires === undefined ? graceSeconds : expires - created;
  return Math.floor(thing.createdMs / 1000) + Math.min(Math.max(0, life), graceSeconds);
}

/** A value that nobody of ours has written says nothing. */
function unixIn(thing: Found, label: string): number | undefined {
  const told = thing.labels[label];
  return told !== undefined && /^\d{9,11}$/u.test(told) ? Number(told) : undefined;
}

/** What lost its labels is given a day, which is longer than any run may live. */
const graceSeconds = 86_400;

function whyKept(
  thing: Found,
  run: string,
  expiresUnix: number | undefined,
  nowMs: number | undefined,
  { known, isAlive }: SweepOptions,
): { readonly fate: "kept" | "reported"; readonly why: string } | undefined {
  if (isAlive(run)) return { fate: "kept", why: "its run is under way" };
  if (!isLabelled(thing) && !known.has(run)) {
    return { fate: "reported", why: "it has our kind of name, no label of ours and no journal here" };
  }
  if (expiresUnix === undefined || nowMs === undefined) {
    return { fate: "reported", why: "nothing says how old it is" };
  }
  return expiresUnix > nowMs / 1000 ? { fate: "kept", why: "its time is not over" } : undefined;
}

function asRun(context: RunContext, run: string): RunContext {
  return { ...context, run };
}

function fateOf(removal: Removal): Pick<Swept, "fate" | "why"> {
  switch (removal.result) {
    case "absent":
      return { fate: "removed", why: "its time was over" };
    case "stranger":
      return { fate: "reported", why: removal.why };
    case "left":
      return { fate: "left", why: removal.why };
  }
}
