import type { Found } from "../gce/answers.ts";
import { runIdPattern, runOfName } from "../names.ts";
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
  readonly nowUnix: number;
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
  const items: Swept[] = [];
  for (const { ref, found: thing } of found) {
    const run = runOf(thing);
    if (run === undefined) continue;
    const expiresUnix = expiryOf(thing);
    const item = { ref, run, expiresUnix };
    const keep = whyKept(thing, run, expiresUnix, options);
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
  // An instance goes before the disk that it holds. The filter takes in what lost its labels: names are looked at here.
  for (const kind of ["instance", "disk", "image"] as const) {
    const answer = await insistOn(context, "read", () => provider.list(kind, 'name:"capos-*"'));
    if ("failure" in answer) {
      unlisted.push(`${kind}: ${answer.failure.message}`);
      continue;
    }
    for (const thing of answer.value) {
      const { name, zone } = thing;
      const ref: ResourceRef = kind === "image" ? { kind, name } : { kind, name, zone: zone ?? "" };
      found.push({ ref, found: thing });
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

function runOf(thing: Found): string | undefined {
  const label = thing.labels["capos-run"];
  const named = runOfName(thing.name);
  // The name must be one that a run gives, whatever a label says.
  return named !== undefined && (label === undefined || label === named) ? named : undefined;
}

function expiryOf(thing: Found): number | undefined {
  const told = thing.labels["capos-expires"];
  // A value that nobody of ours has written says nothing.
  return told !== undefined && /^\d{9,11}$/u.test(told) ? Number(told) : undefined;
}

/** What lost its labels is given a day from when the provider says that it was made. */
const graceSeconds = 86_400;

function whyKept(
  thing: Found,
  run: string,
  expiresUnix: number | undefined,
  { known, isAlive, nowUnix }: SweepOptions,
): { readonly fate: "kept" | "reported"; readonly why: string } | undefined {
  if (isAlive(run)) return { fate: "kept", why: "its run is under way" };
  const isLabelled = thing.labels["capos-tool"] === "cloudboot" && runIdPattern.test(run);
  if (!isLabelled && !known.has(run)) {
    return { fate: "reported", why: "it has our kind of name, no label of ours and no journal here" };
  }
  const until =
    expiresUnix ?? (thing.createdMs === undefined ? undefined : thing.createdMs / 1000 + graceSeconds);
  if (until === undefined) return { fate: "reported", why: "nothing says how old it is" };
  return until > nowUnix ? { fate: "kept", why: "its time is not over" } : undefined;
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
