import { expect, test } from "vitest";
import { decode } from "../evidence/decode.ts";
import { proofDecoder, storedProof } from "../evidence/proof-form.ts";
import { options, shown, tree } from "./fixtures.ts";
import { loadProof } from "./index.ts";

async function load(boot: string, ends = '{how: "halt"}') {
  const text = `proof: "run-x": {
	title: "t"
	image: "x"
	disks: data: size: "1Mi"
	boots: [{name: "b", ends: ${ends}, landmarks: [{name: "up", line: "x"}, {name: "end", line: "y"}]
${boot}
	}]
}
`;
  const root = tree({ "manifests/x.cue": "", "proofs/run-x.cue": text });
  const loaded = await loadProof(root, "run-x", options);
  return { loaded, output: shown(root, loaded) };
}

/** What is read of the boot; what it is stored as reads back the same. */
async function read(boot: string, ends?: string) {
  const { loaded, output } = await load(boot, ends);
  if (!loaded.ok) throw new Error(output);
  const stored = storedProof(loaded.value);
  expect(decode(proofDecoder, JSON.parse(JSON.stringify(stored)))).toEqual({ value: stored });
  return loaded.value.boots[0];
}

test("each kind of fault is read with its fields and what they mean when not given", async () => {
  const boot = await read(`faults: [
		{name: "a", at: "up", kind: "disk-error", disk: "data"},
		{name: "b", at: "up", after: "20ms", kind: "disk-error", disk: "data", op: "read", errno: "ENOSPC", once: true, offset: "4Ki"},
		{name: "c", at: "up", kind: "torn-write", disk: "data", bytes: "1536"},
		{name: "d", at: "up", kind: "disk-full", disk: "data"},
		{name: "e", at: "up", kind: "link-down", for: "2s"},
		{name: "f", at: "up", kind: "unplug", disk: "data"},
		{name: "g", at: "up", kind: "nmi"},
		{name: "h", at: "up", kind: "stop-cpu", cpu: 1, for: "1s"},
		{name: "i", at: "up", kind: "reset"},
	]`);
  const at = { at: "up", afterMs: 0 };
  expect(boot?.faults).toEqual([
    { name: "a", ...at, kind: "disk-error", disk: "data", op: "write", errno: "EIO", once: false },
    {
      name: "b",
      at: "up",
      afterMs: 20,
      kind: "disk-error",
      disk: "data",
      op: "read",
      errno: "ENOSPC",
      once: true,
      offset: 4096,
    },
    { name: "c", ...at, kind: "torn-write", disk: "data", bytes: 1536 },
    { name: "d", ...at, kind: "disk-full", disk: "data" },
    { name: "e", ...at, kind: "link-down", forMs: 2000 },
    { name: "f", ...at, kind: "unplug", disk: "data" },
    { name: "g", ...at, kind: "nmi" },
    { name: "h", ...at, kind: "stop-cpu", cpu: 1, forMs: 1000 },
    { name: "i", ...at, kind: "reset" },
  ]);
});

test("a clock and what a power cut keeps are read", async () => {
  expect((await read('clock: "2031-01-01T00:00:00Z"'))?.clock).toBe("2031-01-01T00:00:00");
  const ends = async (keep: string): Promise<unknown> =>
    (await read("", `{how: "power-cut", at: "end"${keep}}`))?.ends;
  expect(await ends("")).toEqual({ how: "power-cut", at: "end" });
  expect(await ends(', keep: "all"')).toEqual({ how: "power-cut", at: "end", keep: "all" });
  expect(await ends(', keep: "random 7"')).toEqual({ how: "power-cut", at: "end", keep: { random: 7 } });
});

test("crash states are read with what they mean when not given", async () => {
  const boot = await read(`crash: {
		window: ["up", "end"]
		check:  "capos-store"
		recovers: [{name: "r", before: "end", ends: {how: "halt", status: 3}, landmarks: [{name: "got", line: "got <n:int>"}]}]
		same: [["b.up.n", "r.got.n"]]
	}`);
  expect(boot?.crash).toMatchObject({
    window: ["up", "end"],
    disk: "data",
    check: "capos-store",
    reorder: 4,
    torn: true,
    sample: 4,
    recovers: [{ name: "r", before: "end", ends: { how: "halt", status: 3 } }],
    same: [[{ boot: "b" }, { boot: "r" }]],
  });
});

test.each([
  ['faults: [{name: "a", at: "up", kind: "nmi", disk: "data"}]', "a fault of kind nmi has no `disk`"],
  ['faults: [{name: "a", at: "up", kind: "torn-write", disk: "data", bytes: "100"}]', "a multiple of 512"],
  ['faults: [{name: "a", at: "up", kind: "link-down"}]', "the field `for` is missing"],
  ['clock: "2031-02-31T00:00:00Z"', 'a moment is written "2031-01-01T00:00:00Z"'],
  ['crash: {window: ["up"], check: "capos-store"}', "a window has two landmarks"],
])("%s is refused: %s", async (boot, message) => {
  const { output } = await load(boot);
  expect(output).toContain(message);
});
