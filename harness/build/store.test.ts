import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { type ActionCache, changedInputs, runAction } from "./action.ts";
import { openStore } from "./store.ts";

let dir = "";
let cache: ActionCache;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "capos-build-"));
  cache = { dir: join(dir, "actions"), store: openStore(join(dir, "objects")) };
});
afterEach(() => rmSync(dir, { recursive: true }));

/** An action that counts how often it is really run. */
function counting(inputs: Record<string, string>) {
  const counter = { runs: 0 };
  const action = {
    name: "count things",
    inputs,
    run: async () => ok({ out: Buffer.from(`${JSON.stringify(inputs)} ${++counter.runs}`) }),
  };
  return { action, counter };
}

test("an action with the same inputs is not run again", async () => {
  const { action, counter } = counting({ a: "1" });
  const first = await runAction(cache, action);
  const second = await runAction(cache, action);
  expect(counter.runs).toBe(1);
  expect(first).toMatchObject({ ok: true, value: { cached: false } });
  expect(second).toMatchObject({ ok: true, value: { cached: true } });
});

test("a changed input runs it again, and is named", async () => {
  await runAction(cache, counting({ a: "1", b: "1" }).action);
  const { action, counter } = counting({ a: "2", b: "1" });
  expect(changedInputs(cache, action.name, action.inputs)).toEqual(["a"]);
  await runAction(cache, action);
  expect(counter.runs).toBe(1);
  expect(changedInputs(cache, action.name, action.inputs)).toEqual([]);
  expect(changedInputs(cache, "never built", {})).toBeUndefined();
});

test.each([
  ["torn", (path: string) => truncateSync(path, 3)],
  ["changed in place", (path: string) => writeFileSync(path, "x".repeat(14))],
  ["lost", (path: string) => rmSync(path)],
])("an output that is %s is made again", async (_, harm) => {
  const { action, counter } = counting({ a: "1" });
  const first = await runAction(cache, action);
  if (!first.ok) throw new Error("the action cannot fail");
  harm(first.value.outputs["out"]!.path);
  await runAction(cache, action);
  expect(counter.runs).toBe(2);
});

test("a failed action leaves nothing that looks like a result", async () => {
  const failing = { name: "fail", inputs: {}, run: async () => ({ ok: false, error: [] }) as const };
  await runAction(cache, failing);
  const { counter, action } = counting({});
  await runAction(cache, { ...action, name: "fail" });
  expect(counter.runs).toBe(1);
});
