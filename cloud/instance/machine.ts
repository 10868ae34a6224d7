import { fail, ok, problem, type Result } from "../../harness/base/index.ts";
import type { Proof } from "../../harness/contract/index.ts";
import { canonicalText } from "../../harness/evidence/index.ts";
import {
  type BootPlan,
  type Machine,
  machineCodes,
  type RunningBoot,
  type Settled,
} from "../../harness/machine/index.ts";
import { CloudBoot } from "./boot.ts";
import { cloudCodes } from "../codes.ts";
import type { RunSession } from "../run/session.ts";
import { SerialReader } from "../serial/reader.ts";

/** What a proof asks for that no instance has; undefined when it can be run there. */
export function lackingOnGce(proof: Proof): string | undefined {
  const [disk] = Object.keys(proof.disks);
  if (disk !== undefined) return `the disk \`${disk}\` is on virtio-blk, and GCE has virtio-scsi and NVMe`;
  const [device] = proof.requires.devices;
  if (device !== undefined) return `GCE has no ${device}`;
  if (!proof.machine.boot.some((path) => path !== "direct")) {
    return "the proof declares no boot from a disk (bios or uefi)";
  }
  const [fault] = proof.boots.flatMap((b) => b.faults ?? []);
  if (fault !== undefined) return `the fault \`${fault.name}\` cannot be made on an instance`;
  const powerCut = proof.boots.find((b) => b.ends.how === "power-cut" || b.ends.how === "reset");
  return powerCut === undefined ? undefined : `the boot \`${powerCut.name}\` ends by ${powerCut.ends.how}`;
}

/** A run's instance as a machine: the first boot brings it up, each further one stops and starts it. */
export function gceMachine(session: RunSession): Machine {
  const reader = new SerialReader();
  let boots = 0;
  return {
    target: "gce",
    freshness: "echoed",
    transport: "lossy",
    stamp: session.stamp,
    staysOn: true,
    facts: () => Promise.resolve(ok({ target: "gce", provider: session.provider, firmware: [] })),
    plan(request): Result<BootPlan> {
      if (request.system.path === "direct" || request.disks.length > 0) {
        return fail(
          problem(machineCodes, "CAPOS_MACHINE_REQUEST", "an instance boots from its own disk alone"),
        );
      }
      return ok({ request, argv: [], firmware: [] });
    },
    async start({ request }): Promise<Result<RunningBoot>> {
      const { system } = request;
      if (!("image" in system)) throw new Error("planned without a disk");
      const up = boots++ === 0 ? await session.bringUp(system.image) : await session.restart(reader);
      if (!up.ok) return up;
      const context = session.making;
      return context.ok ? ok(new CloudBoot(context.value, up.value, reader)) : context;
    },
    async settle(): Promise<Settled> {
      const down = await session.takeDown();
      const files = {
        "cloud-journal.jsonl": session.journalText(),
        "cloud-requests.jsonl": session.requestLog(),
      };
      if (!down.ok) return { files, problems: down.error };
      const next = `run \`capos cloudboot --teardown ${session.run}\`; what is left may cost money`;
      const { empty, removals, listed, unlisted } = down.value;
      const shown = { v: 1, run: session.run, empty, removals, listed, unlisted };
      const left = removals.flatMap((r) =>
        r.result === "absent" ? [] : [`${r.ref.kind} ${r.ref.name}: ${r.why}`],
      );
      const what = [...left, ...listed.map((r) => `${r.kind} ${r.name} is still listed`), ...unlisted].join(
        "; ",
      );
      return {
        files: { ...files, "cloud-teardown.json": canonicalText(shown) },
        problems: empty ? [] : [problem(cloudCodes, "CAPOS_CLOUD_LEFT", what, { next })],
      };
    },
    destroy: () => Promise.resolve(),
  };
}
