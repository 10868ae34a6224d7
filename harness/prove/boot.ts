import { randomBytes } from "node:crypto";
import { join, relative } from "node:path";
import { err, ok, type Problem, type Result } from "../base/index.ts";
import {
  type BootJudgement,
  type BootSpec,
  createBootJudge,
  freshnessOf,
  type Identity,
  type Proof,
} from "../contract/index.ts";
import type { CaseRef, Emit } from "../events/index.ts";
import type { RunDirectory } from "../evidence/index.ts";
import type { BootRequest, DataDisk, Machine, System } from "../machine/index.ts";
import type { Supervisor } from "../process/index.ts";
import { companionsOf } from "./companion.ts";
import { Company } from "./company.ts";
import { type CaseDisk, measureDisks } from "./disks.ts";
import type { Extras } from "./extras.ts";
import type { LoadedPrograms } from "./inspect/loaded.ts";
import { BootStory } from "./story.ts";
import type { ConsoleTail } from "./tail.ts";

export interface BootContext {
  /** Absolute path of the checkout, in which the machine runs. */
  readonly root: string;
  readonly ref: CaseRef;
  readonly proof: Proof;
  readonly machine: Machine;
  readonly system: System;
  readonly systemDigest: string;
  /** Builds what a check needs beside the image, and says where it is. */
  readonly hostTool: (name: string) => Promise<Result<string>>;
  readonly dir: RunDirectory;
  /** Where a boot's companions may keep files while it runs. */
  readonly scratch: string;
  readonly emit: Emit;
  readonly supervisor: Supervisor;
  readonly stopping: AbortSignal;
  /** What the kernel and the programs were before they were made ready for loading. */
  readonly programs: LoadedPrograms;
  /** `.capos/cache` */
  readonly cacheDir: string;
  readonly extras: Extras | undefined;
  /** Version of the emulator; absent where there is none. */
  readonly emulator: string | undefined;
}

export interface BootOutcome {
  readonly judgement: BootJudgement;
  /** The disks as the boot left them. */
  readonly disks: readonly CaseDisk[];
  readonly tail: ConsoleTail;
}

/** Runs and judges the boot at `index` (from 0) of a proof; stores what the judge was fed. */
export async function runBoot(
  context: BootContext,
  index: number,
  disks: readonly CaseDisk[],
): Promise<Result<BootOutcome>> {
  const { proof } = context;
  const spec = proof.boots[index];
  if (spec === undefined) throw new RangeError(`${proof.name} has no boot ${index}`);
  const identity: Identity = {
    nonce: randomBytes(16).toString("hex"),
    boot: index + 1,
    ...context.machine.stamp,
    systemDigest: context.systemDigest,
  };
  const request = {
    name: spec.name,
    machine: proof.machine,
    // Named from the root: the argument vector is evidence, and where a checkout stands is nobody's business.
    system: fromRoot(context.root, context.system),
    disks: disks.map(({ serial, file, bus }): DataDisk => ({
      serial,
      bus,
      file: relative(context.root, file),
    })),
    identity,
    ...(spec.clock === undefined ? {} : { clock: spec.clock }),
    ...(proof.guest === undefined ? {} : { holdConsole: true }),
  };
  const { root, supervisor, stopping } = context;
  const scratch = join(context.scratch, spec.name);
  const company = new Company(
    await companionsOf({
      root,
      proof,
      boot: spec,
      index,
      disks,
      scratch,
      supervisor,
      stopping,
      lab: context,
    }),
  );
  try {
    const asked = await company.prepare(request);
    if (!asked.ok) return asked;
    const planned = { index, spec, disks, identity: company.past?.identity ?? identity, company };
    return await runPlanned(context, planned, asked.value);
  } finally {
    await company.ended();
  }
}

interface Planned {
  readonly index: number;
  readonly spec: BootSpec;
  readonly disks: readonly CaseDisk[];
  readonly identity: Identity;
  readonly company: Company;
}

async function runPlanned(
  context: BootContext,
  { index, spec, disks, identity, company }: Planned,
  request: BootRequest,
): Promise<Result<BootOutcome>> {
  const { proof, machine, ref, emit, dir } = context;
  const { past } = company;
  // The guest has the nonce of the shared boot; that its state is what went on is our own doing.
  const freshness = past === undefined ? freshnessOf(proof.guest, machine.freshness) : "by-construction";
  const plan = machine.plan(request);
  if (!plan.ok) return plan;
  const way = machine.transport === undefined ? {} : { transport: machine.transport };
  const stored = dir.boot({
    name: spec.name,
    argv: plan.value.argv,
    freshness,
    ...way,
    identity,
    ...(past === undefined ? {} : { fork: past.fork }),
  });
  if (!stored.ok) return stored;
  emit({ type: "boot-started", case: ref, boot: spec.name, index });
  const started = await machine.start(plan.value);
  if (!started.ok) {
    stored.value.close(unchanged(disks));
    return started;
  }
  const boot = started.value;

  const judge = createBootJudge(proof, index, { identity, freshness, ...way });
  const story = new BootStory({
    boot,
    judge,
    stored: stored.value,
    company,
    staysOn: machine.staysOn === true,
    gently: request.replay !== undefined,
    ref,
    name: spec.name,
    emit,
  });
  company.started(story.hand);
  const stop = (): void => story.interrupt();
  context.stopping.addEventListener("abort", stop, { once: true });
  if (context.stopping.aborted) stop();
  await story.follow(past?.inputs);
  context.stopping.removeEventListener("abort", stop);
  const end = await boot.ended;
  const companions = await company.ended();
  const judgement = judge.finish();
  emit({
    type: "boot-ended",
    case: ref,
    boot: spec.name,
    how: judgement.ended ?? "cut off",
    wallMs: end.wallMs,
  });

  const left = measureDisks(disks);
  const closed = stored.value.close(left.ok ? before(disks, left.value) : unchanged(disks));
  const problems: Problem[] = [left, companions, closed].flatMap((r) => (r.ok ? [] : [...r.error]));
  if (end.problem !== undefined) problems.push(end.problem);
  return problems.length > 0 || !left.ok
    ? err(problems)
    : ok({ judgement, disks: left.value, tail: story.tail });
}

/** The same system with its files named from the checkout's root. */
export function fromRoot(root: string, system: System): System {
  if (system.path !== "direct") return { ...system, image: relative(root, system.image) };
  const { module, modules } = system;
  return {
    ...system,
    kernel: relative(root, system.kernel),
    ...(module === undefined ? {} : { module: relative(root, module) }),
    ...(modules === undefined
      ? {}
      : { modules: modules.map((m) => ({ ...m, file: relative(root, m.file) })) }),
  };
}

type DiskRecord = Record<string, { bytes: number; before: string; after: string }>;

function before(was: readonly CaseDisk[], is: readonly CaseDisk[]): DiskRecord {
  const record: DiskRecord = {};
  for (const [i, disk] of was.entries()) {
    record[disk.serial] = { bytes: disk.bytes, before: disk.digest, after: is[i]?.digest ?? disk.digest };
  }
  return record;
}

function unchanged(disks: readonly CaseDisk[]): DiskRecord {
  return before(disks, disks);
}
