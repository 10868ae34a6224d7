import { expect, test } from "vitest";
import { type KvmAnswer, chooseAccelerators } from "./accelerator.ts";

const runs: KvmAnswer = { usable: true, reason: "a guest under kvm answered in 9 ms" };
const crawls: KvmAnswer = { usable: false, reason: "a guest under kvm had not finished" };

test.each([
  ["prefer-kvm", runs, ["kvm: a guest under kvm answered in 9 ms"]],
  ["prefer-kvm", crawls, ["tcg: kvm is not used: a guest under kvm had not finished"]],
  ["require-kvm", runs, ["kvm: a guest under kvm answered in 9 ms"]],
  ["both", runs, ["kvm: a guest under kvm answered in 9 ms", "tcg: the proof asks for both"]],
] as const)("%s, %j", async (policy, answer, expected) => {
  const chosen = await chooseAccelerators(policy, () => Promise.resolve(answer));
  expect(chosen.ok && chosen.value.map((one) => `${one.accelerator}: ${one.reason}`)).toEqual(expected);
});

test.each(["require-kvm", "both"] as const)("%s is never met by less", async (policy) => {
  expect(await chooseAccelerators(policy, () => Promise.resolve(crawls))).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_KVM_REQUIRED", exit: "host", message: expect.stringContaining(crawls.reason) }],
  });
});

test("tcg is chosen without a look at kvm", async () => {
  const chosen = await chooseAccelerators("tcg", () => Promise.reject(new Error("probed")));
  expect(chosen).toEqual({ ok: true, value: [{ accelerator: "tcg", reason: "the proof asks for tcg" }] });
});
