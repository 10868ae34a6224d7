import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bindingsDrift, writeBindings } from "./index.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** `CAPOS_UPDATE=1` makes the bindings anew; without it, what is committed must be what the schema gives. */
test("the committed bindings are those of the schema", async () => {
  if (process.env["CAPOS_UPDATE"] === "1") await writeBindings(root);
  expect(await bindingsDrift(root)).toEqual({ ok: true, value: [] });
});
