/** Between the evidence and the judge: what is stored of a judgement, and how it is made again. */
import {
  type Expectation,
  type Judgement,
  type Proof,
  type StoredBoot,
  judgeStored,
} from "../contract/index.ts";
import type { Boot, StoredJudgement } from "./formats.ts";
import { proofOf } from "./proof-form.ts";
import type { StoredCase } from "./stored-case.ts";

/** What a judge is given to judge a stored case. */
export interface JudgedCase {
  readonly proof: Proof;
  readonly boots: readonly (StoredBoot & { readonly name: string })[];
}

/** A judge as a pure function; passed in where evidence is checked, so that it can be held against any. */
export type Rejudge = (stored: JudgedCase) => Omit<StoredJudgement, "v">;

/** The judge of today. */
export const judgeAgain: Rejudge = ({ proof, boots }) => storedJudgement(judgeStored(proof, boots));

/** What is kept of a judgement: conclusions and what was read; the rest is for a person at the time. */
export function storedJudgement(judgement: Judgement): Omit<StoredJudgement, "v"> {
  return {
    judge: judgement.judge,
    verdict: judgement.verdict,
    cause: judgement.cause,
    boots: judgement.boots.map(({ boot, verdict, ended, landmarks }) => ({
      name: boot,
      verdict,
      ended: ended ?? null,
      landmarks: landmarks.map(({ name, offset, length, torn, captures }) => ({
        name,
        offset,
        length,
        torn,
        captures,
      })),
    })),
  };
}

/** A stored case as a judge takes it. */
export function judgedCase(stored: StoredCase): JudgedCase {
  return {
    proof: proofOf(stored.inputs.proof),
    boots: stored.boots.map(({ boot, inputs }) => ({
      name: boot.name,
      inputs,
      expectation: expectationOf(boot),
    })),
  };
}

/** Only a target that promises nothing may be silent about what the banner must say. */
function expectationOf({ freshness, identity, transport }: Boot): Expectation {
  const way = transport === undefined ? {} : { transport };
  return freshness === "none" || identity === null
    ? { freshness: "none", ...way }
    : { freshness, identity, ...way };
}
