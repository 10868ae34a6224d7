import { nearest } from "../base/index.ts";
import { checkReached } from "./check-interaction.ts";
import type { PlacedBoot, Report } from "./check.ts";
import type { Fault } from "./faults.ts";
import type { Proof } from "./types.ts";

/** What goes wrong: that it can come, that what it breaks is there, and that it leaves something to be judged. */
export function checkFaults(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  for (const placed of boots) {
    const { boot } = placed;
    const faults = boot.faults ?? [];
    for (const [i, fault] of faults.entries()) {
      const path = `${placed.path}.faults.${i}`;
      if (faults.findIndex((other) => other.name === fault.name) < i) {
        report("CAPOS_PROOF_DUPLICATE", `the fault \`${fault.name}\` is declared twice`, `${path}.name`);
      }
      const dead = `\`${fault.name}\` would come behind the end`;
      checkReached(placed, fault.at, `${path}.at`, report, dead);
      checkKind(proof, placed, fault, path, report);
    }
    const isRecorded = boot.crash !== undefined || boot.ends.how === "power-cut";
    if (isRecorded && proof.machine.terminal === true) {
      const message =
        "the writes of this boot are placed by what it prints, and the machine has two serial ports";
      report("CAPOS_PROOF_CONTRADICTION", message, "machine.terminal", "leave the terminal out");
    }
  }
}

function checkKind(proof: Proof, placed: PlacedBoot, fault: Fault, path: string, report: Report): void {
  const { boot } = placed;
  if ("disk" in fault) checkDisk(proof, fault.disk, `${path}.disk`, report);
  const size = "disk" in fault ? (proof.disks[fault.disk]?.bytes ?? Infinity) : Infinity;
  switch (fault.kind) {
    case "disk-error":
      if ((fault.offset ?? 0) >= size) {
        report("CAPOS_PROOF_DEAD", "the disk ends before that byte", `${path}.offset`);
      }
      if (fault.offset !== undefined && fault.op === "flush") {
        report("CAPOS_PROOF_CONTRADICTION", "a flush has no place on the disk", `${path}.offset`);
      }
      break;
    case "torn-write":
      if (fault.bytes === 0) {
        const next = 'nothing written is `kind: "disk-error"`';
        report(
          "CAPOS_PROOF_CONTRADICTION",
          "a write is torn behind its first sector at least",
          `${path}.bytes`,
          next,
        );
      }
      break;
    case "link-down":
      if (proof.machine.network !== true && proof.peers === undefined) {
        const next = "add `network: true` to its machine";
        report("CAPOS_PROOF_UNKNOWN_NAME", "the machine has no network card", `${path}.kind`, next);
      }
      break;
    case "stop-cpu":
      if (fault.cpu >= proof.machine.cpus) {
        const message = `the machine has ${proof.machine.cpus} processors, counted from 0`;
        report("CAPOS_PROOF_UNKNOWN_NAME", message, `${path}.cpu`);
      }
      if (boot.crash !== undefined || boot.ends.how === "power-cut") {
        const message =
          "a processor is stopped by pausing the machine for an instant, and nothing may pause a recorded one";
        report("CAPOS_PROOF_CONTRADICTION", message, `${path}.kind`, "make two boots of it");
      }
      break;
    case "nmi":
    case "reset":
    case "unplug":
    case "disk-full":
      break;
  }
}

export function checkDisk(proof: Proof, serial: string, path: string, report: Report): void {
  const known = Object.keys(proof.disks);
  if (known.includes(serial)) return;
  const meant = nearest(serial, known);
  const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
  report("CAPOS_PROOF_UNKNOWN_NAME", `the proof has no disk \`${serial}\``, path, next);
}
