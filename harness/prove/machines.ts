import { join } from "node:path";
import { err, ok, type Problem, type Result } from "../base/index.ts";
import type { AcceleratorPolicy } from "../contract/index.ts";
import {
  type AcceleratorChoice,
  chooseAccelerators,
  type KvmAnswer,
  type Machine,
  type MachineFacts,
  openQemu,
  probeAccelerator,
} from "../machine/index.ts";
import type { Supervisor } from "../process/index.ts";
import type { Case, PlacedCase } from "./plan.ts";

interface Open {
  readonly machine: Machine;
  readonly facts: MachineFacts;
}

export interface Machines {
  /** Every accelerator in use, with the reason. */
  readonly facts: readonly MachineFacts[];
  /** Gives each case its machine; one that asks for both accelerators becomes two. */
  place(cases: readonly Case[]): readonly PlacedCase[];
  /** Asks the host again whether a guest runs under KVM; the answer is kept for later runs. */
  reprobe(): Promise<KvmAnswer>;
  /** The case without KVM, where its proof allows that; undefined where it must have it. */
  withoutKvm(one: PlacedCase, reason: string): Promise<Result<PlacedCase | undefined>>;
  destroy(): Promise<void>;
}

export interface MachineOptions {
  /** Absolute path of the checkout, in which the emulator runs. */
  readonly root: string;
  readonly supervisor: Supervisor;
  readonly cacheDir: string;
}

/** Opens one emulator for each accelerator that the cases' policies come to on this host. */
export async function openMachines(
  cases: readonly Case[],
  options: MachineOptions,
): Promise<Result<Machines>> {
  const problems: Problem[] = [];
  const byPolicy = new Map<AcceleratorPolicy, readonly Open[]>();
  const byAccelerator = new Map<string, Open>();
  const opened = async (choice: AcceleratorChoice): Promise<Result<Open>> => {
    const kept = byAccelerator.get(choice.accelerator);
    if (kept !== undefined) return ok(kept);
    const one = await open(options, choice);
    if (one.ok) byAccelerator.set(choice.accelerator, one.value);
    return one;
  };
  for (const policy of new Set(cases.map((c) => c.proof.machine.accel))) {
    const chosen = await chooseAccelerators(policy, () => probeAccelerator(options));
    if (!chosen.ok) {
      problems.push(...chosen.error);
      continue;
    }
    const all: Open[] = [];
    for (const accelerator of chosen.value) {
      const one = await opened(accelerator);
      if (!one.ok) return one;
      all.push(one.value);
    }
    byPolicy.set(policy, all);
  }
  if (problems.length > 0) return err(problems);
  return ok({
    facts: [...byAccelerator.values()].map((o) => o.facts),
    place: (all) => all.flatMap((one) => placeOne(one, byPolicy.get(one.proof.machine.accel) ?? [])),
    reprobe: () => probeAccelerator({ ...options, fresh: true }),
    async withoutKvm(one, reason) {
      if (one.proof.machine.accel !== "prefer-kvm") return ok(undefined);
      const tcg = await opened({ accelerator: "tcg", reason });
      return tcg.ok ? ok({ ...one, ...tcg.value }) : tcg;
    },
    async destroy() {
      await Promise.all([...byAccelerator.values()].map((o) => o.machine.destroy()));
    },
  });
}

/** A case that names one of two accelerators is that half of its proof. */
function placeOne(one: Case, opened: readonly Open[]): readonly PlacedCase[] {
  return opened.flatMap((o): readonly PlacedCase[] => {
    const name = o.facts.accelerator?.accelerator;
    if (one.accelerator !== undefined && one.accelerator !== name) return [];
    const suffix = opened.length > 1 ? `+${name ?? ""}` : "";
    return [{ ...one, ...o, ref: { ...one.ref, id: `${one.ref.id}${suffix}` } }];
  });
}

async function open(options: MachineOptions, accelerator: AcceleratorChoice): Promise<Result<Open>> {
  const machine = openQemu({ ...options, cwd: options.root, accelerator });
  if (!machine.ok) return machine;
  const facts = await machine.value.facts();
  return facts.ok ? ok({ machine: machine.value, facts: facts.value }) : facts;
}

/** The emulator under TCG alone, for what is no run: it counts instructions and can be looked into anywhere. */
export function openEmulator(root: string, supervisor: Supervisor): Result<Machine> {
  const accelerator = { accelerator: "tcg", reason: "instructions are counted" } as const;
  const cacheDir = join(root, ".capos", "cache");
  return openQemu({ supervisor, cacheDir, cwd: root, accelerator });
}
