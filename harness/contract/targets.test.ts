import { describe, expect, it } from "vitest";
import { checkProof } from "./check.ts";
import { compareTargets } from "./targets.ts";
import { bootSpec, one, proofOf } from "./testing.ts";
import type { Proof } from "./types.ts";

const put = { boot: "store", landmark: "put", capture: "digest" };
const size = { ...put, capture: "size" };
const base = proofOf([bootSpec("store", [one("put", "put <digest:hex> <size:int>")])]);
const two = { ...base.machine, boot: ["direct", "uefi"] } as const;
const proof: Proof = { ...base, machine: two, everywhere: [put, size] };

function target(name: string, digest: string, bytes: string): Parameters<typeof compareTargets>[1][number] {
  return { name, captures: { "store.put.digest": digest, "store.put.size": bytes } };
}

describe("captures that must be the same everywhere", () => {
  it("are compared by their type, and the first difference of each is told", () => {
    expect(compareTargets(proof, [target("p@direct", "ab", "07"), target("p@uefi", "AB", "7")])).toEqual([]);
    const differ = [target("p@direct", "ab", "7"), target("p@bios", "ab", "7"), target("p@uefi", "ac", "8")];
    expect(compareTargets(proof, differ).map((p) => p.message)).toEqual([
      "`store.put.digest` is ab on p@direct, and ac on p@uefi",
      "`store.put.size` is 7 on p@direct, and 8 on p@uefi",
    ]);
  });

  it("say nothing of one target, nor of what a target did not show", () => {
    expect(compareTargets(proof, [target("p@direct", "ab", "7")])).toEqual([]);
    expect(compareTargets(proof, [target("p@direct", "ab", "7"), { name: "p@uefi", captures: {} }])).toEqual(
      [],
    );
  });

  it("must exist, be named once, and have something to be compared with", () => {
    expect(checkProof(proof)).toEqual([]);
    const codes = (changed: Proof): readonly string[] => checkProof(changed).map((p) => p.code);
    expect(codes({ ...proof, everywhere: [{ ...put, capture: "digset" }] })).toEqual([
      "CAPOS_PROOF_UNKNOWN_NAME",
    ]);
    expect(codes({ ...proof, everywhere: [put, put] })).toEqual(["CAPOS_PROOF_DUPLICATE"]);
    expect(codes({ ...proof, machine: base.machine })).toEqual(["CAPOS_PROOF_DEAD"]);
    expect(codes({ ...proof, machine: { ...base.machine, accel: "both" } })).toEqual([]);
  });
});
