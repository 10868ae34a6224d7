import { expect, test } from "vitest";
import { exitCodes } from "../base/index.ts";
import { exitHelp, exitMeanings } from "./exit-codes.ts";

test("a command's codes are told in their order, in its own words where it has some", () => {
  expect(exitHelp({ usage: true, proved: "the same", bug: true })).toBe(
    "Exit codes: 0 the same; 2 usage; 70 a bug in capos.",
  );
});

test("help stays narrow and loses no word", () => {
  const all = Object.fromEntries(Object.keys(exitCodes).map((name) => [name, true]));
  const text = exitHelp(all);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(112);
  const parts = Object.entries(exitCodes).map(
    ([name, code]) => `${code} ${Object.entries(exitMeanings).find(([n]) => n === name)?.[1].help}`,
  );
  expect(text.replaceAll("\n", " ")).toBe(`Exit codes: ${parts.join("; ")}.`);
});
