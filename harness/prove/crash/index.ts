import { join } from "node:path";
import type { Companion, CompanionContext } from "../companion.ts";
import { PowerCut } from "./power-cut.ts";
import { Recorder } from "./recorder.ts";

/** What takes part in a boot whose disks are recorded. */
export function crashCompanions(context: CompanionContext): readonly Companion[] {
  const { root, boot, disks, scratch } = context;
  const companions: Companion[] = [];
  if (boot.ends.how === "power-cut") {
    companions.push(new PowerCut(boot.ends, disks, new Recorder(root, join(scratch, "disks"), disks)));
  }
  return companions;
}
