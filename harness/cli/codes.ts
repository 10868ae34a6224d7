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
import { benchCodes } from "./bench/codes.ts";
import { loadCloud } from "./cloudboot/room.ts";
import { cliCodes } from "./own-codes.ts";

/** The error codes of the harness, by room. */
const codeTables: Readonly<Record<string, CodeTable>> = {
  cli: cliCodes,
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
  bench: benchCodes,
};

/** With those of the cloud room, which is loaded for this. */
export async function allCodeTables(): Promise<Readonly<Record<string, CodeTable>>> {
  const { cloudCodes } = await loadCloud();
  return { ...codeTables, cloud: cloudCodes };
}

export async function allCodes(): Promise<ReadonlyMap<string, CodeInfo>> {
  return new Map(Object.values(await allCodeTables()).flatMap((table) => Object.entries(table)));
}
