/** Runs on a disk without a machine, in the form in which real ones lie there; only *.test.ts import this. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseRef, EventBody } from "../../events/index.ts";
import { openRunDirectory } from "../../evidence/index.ts";
import { type CaseFinished, finished, over, started, stream } from "./events.ts";

export interface SampleBoot {
  readonly name: string;
  readonly console: string | Uint8Array;
  /** Texts whose lines are landmarks, by name; each must stand in the console. */
  readonly marks?: Readonly<Record<string, string>>;
  readonly actions?: readonly Omit<Extract<EventBody, { type: "action" }>, "type" | "case" | "boot">[];
  /** Files of what took part, by name. */
  readonly attached?: Readonly<Record<string, string>>;
  readonly captures?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface SampleCase {
  readonly ref: CaseRef;
  readonly boots: readonly SampleBoot[];
  /** Undefined for a case that never ended. */
  readonly end?: Partial<CaseFinished>;
}

export interface SampleRun {
  readonly run: string;
  readonly cases: readonly SampleCase[];
  readonly more?: readonly EventBody[];
  /** Undefined for a run that never ended. */
  readonly exit?: number;
}

export function scratchRoot(): { readonly root: string; readonly dispose: () => void } {
  const root = mkdtempSync(join(tmpdir(), "capos-report-"));
  return { root, dispose: () => rmSync(root, { recursive: true, force: true }) };
}

/** Writes a run below `root` and returns its directory. */
export function storeRun(root: string, sample: SampleRun): string {
  const runDir = join(root, ".capos", "runs", sample.run);
  mkdirSync(runDir, { recursive: true });
  const event = stream(sample.run);
  const bodies: EventBody[] = [
    started(sample.cases.map((c) => c.ref)),
    ...(sample.more ?? []),
    ...sample.cases.flatMap((one) => storeCase(runDir, sample.run, one)),
    ...(sample.exit === undefined ? [] : [over({ exit: sample.exit })]),
  ];
  writeFileSync(
    join(runDir, "events.jsonl"),
    bodies.map((body) => `${JSON.stringify(event(body))}\n`).join(""),
  );
  return runDir;
}

function storeCase(runDir: string, run: string, one: SampleCase): EventBody[] {
  const dir = `.capos/runs/${run}/${one.ref.id}`;
  const opened = openRunDirectory({ runDir, run, case: one.ref, capos: "0.1.0" });
  if (!opened.ok) throw new Error(opened.error[0]?.message);
  const boots = one.boots.map((b) => b.name);
  const bodies: EventBody[] = [
    { type: "case-started", case: one.ref, title: `The claim of ${one.ref.proof}`, boots, dir },
  ];
  for (const [index, boot] of one.boots.entries()) {
    const bytes = typeof boot.console === "string" ? Buffer.from(boot.console) : Buffer.from(boot.console);
    const stored = opened.value.boot({ name: boot.name, argv: ["qemu"], freshness: "none", identity: null });
    if (!stored.ok) throw new Error(stored.error[0]?.message);
    // Ten bytes a millisecond.
    for (let at = 0; at < bytes.length; at += 1000) {
      const chunk = bytes.subarray(at, at + 1000);
      stored.value.append({
        kind: "bytes",
        at: { wallMs: (at + chunk.length) / 10, cpuMs: 0 },
        bytes: chunk,
      });
    }
    stored.value.close({});
    for (const [name, text] of Object.entries(boot.attached ?? {})) {
      mkdirSync(join(stored.value.path, "attached"), { recursive: true });
      writeFileSync(join(stored.value.path, "attached", name), text);
    }
    bodies.push({ type: "boot-started", case: one.ref, boot: boot.name, index });
    bodies.push({ type: "banner", case: one.ref, boot: boot.name, wallMs: 1 });
    const marks = Object.entries(boot.marks ?? {});
    for (const [seen, [name, text]] of marks.entries()) {
      const offset = bytes.indexOf(text);
      if (offset < 0) throw new Error(`the console of ${boot.name} does not hold ${text}`);
      const captures = boot.captures?.[name] ?? {};
      const wallMs = offset / 10;
      bodies.push({
        type: "landmark",
        case: one.ref,
        boot: boot.name,
        name,
        captures,
        offset,
        wallMs,
        seen: seen + 1,
        of: marks.length,
      });
    }
    for (const action of boot.actions ?? []) {
      bodies.push({ type: "action", case: one.ref, boot: boot.name, ...action });
    }
    bodies.push({
      type: "boot-ended",
      case: one.ref,
      boot: boot.name,
      how: "halted with status=0",
      wallMs: bytes.length / 10,
    });
  }
  if (one.end !== undefined) bodies.push({ ...finished(one.ref, { dir, ...one.end }) });
  return bodies;
}
