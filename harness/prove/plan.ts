import { fail, ok, problem, type Problem, type Result } from "../base/index.ts";
import { atPoint, type BootPath, type Point, pointsOf, pointSuffix, type Proof } from "../contract/index.ts";
import type { CaseRef } from "../events/index.ts";
import type { Machine, MachineFacts } from "../machine/index.ts";
import { proveCodes } from "./codes.ts";

/**
 * Which points of a proof's matrix are wanted: its first boot path, every point, or the first point on these paths.
 */
export type PathChoice = "first" | "all" | readonly BootPath[];

/** One proof at one point of its matrix, not yet bound to a machine. */
export interface Case {
  readonly ref: CaseRef;
  /** As it is run: its machine is that of the point. */
  readonly proof: Proof;
  /** As the tree declares it. */
  readonly declared: Proof;
  readonly path: BootPath;
  /** Only this accelerator is wanted, of those that the proof asks for. */
  readonly accelerator?: "kvm" | "tcg";
  /** Why it is selected, for a person. */
  readonly why?: string;
}

/** A case and the machine that will run it. */
export interface PlacedCase extends Case {
  readonly machine: Machine;
  readonly facts: MachineFacts;
  /** Counts from 1: a repetition, a retry, or a second try on another accelerator. */
  readonly attempt?: number;
  /** Why this host cannot run it at all. */
  readonly refusal?: Problem;
}

/** A case to be run once more, under a name of its own. */
export function attemptOf(one: PlacedCase, attempt: number): PlacedCase {
  const ref = baseRef(one.ref);
  return { ...one, attempt, ref: attempt === 1 ? ref : { ...ref, id: `${ref.id}#${attempt}` } };
}

/** A case's identity without the number of its attempt. */
export function baseRef(ref: CaseRef): CaseRef {
  return ref.id.includes("#") ? { ...ref, id: ref.id.replace(/#\d+$/u, "") } : ref;
}

/** The cases of the selected proofs, in the order in which they were named. */
export function planCases(proofs: readonly Proof[], choice: PathChoice): Result<readonly Case[]> {
  const problems: Problem[] = [];
  const cases = proofs.flatMap((proof) => {
    const declared = proof.machine.boot;
    if (typeof choice !== "string") {
      const absent = choice.filter((path) => !declared.includes(path));
      if (absent.length > 0) problems.push(noPath(proof, absent));
    }
    return pointsOf(proof)
      .filter((point) => isWanted(proof, point, choice))
      .map((point) => caseAt(proof, point));
  });
  if (problems.length > 0) return { ok: false, error: problems };
  if (cases.length === 0) return fail(problem(proveCodes, "CAPOS_PROVE_NOTHING", "no proof is selected"));
  return ok(cases);
}

/** Every point of a proof's matrix as a case. */
export function matrixOf(proof: Proof): readonly Case[] {
  return pointsOf(proof).map((point) => caseAt(proof, point));
}

function isWanted({ machine }: Proof, point: Point, choice: PathChoice): boolean {
  if (choice === "all") return true;
  if (point.cpus !== machine.cpus || point.memoryBytes !== machine.memoryBytes) return false;
  return choice === "first" ? point.path === machine.boot[0] : choice.includes(point.path);
}

function caseAt(proof: Proof, point: Point): Case {
  const { path } = point;
  const id = `${proof.name}@${path}${pointSuffix(proof, point)}`;
  return { ref: { id, proof: proof.name, path }, proof: atPoint(proof, point), declared: proof, path };
}

/** The command that runs this case again. */
export function againCommand({ ref, path }: Pick<Case, "ref" | "path">): string {
  const plain = `${ref.proof}@${path}`;
  const { id } = baseRef(ref);
  return id === plain ? `capos prove ${ref.proof} --boot ${path}` : `capos prove ${id}`;
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
