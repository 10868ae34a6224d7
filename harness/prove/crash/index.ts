import { join } from "node:path";
import type { Companion, CompanionContext } from "../companion.ts";
import { CrashTrial } from "./companion.ts";
import { PowerCut } from "./power-cut.ts";
import { Recorder } from "./recorder.ts";

/** What takes part in a boot whose disks are recorded; a boot has at most one of the two, `capos check` sees to that. */
export function crashCompanions(context: CompanionContext): readonly Companion[] {
  const { root, boot, disks, scratch } = context;
  const recorder = new Recorder(root, join(scratch, "disks"), disks);
  if (boot.crash !== undefined) return [new CrashTrial(context, boot.crash, recorder)];
  return boot.ends.how === "power-cut" ? [new PowerCut(boot.ends, disks, recorder)] : [];
}
