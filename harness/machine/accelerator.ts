import { type Result, fail, ok, problem } from "../base/index.ts";
import type { AcceleratorPolicy } from "../contract/index.ts";
import { machineCodes } from "./codes.ts";
import type { AcceleratorChoice } from "./types.ts";

/** Whether a guest was seen to run under KVM on this host, and what was seen. */
export interface KvmAnswer {
  readonly usable: boolean;
  /** One sentence for the output and the evidence. */
  readonly reason: string;
  /** Milliseconds that the guest took to answer; absent when it did not. */
  readonly guestMs?: number;
}

/**
 * With which accelerators a proof is to be run. `probe` is only called when the policy depends on its answer.
 * The error is a policy that this host cannot meet.
 */
export async function chooseAccelerators(
  policy: AcceleratorPolicy,
  probe: () => Promise<KvmAnswer>,
): Promise<Result<readonly AcceleratorChoice[]>> {
  if (policy === "tcg") return ok([{ accelerator: "tcg", reason: "the proof asks for tcg" }]);
  const { usable, reason } = await probe();
  const kvm: AcceleratorChoice = { accelerator: "kvm", reason };
  switch (policy) {
    case "prefer-kvm":
      return ok([usable ? kvm : { accelerator: "tcg", reason: `kvm is not used: ${reason}` }]);
    case "require-kvm":
      return usable ? ok([kvm]) : required(reason);
    case "both":
      if (!usable) return required(reason);
      return ok([kvm, { accelerator: "tcg", reason: "the proof asks for both" }]);
  }
}

function required(reason: string): Result<never> {
  return fail(problem(machineCodes, "CAPOS_KVM_REQUIRED", `the proof demands kvm, but ${reason}`));
}
