import type { ResourceState } from "../journal/state.ts";
import { keyOf } from "../journal/records.ts";
import { objectName, resourceName } from "../names.ts";
import type { ResourceRef, Scope } from "../types.ts";
import { insistOn, type RunContext } from "./context.ts";
import { type Removal, remove } from "./remove.ts";

/** What stands at the end of a run: the proof that nothing is left, or what is. */
export interface Teardown {
  readonly removals: readonly Removal[];
  /** What listings of the whole project still show of this run, after everything was removed. */
  readonly listed: readonly ResourceRef[];
  /** Kinds that could not be listed; their emptiness is not shown. */
  readonly unlisted: readonly string[];
  readonly empty: boolean;
}

/** An instance holds its disk, an image its object's place: the later made goes first. */
const order = ["instance", "disk", "image", "object"] as const;

/** Takes down everything that the journal says may be there, then lists the project to see that nothing is. */
export async function tearDown(context: RunContext, scope: Scope): Promise<Teardown> {
  const { run, journal } = context;
  const known = journal.state().resources;
  const removals: Removal[] = [];
  for (const kind of order) {
    for (const state of toRemove(known, kind, run)) removals.push(await remove(context, state));
  }
  const listing = await listRun(context, scope);
  for (const ref of listing.foreign) {
    removals.push({ ref, result: "stranger", why: "it has this run's label, and not its name" });
  }
  // What only the listing knows (a disk that outlived its instance) is ours by its name and labels.
  for (const ref of listing.listed) {
    if (!removals.some((r) => keyOf(r.ref) === keyOf(ref) && r.result === "stranger")) {
      removals.push(await remove(context, { ref, is: "present" }));
    }
  }
  const again = listing.listed.length === 0 ? listing : await listRun(context, scope);
  const empty =
    again.listed.length === 0 &&
    again.unlisted.length === 0 &&
    removals.every((r) => r.result !== "left" || isGoneLater(r, removals));
  return { removals, listed: again.listed, unlisted: again.unlisted, empty };
}

/** A later try may have taken down what an earlier one had left. */
function isGoneLater(removal: Removal, all: readonly Removal[]): boolean {
  return all.some((other) => other.result === "absent" && keyOf(other.ref) === keyOf(removal.ref));
}

/** Every resource that is or may be there. Wherever an instance was asked for, there may be a disk that nobody noted. */
function toRemove(
  known: readonly ResourceState[],
  kind: (typeof order)[number],
  run: string,
): readonly ResourceState[] {
  const noted = known.filter((s) => s.ref.kind === kind && s.is !== "absent");
  if (kind !== "disk") return noted;
  const possible = known.flatMap((s): ResourceState[] =>
    s.ref.kind === "instance"
      ? [{ ref: { kind: "disk", name: resourceName(run), zone: s.ref.zone }, is: "present" }]
      : [],
  );
  return possible.map((disk) => noted.find((s) => keyOf(s.ref) === keyOf(disk.ref)) ?? disk);
}

/** What the whole project shows of this run. `foreign` has its label, and a name that it gives to nothing. */
async function listRun(
  context: RunContext,
  scope: Scope,
): Promise<Pick<Teardown, "listed" | "unlisted"> & { readonly foreign: readonly ResourceRef[] }> {
  const { run, provider } = context;
  const listed: ResourceRef[] = [];
  const foreign: ResourceRef[] = [];
  const unlisted: string[] = [];
  for (const kind of ["instance", "disk", "image"] as const) {
    const answer = await insistOn(context, "read", () => provider.list(kind, `labels.capos-run=${run}`));
    if ("failure" in answer) {
      unlisted.push(`${kind}: ${answer.failure.message}`);
      continue;
    }
    for (const { name, zone } of answer.value) {
      const found = name === resourceName(run) ? listed : foreign;
      found.push(kind === "image" ? { kind, name } : { kind, name, zone: zone ?? scope.zones[0] ?? "" });
    }
  }
  const objects = await insistOn(context, "read", () => provider.objects.list());
  if ("failure" in objects) unlisted.push(`object: ${objects.failure.message}`);
  else if (objects.value.some((o) => o.name === objectName(run))) {
    listed.push({ kind: "object", name: objectName(run), bucket: scope.bucket });
  }
  return { listed, foreign, unlisted };
}
