import { exitCodes, type Problem } from "../../base/index.ts";
import { compareTargets, type Proof, type Target } from "../../contract/index.ts";
import type { Emit } from "../../events/index.ts";

/**
 * An emitter that holds the targets of a run against each other before it tells that the run is over. It knows what
 * each case showed from the events themselves.
 */
export function withTargets(
  emit: Emit,
  proofs: readonly Proof[],
  failed: (problems: readonly Problem[]) => void,
): { readonly emit: Emit; exit(code: number): number } {
  const captures = new Map<string, Record<string, string>>();
  const proved = new Map<string, Target[]>();
  let isClean = true;
  const exit = (code: number): number => (code === exitCodes.proved && !isClean ? exitCodes.notProved : code);
  return {
    exit,
    emit(event) {
      switch (event.type) {
        case "case-started":
          captures.set(event.case.id, {});
          break;
        case "landmark": {
          const seen = captures.get(event.case.id);
          for (const [name, value] of Object.entries(event.captures)) {
            if (seen !== undefined) seen[`${event.boot}.${event.name}.${name}`] ??= value;
          }
          break;
        }
        case "case-finished": {
          const targets = proved.get(event.case.proof) ?? [];
          proved.set(event.case.proof, targets);
          const seen = captures.get(event.case.id);
          // Of a verdict that was taken from a cache nothing was seen.
          if (event.verdict === "proved" && seen !== undefined) {
            targets.push({ name: event.case.id, captures: seen });
          }
          break;
        }
        case "run-finished": {
          const problems = proofs.flatMap((p) => compareTargets(p, proved.get(p.name) ?? []));
          isClean = problems.length === 0;
          failed(problems);
          return emit({ ...event, exit: exit(event.exit) });
        }
        default:
          break;
      }
      emit(event);
    },
  };
}
