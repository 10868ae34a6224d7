/** However a run ends, at whatever stage, nothing of it is left; each by the command, with machines that really boot. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServiceError } from "../../../cloud/fake/errors.ts";
import type { Seen } from "../../../cloud/fake/faults.ts";
import { inspectCase } from "../../evidence/index.ts";
import { runsOf, type ScratchTree } from "../testing.ts";
import { capos, cloudTree, type Elsewhere, elsewhere, local, runIn } from "./testing.ts";

const project = join(import.meta.dirname, "../../..");
let tree: ScratchTree;
beforeAll(() => {
  for (const image of ["smoke", "hang"]) {
    const built = spawnSync("node", [join(project, "bin/capos.mjs"), "build", image], { cwd: project });
    expect(built.status).toBe(0);
  }
  tree = cloudTree();
  tree.edit("proofs/run-hang.cue", (text) => text.replace('["direct"]', '["direct", "bios"]'));
}, 300_000);
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

/** Whether a run has come to a stage, by what the provider has seen. */
const stages: Readonly<Record<string, (seen: Seen) => boolean>> = {
  preflight: ({ path }) => path.endsWith("/machineTypes/e2-small"),
  upload: ({ method, path }) => method === "PUT" && path.startsWith("/upload/"),
  image: ({ method, path }) => method === "POST" && path.endsWith("/images"),
  instance: ({ method, path }) => method === "POST" && path.endsWith("/instances"),
  serial: ({ path }) => path.endsWith("/serialPort"),
  teardown: ({ method }) => method === "DELETE",
};
const smoke = ["cloudboot", "run-smoke", ...local] as const;
/** Slow enough that each stage lasts until it is disturbed. */
const slow = { operationMs: 250 } as const;

/** A run that gets one signal when it has come to a stage. */
function signalled(at: Elsewhere, stage: string, signal: NodeJS.Signals): ReturnType<typeof capos> {
  let sent = false;
  return capos(tree, at.env, smoke, (child) => {
    if (sent || !at.fake.seen.some((seen) => stages[stage]?.(seen))) return;
    sent = child.kill(signal);
  });
}

const verdictOf = (run: string, name: string): string => {
  const state = inspectCase(join(tree.root, ".capos/runs", run, name));
  return state.ok && state.value.state === "ended" ? state.value.verdict.verdict : "not ended";
};

test("a guest that falls silent ends in a verdict that says so, and is taken down", async () => {
  const at = await elsewhere(tree, "real");
  const ran = await capos(tree, at.env, ["cloudboot", "run-hang", ...local]);
  expect(ran.status, ran.stdout + ran.stderr).toBe(1);
  expect(ran.stdout).toMatch(/^ +NO-PROGRESS .*run-hang@bios/mu);
  expect(ran.stdout + ran.stderr).toContain("back");
  expect(at.fake.state.inventory()).toEqual([]);
  await at.close();
});

describe.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s", (signal) => {
  // One signal is tried everywhere; the others take the same way.
  const tried = signal === "SIGTERM" ? Object.keys(stages) : ["instance"];
  test.each(tried)("in the stage %s takes down what was made, and is no verdict", async (stage) => {
    const at = await elsewhere(tree, "real", slow);
    const ran = await signalled(at, stage, signal);
    expect(ran.status, ran.stdout + ran.stderr).toBe(signal === "SIGINT" ? 130 : 143);
    expect(at.fake.state.inventory()).toEqual([]);
    if (stage === "preflight") expect(ran.stdout).toMatch(/^STOPPED {2}\d+-\w+, before anything was made$/mu);
    expect(ran.stdout).not.toContain("FAILED");
    const down = await capos(tree, at.env, ["cloudboot", "--teardown", runIn(ran.stdout + ran.stderr)]);
    expect([down.status, down.stdout]).toEqual([0, expect.stringContaining("nothing is left")]);
    await at.close();
  });
});

describe("SIGKILL", () => {
  test.each(Object.keys(stages).map((stage, i) => [stage, i % 2 === 0 ? "--resume" : "--teardown"]))(
    "in the stage %s is mended by %s",
    async (stage, how) => {
      const at = await elsewhere(tree, "real", slow);
      const killed = await signalled(at, stage, "SIGKILL");
      expect(killed.signal).toBe("SIGKILL");
      const [run = ""] = runsOf(tree.root).toReversed();
      const down = await capos(tree, at.env, ["cloudboot", how, run]);
      expect([down.status, down.stdout], down.stderr).toEqual([
        0,
        expect.stringContaining(`${run}: nothing is left`),
      ]);
      expect(at.fake.state.inventory()).toEqual([]);
      // Nobody saw its console to the end.
      expect(verdictOf(run, "run-smoke@bios")).not.toBe("proved");
      const again = await capos(tree, at.env, ["cloudboot", how, run]);
      expect([again.status, again.stdout]).toEqual([
        0,
        expect.stringContaining("its journal says that it is over"),
      ]);
      await at.close();
    },
  );
});

test("P8: SIGTERM, and SIGKILL in the middle of the taking down, leaves a list that is complete", async () => {
  const at = await elsewhere(tree, "real", { operationMs: 1000 });
  const sent = new Set<string>();
  const seen = (stage: string): boolean => at.fake.seen.some((one) => stages[stage]?.(one));
  const ran = await capos(tree, at.env, smoke, (child) => {
    if (seen("serial") && !sent.has("SIGTERM")) {
      sent.add("SIGTERM");
      child.kill("SIGTERM");
    }
    if (seen("teardown")) child.kill("SIGKILL");
  });
  expect(ran.signal).toBe("SIGKILL");
  expect(at.fake.state.inventory()).not.toEqual([]);
  const down = await capos(tree, at.env, ["cloudboot", "--teardown", runIn(ran.stderr)]);
  expect([down.status, at.fake.state.inventory()]).toEqual([0, []]);
  await at.close();
});

test("P9: an output that nobody reads any more changes nothing about the taking down", async () => {
  const at = await elsewhere(tree, "real", slow);
  const ran = await capos(tree, at.env, smoke, (child) => {
    if (!at.fake.seen.some((seen) => stages["image"]?.(seen))) return;
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  expect(ran.status).toBe(0);
  expect(at.fake.state.inventory()).toEqual([]);
  await at.close();
});

test.each(["a promise", "a timer"])(
  "P10: a fault in unrelated code, in %s, stops the run and takes it down",
  async (where) => {
    const throwing = "throw new Error('unrelated')";
    const what = where === "a promise" ? `void (async () => { ${throwing}; })()` : throwing;
    const go = join(tree.root, `go-${where.slice(2)}`);
    tree.write(
      "hook.cjs",
      `const fs = require("node:fs");
     const timer = setInterval(() => { if (fs.existsSync(${JSON.stringify(go)})) { clearInterval(timer); ${what}; } }, 5);
     timer.unref();`,
    );
    const at = await elsewhere(tree, "real", slow);
    const env = { ...at.env, NODE_OPTIONS: `--require ${join(tree.root, "hook.cjs")}` };
    let told = false;
    const ran = await capos(tree, env, smoke, () => {
      if (told || !at.fake.seen.some((seen) => stages["serial"]?.(seen))) return;
      told = true;
      tree.write(go.slice(tree.root.length + 1), "");
    });
    expect(ran.status, ran.stdout + ran.stderr).toBe(70);
    expect(ran.stderr).toContain("CAPOS_BUG");
    expect(ran.stderr).toContain(`capos cloudboot --teardown ${runIn(ran.stderr)}`);
    expect(at.fake.state.inventory()).toEqual([]);
    await at.close();
  },
);

test("E6, H3: what was proved is no verdict when it cannot be taken down, until another has done it", async () => {
  const at = await elsewhere(tree, "real");
  at.fake.faults.add({
    when: ({ method, path }) => method === "DELETE" && path.includes("/images/"),
    what: "answer",
    error: new ServiceError(403, "forbidden", "no right to delete"),
  });
  const ran = await capos(tree, at.env, smoke);
  const run = runIn(ran.stderr);
  expect(ran.status, ran.stdout + ran.stderr).toBe(7);
  expect(ran.stdout).toMatch(/^ +CLOUD-ERROR /mu);
  expect(ran.stdout + ran.stderr).not.toMatch(/^ +PROVED /mu);
  expect(ran.stdout + ran.stderr).toContain(`capos cloudboot --teardown ${run}`);
  expect(ran.stdout + ran.stderr).toContain(`image capos-${run}: no right to delete`);
  expect(verdictOf(run, "run-smoke@bios")).toBe("cloud-error");
  at.fake.faults.clear();
  const down = await capos(tree, at.env, ["cloudboot", "--teardown", run]);
  expect([down.status, at.fake.state.inventory()]).toEqual([0, []]);
  await at.close();
});
