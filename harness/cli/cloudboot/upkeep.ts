import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type Problem, problem, type Result, tryLock } from "../../base/index.ts";
import type { Interrupts } from "../../process/index.ts";
import type { CloudbootFlags } from "../commands/cloudboot.ts";
import type { CliContext } from "../context.ts";
import { cloudFolder } from "../run/cloudboot.ts";
import { failureOf } from "../failures.ts";
import type { CloudRoom } from "./room.ts";
import { showSweep } from "./show.ts";
import { guardRun } from "./unforeseen.ts";
import { googleWay, localWay, type Way, wayTo } from "./way.ts";

type Scope = Parameters<CloudRoom["costBound"]>[0];

/**
 * Takes down what a run has made, by its journal. A run whose tool has died proves nothing any more, since nobody
 * has seen all of its console; so taking it up again means the same.
 */
export async function takeDownRun(
  context: CliContext,
  cloud: CloudRoom,
  run: string,
  interrupts: Interrupts,
): Promise<void> {
  const { root } = context;
  const journal = cloud.resumeJournal(cloudFolder(root), run);
  if (!journal.ok) return context.report(journal.error);
  const guard = guardRun(interrupts, (error) => {
    context.report([{ ...failureOf(error), next: `run \`capos cloudboot --teardown ${run}\` again` }]);
  });
  try {
    const { begin, ended } = journal.value.state();
    if (begin === undefined) {
      context.print(`${run}: it was never begun, and nothing was made`);
      return;
    }
    if (ended) context.print(`${run}: its journal says that it is over; looking again`);
    const local = begin.endpoint === undefined ? undefined : cloud.checkEndpoint(begin.endpoint);
    if (local?.ok === false) return context.report(local.error);
    if (begin.endpoint !== undefined && !(await answers(begin.endpoint))) {
      context.print(`${run}: its provider on this host, ${begin.endpoint}, is gone with all that was in it`);
      return;
    }
    const way = await wayOf(cloud, root, begin);
    if (!way.ok) return context.report(way.error);
    const session = new cloud.RunSession({
      root,
      run,
      scope: begin.scope,
      hardware: { firmware: "bios", disk: "scsi" },
      ...(begin.endpoint === undefined ? {} : { endpoint: begin.endpoint }),
      headers: way.value.headers,
      journal: journal.value,
      createdUnix: begin.createdUnix,
      expiresUnix: begin.expiresUnix,
      scratch: "",
      pace: cloud.systemPace,
      say: (text) => context.process.stderr.write(`${text}\n`),
      stopping: interrupts.stopping,
      killing: interrupts.killing,
    });
    const down = await session.takeDown();
    if (!down.ok) return context.report(down.error);
    const { removals, listed, unlisted, empty } = down.value;
    for (const removal of removals) {
      const why = removal.result === "absent" ? "" : `: ${removal.why}`;
      context.print(
        `${removal.result.toUpperCase().padStart(9)}  ${removal.ref.kind} ${removal.ref.name}${why}`,
      );
    }
    for (const ref of listed) context.print(`   LISTED  ${ref.kind} ${ref.name}`);
    for (const what of unlisted) context.print(`   FAILED  ${what}`);
    if (!empty) return context.report([leftOf(cloud, run)]);
    if (!ended) journal.value.write({ type: "end", verdict: "not-run" });
    context.print(`${run}: nothing is left`);
  } finally {
    guard.dispose();
    journal.value.close();
  }
}

/** That a run may have left something, and the very command that takes it down. */
export function leftOf(cloud: CloudRoom, run: string): Problem {
  const message = `something of the run ${run} could not be shown to be gone`;
  const next = `run \`capos cloudboot --teardown ${run}\` again; what is left may cost money`;
  return problem(cloud.cloudCodes, "CAPOS_CLOUD_LEFT", message, { next });
}

/** Finds everything of ours in a project that is past its time, whoever made it, and removes it. */
export async function sweepAll(
  context: CliContext,
  cloud: CloudRoom,
  flags: CloudbootFlags,
  scope: Scope,
  interrupts: Interrupts,
): Promise<void> {
  const { root } = context;
  const isLocal = flags.provider === "local";
  if (isLocal && context.env["CAPOS_CLOUD_ENDPOINT"] === undefined) {
    context.print("a local provider is gone with the command that started it: there is nothing to sweep");
    return;
  }
  const way = isLocal
    ? await localWay(cloud, root, scope, context.env)
    : await googleWay(cloud, root, scope.project);
  if (!way.ok) return context.report(way.error);
  const folder = cloudFolder(root);
  const connected = cloud.connect(
    {
      root,
      scope,
      headers: way.value.headers,
      ...(way.value.endpoint === undefined ? {} : { endpoint: way.value.endpoint }),
      grant: { kind: "sweep", scope },
      abort: interrupts.killing,
      record: () => {},
    },
    {
      run: "",
      journal: cloud.noJournal,
      pace: cloud.systemPace,
      say: (text) => context.process.stderr.write(`${text}\n`),
      stopping: interrupts.stopping,
    },
  );
  if (!connected.ok) return context.report(connected.error);
  const swept = await cloud.sweep(connected.value, {
    scope,
    known: new Set(cloud.listJournals(folder)),
    isAlive: (run) => isHeld(join(folder, `${run}.jsonl.lock`)),
    dry: flags.dryRun,
  });
  context.print(showSweep(swept));
  const isClean = swept.unlisted.length === 0 && swept.items.every((i) => i.fate !== "left");
  if (!isClean) context.exitWith(exitCodes.host);
}

function wayOf(
  cloud: CloudRoom,
  root: string,
  { endpoint, scope }: { readonly endpoint?: string; readonly scope: Scope },
): Promise<Result<Way>> {
  return endpoint === undefined
    ? googleWay(cloud, root, scope.project)
    : Promise.resolve({ ok: true, value: wayTo(endpoint) });
}

/** Whether anybody listens there. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(10_000) });
    return true;
  } catch {
    return false;
  }
}

/** Whether a living process holds a run's journal. */
function isHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  const lock = tryLock(path);
  lock?.release();
  return lock === undefined;
}
