import { err, ok, type Problem, problem, type Result } from "../../base/index.ts";
import type { Proof } from "../../contract/index.ts";
import type { CloudbootFlags } from "../commands/cloudboot.ts";
import type { CloudRoom } from "./room.ts";

/** Flags that contradict each other, or would do nothing: with money at stake nobody is left to guess. */
export function checkFlags(
  cloud: CloudRoom,
  flags: CloudbootFlags,
  proof: string | undefined,
): readonly Problem[] {
  const works = [
    ["--resume", flags.resume],
    ["--teardown", flags.teardown],
    ["--validate", flags.validate],
    ["--sweep", flags.sweep || undefined],
    ["a proof", proof],
  ].flatMap(([what, given]) => (given === undefined ? [] : [what]));
  const problems: string[] = [];
  if (works.length > 1) problems.push(`${works.join(" and ")} are different things to do`);
  if (flags.dryRun && !flags.sweep) problems.push("--dry-run belongs to --sweep");
  if (flags.run && flags.preflightOnly) problems.push("--run and --preflight-only exclude each other");
  if (flags.run && flags.plan && !flags.publicIngress) problems.push("--run and --plan exclude each other");
  if (flags.authorisation !== undefined && !flags.run) problems.push("--authorisation belongs to --run");
  const next = "see `capos cloudboot --help`";
  return problems.map((message) => problem(cloud.cloudCodes, "CAPOS_CLOUD_SETTINGS", message, { next }));
}

/** Where a run may be, from the flags. Names are checked here, since they become parts of addresses. */
export function scopeOf(
  cloud: CloudRoom,
  flags: CloudbootFlags,
): Result<Parameters<CloudRoom["costBound"]>[0]> {
  const local = flags.provider === "local";
  const project = flags.project ?? (local ? "local-project" : "");
  const zones = flags.zone ?? (local ? ["local-west1-a", "local-west1-b"] : []);
  const bucket = flags.bucket ?? (local ? "local-bucket" : "");
  const problems: Problem[] = [];
  const check = (holds: boolean, message: string): void => {
    if (!holds) problems.push(problem(cloud.cloudCodes, "CAPOS_CLOUD_SETTINGS", message));
  };
  check(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/u.test(project), `--project: "${project}" is no project id`);
  // A sweep looks everywhere in the project.
  check(zones.length > 0 || flags.sweep, "--zone: no zone was given");
  for (const zone of zones) check(/^[a-z]+-[a-z]+\d+-[a-z]$/u.test(zone), `--zone: "${zone}" is no zone`);
  const regions = new Set(zones.map((zone) => zone.replace(/-[a-z]$/u, "")));
  check(regions.size <= 1, `--zone: ${[...regions].join(" and ")} are different regions`);
  check(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/u.test(bucket), `--bucket: "${bucket}" is no bucket`);
  check(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/u.test(flags.subnetwork),
    `--subnetwork: "${flags.subnetwork}" is none`,
  );
  if (problems.length > 0) return err(problems);
  return ok({
    project,
    zones,
    bucket,
    subnetwork: flags.subnetwork,
    machineTypes: [flags.machineType],
    diskGb: 10,
    maxRunSeconds: flags.minutes * 60,
  });
}

/** The firmware of a run: what is asked for, or the first that the proof boots a disk by. */
export function firmwareOf(proof: Proof, flags: CloudbootFlags): "bios" | "uefi" | undefined {
  const declared = proof.machine.boot.filter((path) => path !== "direct");
  return flags.boot === undefined ? declared[0] : declared.find((path) => path === flags.boot);
}
