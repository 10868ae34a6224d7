import { expect, test } from "vitest";
import { options, shown, tree } from "./fixtures.ts";
import { loadProof } from "./index.ts";

async function load(rest: string) {
  const text = `proof: "run-x": {
	title: "t"
	image: "x"
	boots: [{name: "b", ends: {how: "halt"}, landmarks: [{name: "up", line: "x"}]}]
${rest}
}
`;
  const root = tree({ "manifests/x.cue": "", "proofs/run-x.cue": text });
  const loaded = await loadProof(root, "run-x", options);
  return { loaded, output: shown(root, loaded) };
}

test("a machine may have several processors and memories, and is the first of each", async () => {
  const { loaded } = await load('\tmachine: {cpus: [2, 1], memory: ["64Mi", "1Gi"]}');
  if (!loaded.ok) throw new Error("not loaded");
  const { machine, axes } = loaded.value;
  expect(machine).toMatchObject({ cpus: 2, memoryBytes: 64 * 2 ** 20 });
  expect(axes).toEqual({ cpus: [2, 1], memoryBytes: [64 * 2 ** 20, 2 ** 30] });
});

test("a list of one value varies nothing", async () => {
  const { loaded } = await load('\tmachine: {cpus: [2], memory: "64Mi"}');
  if (!loaded.ok) throw new Error("not loaded");
  expect(loaded.value.machine).toMatchObject({ cpus: 2, memoryBytes: 64 * 2 ** 20 });
  expect("axes" in loaded.value).toBe(false);
});

test.each([
  ["[]", "the list is empty"],
  ["[1, 1]", "a value stands in the list twice"],
])("processors %s are refused: %s", async (cpus, message) => {
  const { output } = await load(`\tmachine: {cpus: ${cpus}}`);
  expect(output).toContain(`error[CAPOS_PROOF_FORM]: ${message}\n  --> proofs/run-x.cue:5:18\n`);
});

test("a quarantine and a time to warn in are read", async () => {
  const { loaded } = await load(
    '\tquarantine: {reason: "r", ticket: "T-1", owner: "o", until: "2026-03-01"}\n\twarnUntil: "2026-04-01"',
  );
  if (!loaded.ok) throw new Error("not loaded");
  expect(loaded.value.quarantine).toEqual({ reason: "r", ticket: "T-1", owner: "o", until: "2026-03-01" });
  expect(loaded.value.warnUntil).toBe("2026-04-01");
});

test.each(["reason", "ticket", "owner", "until"])(
  "a quarantine without %s is refused at its place",
  async (field) => {
    const all = { reason: "r", ticket: "T-1", owner: "o", until: "2026-03-01" };
    const rest = Object.entries(all).filter(([name]) => name !== field);
    const { output } = await load(
      `\tquarantine: {${rest.map(([name, value]) => `${name}: "${value}"`).join(", ")}}`,
    );
    expect(output).toMatch(/^error\[CAPOS_CUE_MISSING\]: /u);
    expect(output).toContain(field);
    expect(output).toContain("--> proofs/run-x.cue:5:2");
  },
);

test("a quarantine with an empty owner, or until no day of the calendar, is refused at its place", async () => {
  const { output } = await load(
    '\tquarantine: {reason: "r", ticket: "T-1", owner: " ", until: "2026-02-30"}',
  );
  expect(output).toContain(
    "a quarantine says why, where it is followed and by whom\n  --> proofs/run-x.cue:5:50",
  );
  expect(output).toContain('a day is written "2026-01-31"\n  --> proofs/run-x.cue:5:62');
});
