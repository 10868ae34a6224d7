import { fail, ok, problem } from "../../base/index.ts";
import type { BootInput } from "../../contract/index.ts";
import { machineCodes } from "../codes.ts";
import type { BootEnd, Machine } from "../types.ts";

/** Stored boots by their names in the proof. */
export type StoredBoots = ReadonlyMap<string, readonly BootInput[]>;

/**
 * Plays stored boots as if they happened now, so that whatever reads a machine reads a record. What is played was
 * recorded by somebody at some time: its freshness is `none`, and nothing is closed by it.
 */
export function openRecord(boots: StoredBoots): Machine {
  return {
    target: "record",
    freshness: "none",
    facts: () => Promise.resolve(ok({ target: "record", firmware: [] })),
    plan(request) {
      if (boots.has(request.name)) return ok({ request, argv: [], firmware: [] });
      const known = [...boots.keys()].join(", ");
      const message = `the record has no boot named ${request.name}; it has: ${known}`;
      return fail(problem(machineCodes, "CAPOS_RECORD_BOOT", message));
    },
    start(plan) {
      const inputs = boots.get(plan.request.name) ?? [];
      let stopped = false;
      return Promise.resolve(
        ok({
          inputs: play(inputs, () => stopped),
          // The recorded end stays what it was; there is only nothing more to read.
          end: () => (stopped = true),
          act: () =>
            Promise.resolve(
              fail(problem(machineCodes, "CAPOS_MACHINE_ACTION", "a record cannot be acted upon")),
            ),
          note: () => {},
          ended: Promise.resolve(endOf(inputs)),
        }),
      );
    },
    destroy: () => Promise.resolve(),
  };
}

async function* play(inputs: readonly BootInput[], stopped: () => boolean): AsyncGenerator<BootInput> {
  for (const input of inputs) {
    if (stopped()) return;
    yield input;
  }
}

function endOf(inputs: readonly BootInput[]): BootEnd {
  const { wallMs, cpuMs } = inputs.at(-1)?.at ?? { wallMs: 0, cpuMs: 0 };
  return { wallMs, cpuMs, stderr: "" };
}
