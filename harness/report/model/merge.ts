/** Shards of one run, joined into the stream that one machine would have written. Pure. */
import { type Problem, type Result, err, exitCodes, ok, problem } from "../../base/index.ts";
import type { CaseRef, Event, EventBody } from "../../events/index.ts";
import { reportCodes } from "../codes.ts";
import { foldEvents } from "./fold.ts";
import type { Stream } from "./stream.ts";
import type { CaseReport, RunReport } from "./types.ts";

export interface Shard {
  /** How problems name it. */
  readonly name: string;
  readonly stream: Stream;
}

export interface Merged {
  readonly events: readonly Event[];
  readonly exit: number;
  /** Which shard each case that was started is taken from. */
  readonly origins: ReadonlyMap<string, Shard>;
}

export interface MergeTarget {
  readonly run: string;
  /** Where the merged run's artefacts will lie, as shown. */
  readonly dir: string;
}

/** Refuses shards of which two ended the same case: with equal verdicts it is a mistake, with others a finding. */
export function mergeShards(shards: readonly Shard[], target: MergeTarget): Result<Merged> {
  const folded = shards.map((shard) => ({ shard, report: foldEvents(shard.stream) }));
  const problems = collisions(folded);
  if (problems.length > 0) return err(problems);
  const origins = new Map<string, Shard>();
  const refs = new Map<string, CaseRef>();
  for (const { shard, report } of folded) {
    for (const one of report.cases) {
      refs.set(one.id, { id: one.id, proof: one.proof, path: one.path });
      // A case that one shard lost and another ended is the other's.
      if (hasEnded(one) || (one.startedMs !== null && !origins.has(one.id))) origins.set(one.id, shard);
    }
  }
  const kept = shards
    .flatMap((shard) => shard.stream.events.filter((event) => isKept(event, shard, origins)))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.seq - b.seq));
  const exit = exitOfShards(folded.map((f) => f.report));
  const ended = folded.flatMap(({ shard, report }) =>
    report.cases.filter((c) => hasEnded(c) && origins.get(c.id) === shard),
  );
  const passed = ended.filter((c) => c.verdict === "proved").length;
  const tolerated = ended.filter((c) => c.tolerated !== null).length;
  const failed = ended.filter(
    (c) => c.verdict !== "proved" && c.verdict !== "filtered" && c.tolerated === null,
  ).length;
  const [earliest, latest] = spanOf(shards);
  const bodies: { readonly at: string; readonly body: EventBody }[] = [
    {
      at: earliest,
      body: {
        type: "run-started",
        capos: folded[0]?.report.capos ?? "",
        cases: [...refs.values()],
        dir: target.dir,
      },
    },
    ...folded.map(({ shard, report }) => ({ at: earliest, body: shardNotice(shard, report) })),
    ...disagreements(folded.map((f) => f.report)).map((text) => ({
      at: earliest,
      body: { type: "notice", level: "warning", text } as const,
    })),
    ...kept.map((event) => ({ at: event.at, body: moved(event, target.dir) })),
    {
      at: latest,
      body: {
        type: "run-finished",
        passed,
        failed,
        skipped: refs.size - passed - failed - tolerated,
        exit,
        ms: Date.parse(latest) - Date.parse(earliest),
        tolerated,
        cached: ended.filter((c) => c.cached !== null).length,
        ...sumsOf(shards),
      },
    },
  ];
  const events = bodies.map(({ at, body }, seq): Event => {
    const elapsedMs = Date.parse(at) - Date.parse(earliest);
    return { ...body, v: 1, seq, at, elapsedMs, run: target.run };
  });
  return ok({ events, exit, origins });
}

/** What shards measured and can be added up. */
function sumsOf(shards: readonly Shard[]): { readonly flaky?: number; readonly guestMs?: number } {
  const ends = shards.flatMap((s) => s.stream.events.filter((e) => e.type === "run-finished"));
  const sum = (values: readonly (number | undefined)[]): number | undefined =>
    values.every((v) => v === undefined) ? undefined : values.reduce<number>((a, v) => a + (v ?? 0), 0);
  const [flaky, guestMs] = [sum(ends.map((e) => e.flaky)), sum(ends.map((e) => e.guestMs))];
  return { ...(flaky === undefined ? {} : { flaky }), ...(guestMs === undefined ? {} : { guestMs }) };
}

interface Folded {
  readonly shard: Shard;
  readonly report: RunReport;
}

/** Two shards that ended the same case. */
function collisions(folded: readonly Folded[]): readonly Problem[] {
  const ended = new Map<string, { readonly shard: Shard; readonly one: CaseReport }>();
  const problems: Problem[] = [];
  for (const { shard, report } of folded) {
    for (const one of report.cases) {
      if (!hasEnded(one)) continue;
      const other = ended.get(one.id);
      if (other === undefined) ended.set(one.id, { shard, one });
      else if (other.one.verdict === one.verdict) {
        const message = `${one.id} was run by ${other.shard.name} and by ${shard.name}, both ${one.verdict}`;
        problems.push(problem(reportCodes, "CAPOS_REPORT_DUPLICATE", message));
      } else {
        const message = `${one.id} is ${other.one.verdict} in ${other.shard.name} and ${one.verdict} in ${shard.name}`;
        const detail = [other.one.cause, one.cause].filter((cause) => cause !== "").join("\n");
        const next = `capos report compare ${other.shard.name} ${shard.name}`;
        problems.push(
          problem(reportCodes, "CAPOS_REPORT_CONFLICT", message, {
            next,
            ...(detail === "" ? {} : { detail }),
          }),
        );
      }
    }
  }
  return problems;
}

function hasEnded(one: CaseReport): boolean {
  return one.verdict !== "not-run" && one.verdict !== "died";
}

function isKept(event: Event, shard: Shard, origins: ReadonlyMap<string, Shard>): boolean {
  if (event.type === "run-started" || event.type === "run-finished") return false;
  return !("case" in event) || origins.get(event.case.id) === shard;
}

/** An event as the merged run tells it: its artefacts lie elsewhere. */
function moved(event: Event, dir: string): EventBody {
  if (event.type !== "case-started" && event.type !== "case-finished") return event;
  return { ...event, dir: `${dir}/${event.dir.split("/").at(-1) ?? event.case.id}` };
}

function shardNotice(shard: Shard, report: RunReport): EventBody {
  const count = report.cases.length === 1 ? "1 case" : `${report.cases.length} cases`;
  return report.exit === null
    ? {
        type: "notice",
        level: "warning",
        text: `shard ${shard.name} died: ${count} planned, and it has no end`,
      }
    : { type: "notice", level: "info", text: `shard ${shard.name}: ${count}, exit code ${report.exit}` };
}

/** What shards of one run should have in common and have not. */
function disagreements(reports: readonly RunReport[]): readonly string[] {
  const versions = new Set(reports.map((r) => r.capos).filter((v) => v !== ""));
  const digests = new Map<string, Set<string>>();
  for (const { image, path, digest } of reports.flatMap((r) => r.builds)) {
    const key = `${image} for ${path}`;
    digests.set(key, (digests.get(key) ?? new Set()).add(digest));
  }
  return [
    ...(versions.size > 1 ? [`the shards were run by different versions: ${[...versions].join(", ")}`] : []),
    ...[...digests]
      .filter(([, all]) => all.size > 1)
      .map(([key]) => `the shards built different images of ${key}`),
  ];
}

/** The gravest first; a shard without an end is a fault of its host. Nothing to do counts only when all had nothing. */
const order: readonly number[] = [
  exitCodes.bug,
  exitCodes.host,
  exitCodes.interrupted,
  exitCodes.terminated,
  exitCodes.tool,
  exitCodes.build,
  exitCodes.invalid,
  exitCodes.usage,
  exitCodes.notProved,
  exitCodes.proved,
];

function exitOfShards(reports: readonly RunReport[]): number {
  const exits = reports.map((r) => r.exit ?? exitCodes.host);
  return order.find((code) => exits.includes(code)) ?? exitCodes.nothing;
}

function spanOf(shards: readonly Shard[]): readonly [string, string] {
  const times = shards.flatMap((s) => s.stream.events.map((e) => e.at)).toSorted();
  return [times[0] ?? "", times.at(-1) ?? ""];
}
