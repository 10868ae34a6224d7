import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allCodes, allCodeTables } from "./codes.ts";
import { errorsPage } from "./errors-page.ts";

const file = join(import.meta.dirname, "../../docs/errors.md");

test("docs/errors.md says what the code tables say", async () => {
  if (process.env["CAPOS_UPDATE"] === "1") writeFileSync(file, await errorsPage());
  expect(readFileSync(file, "utf8")).toBe(await errorsPage());
});

test("every code belongs to one room and tells what it means and what to do", async () => {
  const [codeTables, codes] = [await allCodeTables(), await allCodes()];
  const all = Object.values(codeTables).flatMap((table) => Object.keys(table));
  expect(all.length).toBe(codes.size);
  for (const [code, { summary, next }] of codes) {
    expect(code).toMatch(/^CAPOS_[A-Z0-9_]+$/u);
    expect(summary, code).toMatch(/^[A-Z`].*\.$/u);
    expect(next, code).toMatch(/[^.]$/u);
  }
});
