import type { CodeInfo, CodeTable } from "../base/index.ts";
import { bindingsCodes, bootModuleCodes, buildCodes, foreignCodes } from "../build/index.ts";
import { contractCodes } from "../contract/index.ts";
import { evidenceCodes } from "../evidence/index.ts";
import { imageCodes } from "../image/index.ts";
import { machineCodes } from "../machine/index.ts";
import { manifestCodes } from "../manifest/index.ts";
import { processCodes } from "../process/index.ts";
import { proveCodes } from "../prove/index.ts";
import { reportCodes } from "../report/index.ts";
import { taskCodes } from "../tasks/index.ts";
import { toolchainCodes } from "../toolchain/index.ts";

/** Every error code of the tool, by room. */
export const codeTables: Readonly<Record<string, CodeTable>> = {
  manifest: manifestCodes,
  contract: contractCodes,
  build: { ...buildCodes, ...bindingsCodes, ...bootModuleCodes, ...foreignCodes },
  image: imageCodes,
  machine: machineCodes,
  process: processCodes,
  toolchain: toolchainCodes,
  prove: proveCodes,
  evidence: evidenceCodes,
  tasks: taskCodes,
  report: reportCodes,
};

export function allCodes(): ReadonlyMap<string, CodeInfo> {
  return new Map(Object.values(codeTables).flatMap((table) => Object.entries(table)));
}
