import { readFileSync } from "node:fs";
import { join } from "node:path";
import { err, problem, type Result } from "../../base/index.ts";
import { checkProof, type Proof } from "../../contract/index.ts";
import { loadProof } from "../../manifest/index.ts";
import { watchInterrupts } from "../../process/index.ts";
import { proveInCloud } from "../cloudboot/prove.ts";
import { type CloudRoom, loadCloud } from "../cloudboot/room.ts";
import { checkFlags, firmwareOf, scopeOf } from "../cloudboot/settings.ts";
import { showPlan } from "../cloudboot/show.ts";
import { planIngress } from "../cloudboot/ingress.ts";
import { sweepAll, takeDownRun } from "../cloudboot/upkeep.ts";
import { validateRun } from "../cloudboot/validate.ts";
import type { CloudbootFlags } from "../commands/cloudboot.ts";
import type { CliContext } from "../context.ts";

export async function cloudboot(this: CliContext, flags: CloudbootFlags, name?: string): Promise<void> {
  const cloud = await loadCloud();
  const run = flags.resume ?? flags.teardown;
  const interrupts = watchInterrupts(takeDownMs);
  try {
    const contradictions = checkFlags(cloud, flags, name);
    if (contradictions.length > 0) return this.report(contradictions);
    if (flags.validate !== undefined) return validateRun(this, cloud, flags.validate);
    if (run !== undefined) return await takeDownRun(this, cloud, run, interrupts);
    const scope = scopeOf(cloud, flags);
    if (!scope.ok) return this.report(scope.error);
    if (flags.sweep) return await sweepAll(this, cloud, flags, scope.value, interrupts);
    if (flags.publicIngress) return planIngress(this, cloud, flags, scope.value);
    const proof = await soundProof(this.root, cloud, name);
    if (!proof.ok) return this.report(proof.error);
    const lacking = cloud.lackingOnGce(proof.value);
    const firmware = firmwareOf(proof.value, flags);
    if (lacking !== undefined || firmware === undefined) {
      const why = lacking ?? `the proof does not boot by ${String(flags.boot)}`;
      this.print(`    FILTERED ${proof.value.name}: ${why}`);
      return this.exit("nothing");
    }
    const live = flags.provider === "gce";
    const costUsd = cloud.costBound(scope.value, archiveBound) ?? Number.POSITIVE_INFINITY;
    if (flags.plan || (live && !flags.run && !flags.preflightOnly)) {
      const calls = cloud.plannedCalls("<run>", scope.value, proof.value.boots.length);
      this.print(showPlan("<run>", calls, costUsd));
      if (live && !flags.plan) this.process.stderr.write("nothing was sent: --run runs it\n");
      return;
    }
    const allowed = readAllowed(cloud, flags);
    if (!allowed.ok) return this.report(allowed.error);
    const exit = await proveInCloud(this, cloud, {
      flags,
      proof: proof.value,
      scope: scope.value,
      hardware: { firmware, disk: flags.disk },
      costUsd,
      ...(allowed.value === undefined ? {} : { authorisation: allowed.value }),
      interrupts,
    });
    this.exitWith(interrupts.cause()?.exit ?? exit);
  } finally {
    interrupts.dispose();
  }
}

/** A stopped run still takes down what it has made, which takes the provider minutes. */
const takeDownMs = 20 * 60_000;

/** An archive is smaller than that, or the run's cost is not what was said. */
const archiveBound = 1e9;

/** The text of the authorisation; undefined where none is needed, since nothing is made or nothing leaves this host. */
function readAllowed(cloud: CloudRoom, flags: CloudbootFlags): Result<string | undefined> {
  if (flags.provider === "local" || flags.preflightOnly) return { ok: true, value: undefined };
  const file = flags.authorisation;
  if (file === undefined) {
    return err([problem(cloud.cloudCodes, "CAPOS_CLOUD_UNAUTHORISED", "no authorisation was named")]);
  }
  try {
    return { ok: true, value: readFileSync(file, "utf8") };
  } catch {
    return err([problem(cloud.cloudCodes, "CAPOS_CLOUD_UNAUTHORISED", `${file} cannot be read`)]);
  }
}

async function soundProof(root: string, cloud: CloudRoom, name: string | undefined): Promise<Result<Proof>> {
  if (name === undefined) {
    return err([
      problem(cloud.cloudCodes, "CAPOS_CLOUD_SETTINGS", "no proof was named", {
        next: "see `capos cloudboot --help`",
      }),
    ]);
  }
  const loaded = await loadProof(root, name);
  if (!loaded.ok) return loaded;
  const problems = checkProof(loaded.value);
  return problems.length > 0 ? err(problems) : loaded;
}

/** Where journals and used authorisations lie. */
export function cloudFolder(root: string): string {
  return join(root, ".capos", "cloud");
}
