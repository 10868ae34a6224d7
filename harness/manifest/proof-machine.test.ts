import { expect, test } from "vitest";
import { options, shown, tree } from "./fixtures.ts";
import { loadProof } from "./index.ts";

/** The first line of each error of a proof with this in it, and where each is. */
async function said(rest: string): Promise<readonly string[]> {
  const text = `proof: "run-x": {
	title: "t"
	image: "x"
	boots: [{name: "b", ends: {how: "halt"}, landmarks: [{name: "up", line: "x"}]}]
	${rest}
}
`;
  const root = tree({ "manifests/x.cue": "", "proofs/run-x.cue": text });
  const output = shown(root, await loadProof(root, "run-x", options));
  const lines = [...output.matchAll(/^error\[(\w+)\]: (.*)\n {2}--> proofs\/run-x\.cue:(\d+:\d+)$/gmu)];
  return lines.map(([, code, message, place]) => `${code} ${place} ${message}`);
}

const sizeForm = "of the form ^[0-9]{1,12}(Ki|Mi|Gi)?$";
const noSize = 'a size is written "512", "64Ki", "16Mi" or "1Gi", and is below 8 PiB';
const noMemory = 'a machine has at least "1Mi" of memory, and only whole mebibytes';
const noDisk = "a disk has at least one sector, and only whole ones of 512 bytes";

test.each([
  ['machine: memory: "lots"', "CUE_VALUE 5:19", `\`memory\` is "lots", but must be ${sizeForm}`],
  ['machine: memory: ["1Mi", "lots"]', "CUE_VALUE 5:27", `\`memory.1\` is "lots", but must be ${sizeForm}`],
  ["machine: memory: 3", "CUE_VALUE 5:19", "`memory` is 3, but must be a string or a list […]"],
  ['machine: memory: "0"', "PROOF_FORM 5:19", noMemory],
  ['machine: memory: "1536Ki"', "PROOF_FORM 5:19", noMemory],
  ['machine: memory: "99999999Gi"', "PROOF_FORM 5:19", noSize],
  ["machine: memory: []", "PROOF_FORM 5:19", "the list is empty"],
  ["machine: cpus: 0", "CUE_VALUE 5:17", "`cpus` is 0, but must be at least 1"],
  ["machine: cpus: 65", "CUE_VALUE 5:17", "`cpus` is 65, but must be at most 64"],
  ['machine: cpus: "two"', "CUE_VALUE 5:17", '`cpus` is "two", but must be an integer or a list […]'],
  ["machine: cpus: {a: 1}", "CUE_VALUE 5:17", "`cpus` is a struct {…}, but must be an integer or a list […]"],
  ["machine: cpus: [1, 0]", "CUE_VALUE 5:21", "`cpus.1` is 0, but must be at least 1"],
  ['machine: cpus: [1, "x"]', "CUE_VALUE 5:21", '`cpus.1` is "x", but must be an integer'],
  ['machine: boot: ["moon"]', "CUE_VALUE 5:18", '`boot.0` is "moon", but must be one of direct, bios, uefi'],
  ["machine: boot: [7]", "CUE_VALUE 5:18", "`boot.0` is 7, but must be a string"],
  ["machine: boot: []", "PROOF_FORM 5:17", "the list is empty"],
  ['machine: boot: ["uefi", "uefi"]', "PROOF_FORM 5:17", "a value stands in the list twice"],
  ["machine: icount: 1", "CUE_VALUE 5:19", "`icount` is 1, but must be true or false"],
  [
    "machine: icount: true",
    "PROOF_FORM 5:19",
    'only the emulator counts instructions: it needs `accel: "tcg"`',
  ],
  ['disks: data: size: "0"', "PROOF_FORM 5:21", noDisk],
  ['disks: data: size: "513"', "PROOF_FORM 5:21", noDisk],
  ["disks: data: size: 512", "CUE_VALUE 5:21", "`size` is 512, but must be a string"],
  ['same: [["b.up.n", 3]]', "CUE_VALUE 5:20", "`same.0.1` is 3, but must be a string"],
])("%s is told in one sentence", async (rest, place, message) => {
  expect(await said(rest)).toEqual([`CAPOS_${place} ${message}`]);
});

test.each(['machine: memory: ["1Mi", "2Mi"]', "machine: cpus: [1, 2]", 'disks: data: {size: "512"}'])(
  "%s is sound",
  async (rest) => {
    expect(await said(rest)).toEqual([]);
  },
);

test("a machine that counts its instructions says so", async () => {
  expect(await said('machine: {accel: "tcg", icount: true}')).toEqual([]);
});
