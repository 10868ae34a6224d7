import { expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { type BootInput, createBootJudge } from "../contract/index.ts";
import type { RunningBoot } from "../machine/index.ts";
import type { Companion } from "./companion.ts";
import { Company } from "./company.ts";
import { BootStory } from "./story.ts";
import { labProof } from "./testing/lab.ts";

const at = { wallMs: 20, cpuMs: 15 };

/** What a companion that looks at failed machines gets to see, and how the machine was ended. */
async function tell(inputs: readonly BootInput[]): Promise<{ looked: string[]; ended: string[] }> {
  const looked: string[] = [];
  const ended: string[] = [];
  const companion: Companion = {
    failed({ cause }) {
      looked.push(cause?.kind ?? "");
      return Promise.resolve();
    },
  };
  const boot: RunningBoot = {
    inputs: (async function* () {
      await Promise.resolve();
      yield* inputs;
    })(),
    end: (how, why) => void ended.push(`${how} ${why}`),
    act: () => Promise.resolve(ok(undefined)),
    note: () => undefined,
    ended: Promise.resolve({ ...at, stderr: "" }),
  };
  const proof = labProof("run-test");
  const story = new BootStory({
    boot,
    judge: createBootJudge(proof, 0, { freshness: "none" }),
    stored: { path: "", append: () => undefined, attach: () => undefined, close: () => ok(undefined) },
    company: new Company([companion]),
    staysOn: false,
    gently: false,
    ref: { id: "run-test@direct", proof: "run-test", path: "direct" },
    name: "only",
    emit: () => undefined,
  });
  await story.follow(undefined);
  return { looked, ended };
}

test("a machine whose boot fails is looked at before it is ended", async () => {
  const death: BootInput = { kind: "control", at, event: { type: "triple-fault" } };
  const { looked, ended } = await tell([death]);
  expect(looked).toEqual(["triple-fault"]);
  expect(ended).toEqual(["cut decided"]);
});

test.each(["interrupted", "host", "cloud"] as const)("one that ends because of %s is not", async (why) => {
  const { looked } = await tell([{ kind: "control", at, event: { type: "ended-by-tool", why } }]);
  expect(looked).toEqual([]);
});
