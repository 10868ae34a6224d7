import { type Problem, problem } from "../base/index.ts";
import { allLandmarks } from "./chain.ts";
import { contractCodes } from "./codes.ts";
import { parsePattern } from "./pattern.ts";
import type { Proof } from "./types.ts";

/** What is wrong with a proof beyond the shape of its fields; nothing is booted. */
export function checkProof(proof: Proof): readonly Problem[] {
  return proof.boots.flatMap((boot) =>
    allLandmarks(boot.chain).flatMap((landmark) => {
      const parsed = parsePattern(landmark.line);
      return parsed.ok ? [] : [problem(contractCodes, "CAPOS_PROOF_PATTERN", parsed.error.message)];
    }),
  );
}
