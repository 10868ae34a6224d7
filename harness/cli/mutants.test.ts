import { afterAll, describe, expect, it } from "vitest";
import { scratchTree } from "./testing.ts";

const tree = scratchTree();
afterAll(() => tree.dispose());

/** Two boots of which nothing says which is which: this kernel's own words, but not what they repeat. */
const blind = `proof: "run-blind": {
	title: "Nothing tells one boot from the other"
	image: "smoke"
	guest: {banner: "capos kernel starting <rest:text>", trailer: "[kernel] halted status=<status:int>", exit: "isa-debug-exit"}
	boots: [
		{name: "one", ends: {how: "halt"}, landmarks: [{name: "hello", line: "[smoke] hello from ring 3"}]},
		{name: "two", ends: {how: "halt"}, landmarks: [{name: "hello", line: "[smoke] hello from ring 3"}]},
	]
}
`;

describe("prove --mutants", () => {
  it("changes the record of a proved run in every way that its proof should notice", () => {
    const { status, stdout } = tree.capos("prove", "run-smoke", "--mutants", "--reporter", "plain");
    expect(stdout).toMatch(/MUTANTS \[.*\] run-smoke@direct: (\d+) of \1 were noticed\n/u);
    expect(status).toBe(0);
  });

  it("fails a proof that looks away, and says from what", () => {
    tree.write("proofs/run-blind.cue", blind);
    const { status, stdout, stderr } = tree.capos("prove", "run-blind", "--mutants", "--reporter", "json");
    expect(stderr).toBe("");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.find((e) => e["type"] === "case-finished")).toMatchObject({ verdict: "proved" });
    expect(events.find((e) => e["type"] === "mutants")).toMatchObject({
      survivors: ["boot `one` with the console of boot `two`", "boot `two` with the console of boot `one`"],
      dead: [],
    });
    expect(events.at(-1)).toMatchObject({ type: "run-finished", exit: 1 });
    expect(status).toBe(1);
  });
});
