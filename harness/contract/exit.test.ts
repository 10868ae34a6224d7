import { describe, expect, it } from "vitest";
import { exitOf } from "./exit.ts";

describe("the exit code of verdicts", () => {
  it.each([
    [["proved", "proved"], 0],
    [["proved", "filtered"], 0],
    [["proved", "refuted"], 1],
    [["guest-died"], 1],
    [["no-progress", "not-run"], 1],
    [["refuted", "host-error"], 7],
    [["cloud-error"], 7],
    [["host-error", "harness-error", "proved"], 70],
    [["filtered", "not-run"], 4],
    [[], 4],
  ] as const)("%j is %i", (verdicts, code) => {
    expect(exitOf(verdicts)).toBe(code);
  });
});
