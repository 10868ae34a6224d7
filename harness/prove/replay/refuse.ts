import { problem, type Problem } from "../../base/index.ts";
import type { BootSpec, Proof } from "../../contract/index.ts";
import { machineCodes, replayRefusal } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Case } from "../plan.ts";

/**
 * Why these cases cannot be recorded, with places; empty when all can. What reaches the guest from outside its machine
 * is in no log of the emulator: a replay would go another way.
 */
export function recordProblems(cases: readonly Case[]): readonly Problem[] {
  const seen = new Set<string>();
  return cases.flatMap((one) => {
    const fresh = !seen.has(one.declared.name);
    seen.add(one.declared.name);
    return [...(fresh ? fromOutside(one.declared) : []), ...machineProblems(one)];
  });
}

/** The cases as they are recorded: under the one accelerator that counts instructions. */
export function recordable(cases: readonly Case[]): readonly Case[] {
  const tcg = cases.filter((one) => one.accelerator !== "kvm");
  return tcg.map((one) => ({
    ...one,
    proof: { ...one.proof, machine: { ...one.proof.machine, accel: "tcg" } },
  }));
}

function fromOutside(proof: Proof): readonly Problem[] {
  const found = proof.boots.flatMap((boot, i) =>
    outsideOf(boot).map(({ what, path }) => ({
      what: `boot \`${boot.name}\` ${what}`,
      path: `boots.${i}.${path}`,
    })),
  );
  if (proof.peers !== undefined) found.push({ what: "it has peers on the host", path: "peers" });
  return found.map(({ what, path }) => {
    const span = proof.spans.get(path);
    const message = `${proof.name} cannot be recorded: ${what}`;
    return problem(proveCodes, "CAPOS_RECORD_OUTSIDE", message, span === undefined ? {} : { span });
  });
}

function outsideOf(boot: BootSpec): readonly { readonly what: string; readonly path: string }[] {
  return [
    ...(boot.faults === undefined ? [] : [{ what: "has faults", path: "faults" }]),
    ...(boot.crash === undefined ? [] : [{ what: "makes crash states", path: "crash" }]),
    ...(boot.sends === undefined ? [] : [{ what: "is typed at", path: "sends" }]),
    ...(boot.ends.how === "power-cut" ? [{ what: "ends by a power cut", path: "ends" }] : []),
  ];
}

function machineProblems({ proof, path, ref }: Case): readonly Problem[] {
  const { accel, cpus } = proof.machine;
  const why = replayRefusal({ accelerator: accel === "require-kvm" ? "kvm" : "tcg", cpus, path });
  if (why === undefined) return [];
  const span = proof.spans.get("machine");
  return [
    problem(machineCodes, "CAPOS_RECORD_MACHINE", `${ref.id}: ${why}`, span === undefined ? {} : { span }),
  ];
}
