import { nearest, type Problem, type Span } from "../base/index.ts";
import { checkDisk } from "./check-faults.ts";
import type { PlacedBoot, Report } from "./check.ts";
import type { Crash } from "./crash.ts";
import type { BootSpec, Proof } from "./types.ts";

/** Crash states: that the window is one, that something is checked, and that what must be seen can be seen. */
export function checkCrash(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  for (const { boot, path, landmarks } of boots) {
    const { crash } = boot;
    if (crash === undefined) continue;
    const at = `${path}.crash`;
    checkDisk(proof, crash.disk, `${at}.disk`, report);
    const names = landmarks.map((l) => l.landmark.name);
    const place = (name: string, where: string): number | undefined => {
      const found = landmarks.find((l) => l.landmark.name === name);
      if (found !== undefined) return found.item;
      const meant = nearest(name, names);
      const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
      report("CAPOS_PROOF_UNKNOWN_NAME", `boot \`${boot.name}\` has no landmark \`${name}\``, where, next);
      return undefined;
    };
    const [from, until] = crash.window.map((name, i) => place(name, `${at}.window.${i}`));
    if (from !== undefined && until !== undefined && from >= until) {
      const message = `\`${crash.window[1]}\` does not come behind \`${crash.window[0]}\`: the window is empty`;
      report("CAPOS_PROOF_DEAD", message, `${at}.window`);
    }
    if (boot.ends.how === "power-cut") {
      const message = "crash states are made of a boot that ends by itself";
      report("CAPOS_PROOF_CONTRADICTION", message, `${path}.ends.how`, "make two boots of it");
    }
    if (crash.check === undefined && crash.sample === 0) {
      report("CAPOS_PROOF_DEAD", "no checker is named and no state is booted", at, "add `check` or `sample`");
    }
    if (crash.sample > 0 && Object.keys(proof.disks).length > 1) {
      const message =
        "a crash leaves all disks in some state, and states of one are booted without the others";
      report("CAPOS_PROOF_CONTRADICTION", message, `${at}.disk`, "set `sample: 0`, or use one disk");
    }
    if (crash.sample > 0 && crash.recovers.length === 0) {
      const next = "say in `recovers` what such a boot may show, or set `sample: 0`";
      report("CAPOS_PROOF_DEAD", "states are booted, and nothing is expected of them", at, next);
    }
    for (const [i, { name, before }] of crash.recovers.entries()) {
      const where = `${at}.recovers.${i}`;
      if (before !== undefined) place(before, `${where}.before`);
      if (crash.recovers.findIndex((other) => other.name === name) < i) {
        report("CAPOS_PROOF_DUPLICATE", `the recovery \`${name}\` is declared twice`, `${where}.name`);
      }
      if (proof.boots.some((other) => other.name === name)) {
        report("CAPOS_PROOF_DUPLICATE", `a boot is also named \`${name}\``, `${where}.name`);
      }
    }
    const boots = [boot.name, ...crash.recovers.map(({ name }) => name)];
    for (const [i, ref] of crash.same.flat().entries()) {
      if (boots.includes(ref.boot)) continue;
      const message = `neither the boot nor a recovery of it is named \`${ref.boot}\``;
      report("CAPOS_PROOF_UNKNOWN_NAME", message, `${at}.same.${Math.floor(i / 2)}`);
    }
    if (crash.recovers.length > 0 && crash.recovers.every(({ before }) => before !== undefined)) {
      const message = "every recovery ends at a landmark, so that behind the last of them nothing is allowed";
      report("CAPOS_PROOF_CONTRADICTION", message, `${at}.recovers`);
    }
  }
}

/**
 * The experiment that a booted crash state is judged as: the crashed boot, and then this recovery. So everything that
 * is checked and judged of a proof is checked and judged of it, too.
 */
export function recoveryProof(proof: Proof, index: number, recovery: BootSpec): Proof {
  const boot = proof.boots[index];
  if (boot?.crash === undefined) throw new RangeError(`${proof.name} tries no crashes of boot ${index}`);
  const { crash, ...crashed } = boot;
  const same = crash.same.filter((pair) => isAbout(pair, [boot.name, recovery.name]));
  return { ...proof, boots: [crashed, recovery], same, bounds: [] };
}

function isAbout(pair: Crash["same"][number], boots: readonly string[]): boolean {
  return pair.every((ref) => boots.includes(ref.boot));
}

/** What is wrong with a recovery as a boot; `check` finds what is wrong with a proof. */
export function recoveryProblems(
  proof: Proof,
  check: (proof: Proof) => readonly Problem[],
): readonly Problem[] {
  return proof.boots.flatMap((boot, b) =>
    (boot.crash?.recovers ?? []).flatMap((recovery, r) => {
      const spans = recoverySpans(proof, b, r);
      const found = check({ ...recoveryProof(proof, b, recovery), spans });
      // What is wrong with the boot itself has no place here, and is told of the proof.
      return found.filter((problem) => problem.span !== undefined);
    }),
  );
}

/** Where the second boot of a recovery's proof stands in the source, and the equalities that are about it. */
function recoverySpans(proof: Proof, b: number, r: number): Map<string, Span> {
  const spans = new Map<string, Span>();
  const { name, crash } = proof.boots[b] ?? {};
  const at = `boots.${b}.crash`;
  const put = (to: string, from: string): void => {
    const span = proof.spans.get(from);
    if (span !== undefined) spans.set(to, span);
  };
  for (const path of proof.spans.keys()) {
    const below = `${at}.recovers.${r}`;
    if (path === below || path.startsWith(`${below}.`)) put(`boots.1${path.slice(below.length)}`, path);
  }
  // A list of n captures is n - 1 pairs, and only some of them are kept.
  const known = [name ?? "", crash?.recovers[r]?.name ?? ""];
  let [pair, kept] = [0, 0];
  for (let i = 0; proof.spans.has(`${at}.same.${i}.0`); i++) {
    for (let j = 1; proof.spans.has(`${at}.same.${i}.${j}`); j++) {
      const refs = crash?.same[pair++];
      if (refs === undefined || !isAbout(refs, known)) continue;
      put(`same.${kept}.0`, `${at}.same.${i}.0`);
      put(`same.${kept}.1`, `${at}.same.${i}.${j}`);
      kept++;
    }
  }
  return spans;
}
