import { err, ok, type Problem, type Result } from "../base/index.ts";
import type { AcceleratorPolicy } from "../contract/index.ts";
import {
  chooseAccelerators,
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
  for (const policy of new Set(cases.map((c) => c.proof.machine.accel))) {
    const chosen = await chooseAccelerators(policy, () => probeAccelerator(options));
    if (!chosen.ok) {
      problems.push(...chosen.error);
      continue;
    }
    const opened: Open[] = [];
    for (const accelerator of chosen.value) {
      const kept = byAccelerator.get(accelerator.accelerator);
      const one = kept === undefined ? await open(options, accelerator) : ok(kept);
      if (!one.ok) return one;
      byAccelerator.set(accelerator.accelerator, one.value);
      opened.push(one.value);
    }
    byPolicy.set(policy, opened);
  }
  if (problems.length > 0) return err(problems);
  return ok({
    facts: [...byAccelerator.values()].map((o) => o.facts),
    place: (all) =>
      all.flatMap((one) => {
        const opened = byPolicy.get(one.proof.machine.accel) ?? [];
        return opened.map((o): PlacedCase => {
          const suffix = opened.length > 1 ? `+${o.facts.accelerator?.accelerator ?? ""}` : "";
          return { ...one, ...o, ref: { ...one.ref, id: `${one.ref.id}${suffix}` } };
        });
      }),
    async destroy() {
      await Promise.all([...byAccelerator.values()].map((o) => o.machine.destroy()));
    },
  });
}

async function open(
  options: MachineOptions,
  accelerator: NonNullable<MachineFacts["accelerator"]>,
): Promise<Result<Open>> {
  const machine = openQemu({ ...options, cwd: options.root, accelerator });
  if (!machine.ok) return machine;
  const facts = await machine.value.facts();
  return facts.ok ? ok({ machine: machine.value, facts: facts.value }) : facts;
}
