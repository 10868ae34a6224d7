import { fail, ok, problem, type Problem, type Result } from "../base/index.ts";
import type { BootPath, Proof } from "../contract/index.ts";
import type { CaseRef } from "../events/index.ts";
import type { Machine, MachineFacts } from "../machine/index.ts";
import { proveCodes } from "./codes.ts";

/** Which boot paths of a proof are wanted: its first, all that it declares, or these. */
export type PathChoice = "first" | "all" | readonly BootPath[];

/** One proof on one boot path, not yet bound to a machine. */
export interface Case {
  readonly ref: CaseRef;
  readonly proof: Proof;
  readonly path: BootPath;
}

/** A case and the machine that will run it. */
export interface PlacedCase extends Case {
  readonly machine: Machine;
  readonly facts: MachineFacts;
}

/** The cases of the selected proofs, in the order in which they were named. */
export function planCases(proofs: readonly Proof[], choice: PathChoice): Result<readonly Case[]> {
  const problems: Problem[] = [];
  const cases = proofs.flatMap((proof) => {
    const declared = proof.machine.boot;
    const wanted = choice === "all" ? declared : choice === "first" ? declared.slice(0, 1) : choice;
    const absent = wanted.filter((path) => !declared.includes(path));
    if (absent.length > 0) problems.push(noPath(proof, absent));
    return wanted.map((path): Case => ({
      ref: { id: `${proof.name}@${path}`, proof: proof.name, path },
      proof,
      path,
    }));
  });
  if (problems.length > 0) return { ok: false, error: problems };
  if (cases.length === 0) return fail(problem(proveCodes, "CAPOS_PROVE_NOTHING", "no proof is selected"));
  return ok(cases);
}

function noPath(proof: Proof, absent: readonly string[]): Problem {
  const declared = proof.machine.boot.join(", ");
  const span = proof.spans.get("machine.boot");
  return problem(
    proveCodes,
    "CAPOS_PROVE_NO_PATH",
    `${proof.name} declares ${declared}, not ${absent.join(", ")}`,
    span === undefined ? {} : { span },
  );
}
