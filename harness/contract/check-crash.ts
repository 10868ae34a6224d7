import { nearest, type Problem } from "../base/index.ts";
import { checkDisk } from "./check-faults.ts";
import type { PlacedBoot, Report } from "./check.ts";
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
  const known = [boot.name, recovery.name];
  const { same } = crash;
  return {
    ...proof,
    boots: [crashed, recovery],
    same: same.filter(([a, b]) => known.includes(a.boot) && known.includes(b.boot)),
    bounds: [],
  };
}

/** What is wrong with a recovery as a boot; `check` finds what is wrong with a proof. */
export function recoveryProblems(
  proof: Proof,
  check: (proof: Proof) => readonly Problem[],
): readonly Problem[] {
  return proof.boots.flatMap((boot, b) =>
    (boot.crash?.recovers ?? []).flatMap((recovery, r) => {
      const derived = recoveryProof(proof, b, recovery);
      const [from, to] = [`boots.${b}.crash.recovers.${r}`, "boots.1"];
      const spans = new Map<string, NonNullable<ReturnType<Proof["spans"]["get"]>>>();
      for (const [path, span] of proof.spans) {
        // A problem of the boots before it is told by them.
        if (path === from || path.startsWith(`${from}.`)) spans.set(`${to}${path.slice(from.length)}`, span);
        else if (path.startsWith(`boots.${b}.crash.same`))
          spans.set(path.slice(`boots.${b}.crash.`.length), span);
      }
      const whole = proof.spans.get(from);
      if (whole !== undefined) spans.set(to, whole);
      const relevant = check({ ...derived, spans });
      return relevant.filter((problem) => problem.span !== undefined);
    }),
  );
}
