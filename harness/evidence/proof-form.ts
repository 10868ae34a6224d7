/**
 * A proof's whole declared form as stored data, so that a bundle is judged by what was declared when it ran
 * and not by what the tree says today. Places in the source are left out: they are of no use to a judge.
 */
import type { Proof } from "../contract/index.ts";
import * as d from "./decode.ts";
import { crashDecoder } from "./proof-crash.ts";
import { faultDecoder, keepDecoder } from "./proof-faults.ts";
import { sendDecoder } from "./proof-interaction.ts";
import { peersDecoder } from "./proof-peers.ts";
import { policyFields } from "./proof-policy.ts";

const never = d.object({ text: d.string }, { from: d.string, until: d.string });

const landmark = d.object({ name: d.string, line: d.string, atMost: d.count, withinMs: d.number });

const chainItem = d.tagged("kind", {
  one: d.object({ kind: d.oneOf(["one"]), landmark }),
  any: d.object({ kind: d.oneOf(["any"]), landmarks: d.array(landmark) }),
});

const ending = d.tagged("how", {
  halt: d.object({ how: d.oneOf(["halt"]), status: d.number }),
  landmark: d.object({ how: d.oneOf(["landmark"]), at: d.string }),
  "power-cut": d.object({ how: d.oneOf(["power-cut"]), at: d.string }, { keep: keepDecoder }),
  reset: d.object({ how: d.oneOf(["reset"]) }),
  panic: d.object({ how: d.oneOf(["panic"]) }),
});

const captureRef = d.object({ boot: d.string, landmark: d.string, capture: d.string });

const bootFields = {
  name: d.string,
  chain: d.array(chainItem),
  ends: ending,
  never: d.array(never),
  budgets: d.object({ firmwareMs: d.number, endMs: d.number }),
};

const guest = d.object({
  banner: d.string,
  trailer: d.string,
  panic: d.array(d.string),
  exit: d.oneOf(["isa-debug-exit", "none"]),
});

export const proofDecoder = d.object(
  {
    name: d.string,
    title: d.string,
    image: d.string,
    tags: d.array(d.string),
    machine: d.object(
      {
        type: d.oneOf(["q35"]),
        cpu: d.string,
        memoryBytes: d.count,
        cpus: d.count,
        accel: d.oneOf(["prefer-kvm", "require-kvm", "tcg", "both"]),
        boot: d.array(d.oneOf(["direct", "bios", "uefi"])),
      },
      { terminal: d.oneOf([true]), network: d.oneOf([true]), icount: d.oneOf([true]) },
    ),
    disks: d.record(d.object({ bytes: d.count, bus: d.oneOf(["virtio-blk"]), content: d.oneOf(["blank"]) })),
    boots: d.array(
      d.object(bootFields, {
        sends: d.array(sendDecoder),
        faults: d.array(faultDecoder),
        clock: d.string,
        crash: crashDecoder(d.object(bootFields, { before: d.string }), captureRef),
      }),
    ),
    same: d.array(d.pair(captureRef, captureRef)),
    bounds: d.array(d.object({ capture: captureRef }, { min: d.number, max: d.number })),
    never: d.array(never),
    requires: d.object(
      { devices: d.array(d.string) },
      { enumerated: d.array(d.object({ device: d.string, line: d.string })) },
    ),
    foreign: d.string,
    closed: d.string,
  },
  {
    everywhere: d.array(captureRef),
    peers: peersDecoder,
    guest,
    from: d.object({ proof: d.string, landmark: d.string, shared: d.count }),
    ...policyFields,
  },
);
export type StoredProof = d.Decoded<typeof proofDecoder>;

/** The compiler holds this against the declared type: what a proof gains, its stored form must gain too. */
export function storedProof(proof: Proof): StoredProof {
  const { spans: _, ...declared } = proof;
  return declared;
}

/** The proof as the judge takes it. */
export function proofOf(stored: StoredProof): Proof {
  return { ...stored, spans: new Map() };
}
