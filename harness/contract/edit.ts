import type { StoredBoot } from "./run.ts";
import type { BootInput } from "./types.ts";

/**
 * A boot whose console has other bytes in `[from, until)`; what came when stays as it was, the new bytes with the
 * chunk in which the place lies.
 */
export function splice(boot: StoredBoot, from: number, until: number, by: Uint8Array): StoredBoot {
  const inputs: BootInput[] = [];
  let offset = 0;
  let isDone = false;
  for (const input of boot.inputs) {
    if (input.kind !== "bytes") {
      inputs.push(input);
      continue;
    }
    const { at, bytes } = input;
    const end = offset + bytes.length;
    const kept = [bytes.subarray(0, Math.max(0, from - offset))];
    if (!isDone && end >= from) {
      kept.push(by);
      isDone = true;
    }
    kept.push(bytes.subarray(Math.min(bytes.length, Math.max(0, until - offset))));
    inputs.push({ kind: "bytes", at, bytes: Buffer.concat(kept) });
    offset = end;
  }
  return { ...boot, inputs };
}
