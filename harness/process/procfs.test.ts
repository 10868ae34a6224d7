import * as fc from "fast-check";
import { expect, test } from "vitest";
import { livesStill, parseStat, statOf } from "./procfs.ts";

test("a stat line is read whatever the program calls itself", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), fc.nat(), fc.nat(), (name, parent, started) => {
      const zeros = Array.from({ length: 16 }, () => "0").join(" ");
      const line = `42 (${name}) S ${parent} 7 ${zeros} ${started} 0 0\n`;
      expect(parseStat(line)).toEqual({
        pid: 42,
        name,
        state: "S",
        parent,
        group: 7,
        started: String(started),
      });
    }),
  );
});

test("what is no stat line is nothing", () => {
  for (const text of ["", "42", "42 (sh", "42 (sh) S", ") S 1 2 ("]) expect(parseStat(text)).toBeUndefined();
});

test("a process is the same only with the same start time", () => {
  const own = statOf(process.pid);
  if (own === undefined) throw new Error("this process has no stat line");
  expect(livesStill(own)).toBe(true);
  expect(livesStill({ pid: own.pid, started: "1" })).toBe(false);
});
