import { join } from "node:path";
import { type Clock, exitCodes, type Problem } from "../../base/index.ts";
import { type MutantScore, scoreMutants } from "../../contract/index.ts";
import type { CaseRef, Emit } from "../../events/index.ts";
import { judgedCase, packCase } from "../../evidence/index.ts";

/** What is told of a score: changes by what was changed. */
export interface ToldScore extends Omit<MutantScore, "survivors"> {
  readonly survivors: readonly string[];
}

export function told(score: MutantScore): ToldScore {
  return { ...score, survivors: score.survivors.map((s) => s.mutant.what) };
}

/** A proof that looks away from something proves less than it says. */
export function isFlawless({ survivors, dead }: ToldScore): boolean {
  return survivors.length === 0 && dead.length === 0;
}

export interface MutantEmitter {
  readonly emit: Emit;
  /** The exit code of a run that would end with this one. */
  exit(code: number): number;
}

/**
 * An emitter that derives the mutants of each proved case before it tells that the run is over: when nothing is
 * booted any more, so that judging them takes no time from a guest. It reads the sealed evidence, as anybody could.
 */
export function withMutants(
  emit: Emit,
  root: string,
  clock: Clock,
  failed: (problems: readonly Problem[]) => void,
): MutantEmitter {
  const proved: { readonly ref: CaseRef; readonly dir: string }[] = [];
  let isClean = true;
  const exit = (code: number): number => (code === exitCodes.proved && !isClean ? exitCodes.notProved : code);
  const score = (ref: CaseRef, dir: string): void => {
    const packed = packCase(join(root, dir), dir);
    if (!packed.ok) {
      isClean = false;
      return failed(packed.error);
    }
    const began = clock.monotonic();
    const { proof, boots } = judgedCase(packed.value.case);
    const scored = told(scoreMutants(proof, boots));
    isClean &&= isFlawless(scored);
    const { total, killed, survivors, dead, untried, loose } = scored;
    const ms = Math.round(Number(clock.monotonic() - began) / 1e6);
    emit({ type: "mutants", case: ref, total, killed, survivors, dead, untried, loose, ms });
  };
  return {
    exit,
    emit(event) {
      if (event.type === "case-finished" && event.verdict === "proved") {
        proved.push({ ref: event.case, dir: event.dir });
      }
      if (event.type !== "run-finished") return emit(event);
      for (const { ref, dir } of proved) score(ref, dir);
      emit({ ...event, exit: exit(event.exit) });
    },
  };
}
