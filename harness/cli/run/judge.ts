import { readFileSync } from "node:fs";
import { exitCodes, problem } from "../../base/index.ts";
import { type BootInput, checkProof, exitOf, judgeStored } from "../../contract/index.ts";
import { loadProof } from "../../manifest/index.ts";
import { proveCodes } from "../../prove/index.ts";
import type { JudgeFlags } from "../commands/judge.ts";
import type { CliContext } from "../context.ts";

const started = { wallMs: 0, cpuMs: 0 };

export async function judge(this: CliContext, flags: JudgeFlags, ...files: string[]): Promise<void> {
  const proof = await loadProof(this.root, flags.proof);
  if (!proof.ok) return this.report(proof.error);
  const problems = checkProof(proof.value);
  if (problems.length > 0) return this.report(problems);
  const boots: { inputs: BootInput[]; expectation: { freshness: "none" } }[] = [];
  for (const file of files) {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.report([problem(proveCodes, "CAPOS_JUDGE_FILE", `${file} cannot be read: ${why}`)]);
    }
    boots.push({ inputs: [{ kind: "bytes", at: started, bytes }], expectation: { freshness: "none" } });
  }
  const judgement = judgeStored(proof.value, boots);
  this.print(`${judgement.verdict}${judgement.cause === "" ? "" : `: ${judgement.cause}`}`);
  for (const line of judgement.report) this.print(line === "" ? "" : `  ${line}`);
  for (const [name, value] of Object.entries(judgement.captures)) this.print(`  ${name}=${value}`);
  this.exitWith(exitOf([judgement.verdict]) ?? exitCodes.bug);
}
