import { err, nearest, ok, problem, type Problem, type Result } from "../../base/index.ts";
import type { Proof } from "../../contract/index.ts";
import { proveCodes } from "../codes.ts";
import { type Case, matrixOf, type PathChoice, planCases } from "../plan.ts";
import { type NamePattern, parseName } from "./names.ts";

/** A condition on cases; each that was asked for must hold. */
export interface Filter {
  /** What was asked for, such as `--tag storage`, for the message when nothing is left. */
  readonly asked: string;
  /** It may also mean proofs that are not meant to pass. */
  readonly counterexamples?: boolean;
  /** Why the case is meant, or undefined when it is not. */
  reason(one: Case): string | undefined;
}

export interface Wanted {
  /** Names, globs and identities of cases; empty: every proof that is meant to pass. */
  readonly names: readonly string[];
  /** Which points, where a name does not say it. */
  readonly choice: PathChoice;
  readonly filters: readonly Filter[];
}

/** A proof with this tag must not be proved: it is there to show that the judge says so. */
export const counterexample = "counterexample";

/** Which of the tree's proofs a selection has to look at: all, where it names none or uses globs. */
export function proofsToLoad(names: readonly string[], all: readonly string[]): readonly string[] {
  if (names.length === 0) return all;
  const wanted = names.map(parseName).flatMap((pattern) => {
    return pattern.exact === undefined ? all.filter((name) => pattern.matchesProof(name)) : [pattern.exact];
  });
  return [...new Set(wanted)];
}

/** The cases that a selection means, each with the reason. An empty selection is an error that says what left none. */
export function selectCases(proofs: readonly Proof[], wanted: Wanted): Result<readonly Case[]> {
  const named = wanted.names.length === 0 ? everyProof(proofs, wanted) : byName(proofs, wanted);
  if (!named.ok) return named;
  const left = named.value.flatMap((one) => {
    const reasons = wanted.filters.map((filter) => filter.reason(one));
    if (reasons.includes(undefined)) return [];
    return [{ ...one, why: reasons.length === 0 ? (one.why ?? "") : reasons.join(", ") }];
  });
  if (left.length > 0) return ok(left);
  const asked = wanted.filters.map((filter) => filter.asked).join(" ");
  const message = `none of ${named.value.length} cases is left by ${asked === "" ? "the selection" : asked}`;
  return err([problem(proveCodes, "CAPOS_PROVE_NOTHING", message)]);
}

/** `!T` excludes proofs with the tag; of the others at least one must be there. */
export function tagFilter(tags: readonly string[]): Filter {
  const without = tags.filter((tag) => tag.startsWith("!")).map((tag) => tag.slice(1));
  const having = tags.filter((tag) => !tag.startsWith("!"));
  return {
    asked: tags.map((tag) => `--tag ${tag}`).join(" "),
    counterexamples: having.includes(counterexample),
    reason({ declared }) {
      if (without.some((tag) => declared.tags.includes(tag))) return undefined;
      const found = having.filter((tag) => declared.tags.includes(tag));
      if (having.length > 0 && found.length === 0) return undefined;
      return found.length > 0 ? `tagged ${found.join(", ")}` : `not tagged ${without.join(", ")}`;
    },
  };
}

function everyProof(proofs: readonly Proof[], { choice, filters }: Wanted): Result<readonly Case[]> {
  const meant = filters.some((filter) => filter.counterexamples === true);
  const passing = proofs.filter((proof) => meant || !proof.tags.includes(counterexample));
  // A path that some proofs do not have selects those that do.
  const choices = passing.map((proof): PathChoice => {
    return typeof choice === "string" ? choice : choice.filter((path) => proof.machine.boot.includes(path));
  });
  const cases = passing.flatMap((proof, i) => {
    const planned = planCases([proof], choices[i] ?? choice);
    return planned.ok ? planned.value : [];
  });
  return ok(cases.map((one) => ({ ...one, why: "all" })));
}

function byName(proofs: readonly Proof[], { names, choice }: Wanted): Result<readonly Case[]> {
  const problems: Problem[] = [];
  const found = new Map<string, Case>();
  for (const pattern of names.map(parseName)) {
    const meant = proofs.filter(
      (proof) =>
        pattern.matchesProof(proof.name) &&
        (pattern.exact !== undefined || !proof.tags.includes(counterexample)),
    );
    const planned = pattern.ofCases ? ok(pointsNamed(meant, pattern)) : planCases(meant, choice);
    if (!planned.ok && meant.length > 0) problems.push(...planned.error);
    else if (!planned.ok || planned.value.length === 0) problems.push(matchesNothing(pattern, meant));
    for (const one of planned.ok ? planned.value : []) {
      const key = `${one.ref.id} ${pattern.accelerator ?? ""}`;
      const { accelerator } = pattern;
      const why = pattern.exact === pattern.text ? "named" : `named by ${pattern.text}`;
      if (!found.has(key))
        found.set(key, { ...one, why, ...(accelerator === undefined ? {} : { accelerator }) });
    }
  }
  return problems.length > 0 ? err(problems) : ok([...found.values()]);
}

function pointsNamed(proofs: readonly Proof[], pattern: NamePattern): readonly Case[] {
  return proofs.flatMap((proof) => matrixOf(proof).filter((one) => pattern.matchesCase(one.ref.id)));
}

function matchesNothing(pattern: NamePattern, meant: readonly Proof[]): Problem {
  const ids = meant.flatMap((proof) => matrixOf(proof).map((one) => one.ref.id));
  const close = nearest(pattern.text, ids);
  const next = close === undefined ? {} : { next: `did you mean \`${close}\`?` };
  const what = pattern.ofCases ? "case" : "proof";
  return problem(proveCodes, "CAPOS_PROVE_NOTHING", `no ${what} matches \`${pattern.text}\``, next);
}
