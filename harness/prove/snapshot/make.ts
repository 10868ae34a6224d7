import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join, relative } from "node:path";
import { copySparse, fail, ok, problem, type Result } from "../../base/index.ts";
import {
  type BootInput,
  createBootJudge,
  type Fork,
  freshnessOf,
  type Identity,
  type Proof,
} from "../../contract/index.ts";
import type { BootRequest, RunningBoot } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { CompanionContext } from "../companion.ts";
import { giveWay, Inspector } from "../inspect/inspector.ts";
import { diskFile, keepState, stateFile } from "./state.ts";

export interface MakeContext extends Pick<CompanionContext, "root" | "proof" | "lab" | "disks" | "stopping"> {
  readonly fork: Fork;
  /** Of all states, absolute. */
  readonly folder: string;
  readonly key: string;
}

/** How long an emulator may take to write a machine's state. */
const saveMs = 60_000;
/** How often a guest may have ended, on a busy host, before it could be paused. */
const attempts = 10;

/** The guest ran on to its end before anybody on this host came to pause it. */
const tooLate = Symbol("too late");

/**
 * Boots what a proof goes on from, pauses it when the landmark has been printed and stores its state: memory, devices
 * and disks, and what it has shown up to then. The disks of the case are used and are blank again afterwards.
 */
export async function makeState(request: BootRequest, context: MakeContext): Promise<Result<undefined>> {
  for (let attempt = 1; ; attempt++) {
    const made = await attemptState(request, context);
    if (made !== tooLate) return made;
    if (attempt === attempts || context.stopping.aborted) {
      return failed(
        context.fork,
        `${attempt} times the guest had ended before it could be paused; take an earlier landmark`,
      );
    }
  }
}

async function attemptState(
  request: BootRequest,
  context: MakeContext,
): Promise<Result<undefined> | typeof tooLate> {
  const { root, lab, folder, key, proof } = context;
  const identity: Identity = {
    nonce: randomBytes(16).toString("hex"),
    boot: 1,
    systemDigest: lab.systemDigest,
  };
  const made = join(folder, `${key}.${process.pid}-${identity.nonce.slice(0, 8)}.tmp`);
  mkdirSync(made, { recursive: true });
  try {
    const disks = request.disks.map((disk) => ({
      ...disk,
      file: relative(root, join(made, diskFile(disk.serial))),
    }));
    for (const [i, { file }] of disks.entries()) {
      const blank = context.disks[i]?.file;
      if (blank !== undefined) copySparse(blank, join(root, file));
    }
    const plan = lab.machine.plan({ ...request, disks, identity, holdConsole: true });
    if (!plan.ok) return plan;
    const started = await lab.machine.start(plan.value);
    if (!started.ok) return started;
    const boot = started.value;
    const stop = (): void => boot.end("cut", "interrupted");
    context.stopping.addEventListener("abort", stop, { once: true });
    try {
      const shown = await runTo(boot, { proof, fork: context.fork, identity });
      if (shown === tooLate || !shown.ok) return shown;
      const saved = await save(boot, relative(root, join(made, stateFile)));
      if (!saved.ok) return failed(context.fork, saved.error);
      boot.end("quit", "planned");
      await boot.ended;
      const files = [stateFile, ...disks.map(({ serial }) => diskFile(serial))];
      keepState(
        folder,
        key,
        made,
        { identity, inputs: shown.value, madeAt: new Date().toISOString() },
        files,
      );
      return ok(undefined);
    } finally {
      context.stopping.removeEventListener("abort", stop);
      boot.end("cut", "interrupted");
      await boot.ended;
    }
  } catch (error) {
    return failed(context.fork, error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Reads until the landmark has come, pauses the machine and reads what it had printed until then. */
async function runTo(
  boot: RunningBoot,
  { proof, fork, identity }: { readonly proof: Proof; readonly fork: Fork; readonly identity: Identity },
): Promise<Result<readonly BootInput[]> | typeof tooLate> {
  // Between the landmark and the pause the guest runs on; the machine is ended when it has been stored.
  if (boot.monitor !== undefined) await giveWay(boot.monitor);
  const judge = createBootJudge(proof, 0, { identity, freshness: freshnessOf(proof.guest, "echoed") });
  const shown: BootInput[] = [];
  let paused = false;
  for await (const input of boot.inputs) {
    // The machine stands still and its console is silent: all that it has printed has been read.
    if (paused && input.kind === "tick") return ok(shown);
    const said = judge.feed(input);
    if (input.kind !== "tick" || said.length > 0) shown.push(input);
    for (const what of said) {
      if (what.type === "decided") {
        return failed(fork, `it failed before that: ${what.cause?.sentence ?? "its end was reached"}`);
      }
      if (what.type !== "landmark" || what.landmark.name !== fork.landmark || paused) continue;
      const stopped = await boot.monitor?.execute("stop");
      if (stopped?.ok !== true) return tooLate;
      paused = true;
    }
  }
  return paused ? tooLate : failed(fork, "the machine ended before that");
}

async function save({ monitor }: RunningBoot, file: string): Promise<Result<undefined, string>> {
  if (monitor === undefined) return { ok: false, error: "the machine cannot be asked" };
  // Nobody waits behind the link that this would be over.
  await monitor.execute("migrate-set-parameters", { "max-bandwidth": 2 ** 40 });
  const begun = await monitor.execute("migrate", { uri: `exec:cat > ${file}` });
  if (!begun.ok) return begun;
  const inspector = new Inspector(monitor);
  for (const deadline = Date.now() + saveMs; Date.now() < deadline; await sleep(5)) {
    const said = await inspector.execute("query-migrate");
    if (!said.ok) return said;
    const { status, "error-desc": why } = fields(said.value);
    if (status === "completed") return ok(undefined);
    if (status === "failed" || status === "cancelled") return { ok: false, error: String(why ?? status) };
  }
  return { ok: false, error: "its state was not written in a minute" };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function failed(fork: Fork, why: string): Result<never> {
  const message = `the boot of \`${fork.proof}\` could not be stored at \`${fork.landmark}\`: ${why}`;
  return fail(problem(proveCodes, "CAPOS_SNAPSHOT", message));
}
