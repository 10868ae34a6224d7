/**
 * States that were found to be bad, each a file of `cases/`: the checker that is built from today's sources must still
 * say so, and in the same words. A `crash-worst.json` of any run becomes a case by being put there under a name.
 */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildHostTool, openStore } from "../../build/index.ts";
import { createSupervisor } from "../../process/index.ts";
import { checkStates } from "./check.ts";
import { Orders } from "./orders.ts";
import { parseStoredState, storedStateOrders } from "./stored-state.ts";

const root = join(import.meta.dirname, "../../..");
const cases = join(import.meta.dirname, "cases");
const supervisor = createSupervisor(randomUUID());
let checker = "";
beforeAll(async () => {
  const cacheDir = join(root, ".capos/cache");
  const built = await buildHostTool(
    {
      root,
      cacheDir,
      supervisor,
      cache: { dir: join(cacheDir, "actions"), store: openStore(join(cacheDir, "objects")) },
      progress: () => {},
      onCargo: () => {},
      onAction: () => {},
    },
    "check-capos-store",
  );
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  checker = built.value;
}, 600_000);
afterAll(async () => {
  expect(await supervisor.close()).toEqual([]);
});

test.each(readdirSync(cases))("%s is still bad", async (name) => {
  const state = parseStoredState(readFileSync(join(cases, name), "utf8"));
  if (state === undefined) throw new Error("no stored state");
  const checked = await checkStates(supervisor, checker, storedStateOrders(state), 1);
  expect(checked).toEqual({ ok: true, value: [{ ok: false, text: state.why }] });
});

test("a checker that cannot follow its orders is a failure of the host, with its own words", async () => {
  const orders = new Orders(1 << 20);
  orders.apply(7, 0, 1);
  orders.state([]);
  const checked = await checkStates(supervisor, checker, orders.bytes(), 1);
  expect(checked).toMatchObject({
    ok: false,
    error: [
      {
        code: "CAPOS_PROVE_CHECKER",
        message: "the checker told of 0 of 1 states",
        detail: expect.stringContaining("the order at byte 9: there is no such piece"),
      },
    ],
  });
});

test("a blank disk is in order, and thousands of states are checked in one go", async () => {
  const orders = new Orders(16 << 20);
  const piece = orders.piece(0, Buffer.alloc(512, "x"));
  for (let i = 0; i < 5000; i++) orders.state(i % 2 === 0 ? [] : [[piece, 0, 512]]);
  const checked = await checkStates(supervisor, checker, orders.bytes(), 5000);
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  expect(checked.value[0]).toMatchObject({ ok: true, contents: "blank" });
  expect(checked.value[1]).toEqual({
    ok: false,
    text: "no CAPOSST1 superblock, and the device is not blank",
  });
  expect(checked.value.filter((c) => c.ok)).toHaveLength(2500);
});
