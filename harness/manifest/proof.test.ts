// Longer than most: every field of a proof and every way to get it wrong, with whole outputs pinned.
import fc from "fast-check";
import { expect, test } from "vitest";
import { options, shown, toolRoot, tree } from "./fixtures.ts";
import { loadProof, proofDefaults } from "./index.ts";
import { parseDuration, parseSize } from "./units.ts";

function proof(rest: string, landmarks = '{name: "up", line: "x"}'): string {
  return `proof: "run-x": {
	title: "t"
	image: "x"
	boots: [{name: "b", ends: {how: "halt"}, landmarks: [${landmarks}]}]
${rest}
}
`;
}

async function load(text: string) {
  const root = tree({ "manifests/x.cue": "", "proofs/run-x.cue": text });
  const loaded = await loadProof(root, "run-x", options);
  return { loaded, output: shown(root, loaded) };
}

test("the proof of DESIGN's example, with its defaults", async () => {
  const loaded = await loadProof(toolRoot, "run-storage-persist", options);
  if (!loaded.ok) throw new Error(shown(toolRoot, loaded));
  const { spans, ...rest } = loaded.value;
  expect(rest).toMatchInlineSnapshot(`
    {
      "boots": [
        {
          "budgets": {
            "endMs": 10000,
            "firmwareMs": 60000,
          },
          "chain": [
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "[store] formatted blank volume",
                "name": "mounted",
                "withinMs": 10000,
              },
            },
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "[store-client] put sha256=<digest:hex64> bytes=<size:int>",
                "name": "put",
                "withinMs": 10000,
              },
            },
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "[store-client] committed",
                "name": "committed",
                "withinMs": 5000,
              },
            },
          ],
          "ends": {
            "how": "halt",
            "status": 0,
          },
          "name": "store",
          "never": [],
        },
        {
          "budgets": {
            "endMs": 10000,
            "firmwareMs": 60000,
          },
          "chain": [
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "[store] mounted generation=<gen:int>",
                "name": "mounted",
                "withinMs": 10000,
              },
            },
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "[store-client] got sha256=<digest:hex64> bytes=<size:int>",
                "name": "got",
                "withinMs": 10000,
              },
            },
          ],
          "ends": {
            "how": "halt",
            "status": 0,
          },
          "name": "read-back",
          "never": [],
        },
      ],
      "bounds": [
        {
          "capture": {
            "boot": "read-back",
            "capture": "gen",
            "landmark": "mounted",
          },
          "max": 2,
          "min": 2,
        },
      ],
      "closed": "",
      "disks": {
        "data": {
          "bus": "virtio-blk",
          "bytes": 16777216,
          "content": "blank",
        },
      },
      "everywhere": [
        {
          "boot": "store",
          "capture": "digest",
          "landmark": "put",
        },
        {
          "boot": "read-back",
          "capture": "gen",
          "landmark": "mounted",
        },
      ],
      "foreign": "\\[ *[0-9]+\\.[0-9]{6}\\].*",
      "image": "storage-persist",
      "machine": {
        "accel": "prefer-kvm",
        "boot": [
          "direct",
          "bios",
          "uefi",
        ],
        "cpu": "max",
        "cpus": 1,
        "memoryBytes": 134217728,
        "type": "q35",
      },
      "name": "run-storage-persist",
      "never": [
        {
          "text": "CAP_ERR",
        },
      ],
      "requires": {
        "devices": [
          "virtio-blk",
        ],
        "enumerated": [
          {
            "device": "virtio-blk",
            "line": "[kernel] device virtio-blk bytes=16777216 serial=data",
          },
        ],
      },
      "same": [
        [
          {
            "boot": "store",
            "capture": "digest",
            "landmark": "put",
          },
          {
            "boot": "read-back",
            "capture": "digest",
            "landmark": "got",
          },
        ],
        [
          {
            "boot": "store",
            "capture": "size",
            "landmark": "put",
          },
          {
            "boot": "read-back",
            "capture": "size",
            "landmark": "got",
          },
        ],
      ],
      "tags": [],
      "title": "A stored object survives a reboot",
    }
  `);
  expect(spans.get("boots.1.landmarks.1.line")).toEqual({
    file: "proofs/run-storage-persist.cue",
    line: 14,
    col: 24,
    endCol: 83,
  });
  expect(spans.get("same.1.0")?.line).toBe(17);
});

test("a proof that says as little as it may", async () => {
  const { loaded } = await load(proof(""));
  const { spans, ...rest } = loaded.ok ? loaded.value : { spans: undefined };
  expect(rest).toMatchInlineSnapshot(`
    {
      "boots": [
        {
          "budgets": {
            "endMs": 10000,
            "firmwareMs": 60000,
          },
          "chain": [
            {
              "kind": "one",
              "landmark": {
                "atMost": 1,
                "line": "x",
                "name": "up",
                "withinMs": 10000,
              },
            },
          ],
          "ends": {
            "how": "halt",
            "status": 0,
          },
          "name": "b",
          "never": [],
        },
      ],
      "bounds": [],
      "closed": "",
      "disks": {},
      "foreign": "\\[ *[0-9]+\\.[0-9]{6}\\].*",
      "image": "x",
      "machine": {
        "accel": "prefer-kvm",
        "boot": [
          "direct",
        ],
        "cpu": "max",
        "cpus": 1,
        "memoryBytes": 134217728,
        "type": "q35",
      },
      "name": "run-x",
      "never": [],
      "requires": {
        "devices": [],
      },
      "same": [],
      "tags": [],
      "title": "t",
    }
  `);
  expect(spans?.get("boots.0.landmarks.0")?.line).toBe(4);
});

test("everything that a proof can say", async () => {
  const { loaded, output } = await load(
    proof(
      `	tags: ["slow"]
	machine: {memory: "1Gi", cpus: 2, accel: "both", boot: ["uefi"]}
	bounds: [{capture: "b.up.n", min: 1}, {capture: "b.up.n", max: 2.5}]
	same: [["b.up.n", "b.up.m", "b.up.o"]]
	never: [{text: "no", from: "b.up", until: "b.down"}]
	closed: "store.*"
	foreign: "x+"
	guest: {banner: "Linux version <v:text>", trailer: "reboot: Power down", panic: ["Kernel panic<rest:text>"]}`,
      '{name: "up", line: "n=<n:int>", within: "250ms", atMost: 3}, {any: [{name: "p", line: "p"}, {name: "q", line: "q"}]}',
    ),
  );
  if (!loaded.ok) throw new Error(output);
  const { tags, machine, bounds, same, never, closed, foreign, guest, boots } = loaded.value;
  expect({
    tags,
    machine,
    bounds,
    same,
    never,
    closed,
    foreign,
    guest,
    chain: boots[0]?.chain,
  }).toMatchInlineSnapshot(`
    {
      "bounds": [
        {
          "capture": {
            "boot": "b",
            "capture": "n",
            "landmark": "up",
          },
          "min": 1,
        },
        {
          "capture": {
            "boot": "b",
            "capture": "n",
            "landmark": "up",
          },
          "max": 2.5,
        },
      ],
      "chain": [
        {
          "kind": "one",
          "landmark": {
            "atMost": 3,
            "line": "n=<n:int>",
            "name": "up",
            "withinMs": 250,
          },
        },
        {
          "kind": "any",
          "landmarks": [
            {
              "atMost": 1,
              "line": "p",
              "name": "p",
              "withinMs": 10000,
            },
            {
              "atMost": 1,
              "line": "q",
              "name": "q",
              "withinMs": 10000,
            },
          ],
        },
      ],
      "closed": "store.*",
      "foreign": "x+",
      "guest": {
        "banner": "Linux version <v:text>",
        "exit": "none",
        "panic": [
          "Kernel panic<rest:text>",
        ],
        "trailer": "reboot: Power down",
      },
      "machine": {
        "accel": "both",
        "boot": [
          "uefi",
        ],
        "cpu": "max",
        "cpus": 2,
        "memoryBytes": 1073741824,
        "type": "q35",
      },
      "never": [
        {
          "from": "b.up",
          "text": "no",
          "until": "b.down",
        },
      ],
      "same": [
        [
          {
            "boot": "b",
            "capture": "n",
            "landmark": "up",
          },
          {
            "boot": "b",
            "capture": "m",
            "landmark": "up",
          },
        ],
        [
          {
            "boot": "b",
            "capture": "n",
            "landmark": "up",
          },
          {
            "boot": "b",
            "capture": "o",
            "landmark": "up",
          },
        ],
      ],
      "tags": [
        "slow",
      ],
    }
  `);
});

test("each way in which a boot can end", async () => {
  const ends = [
    'how: "halt", status: 3',
    'how: "landmark", at: "up"',
    'how: "power-cut", at: "up"',
    'how: "reset"',
  ];
  for (const end of [...ends, 'how: "panic"']) {
    const { output } = await load(proof("").replace('how: "halt"', end));
    expect(output).toBe("fine");
  }
  const { output } = await load(proof("").replace('how: "halt"', 'how: "power-cut"'));
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`at\` of \`proof."run-x".boots.0.ends\` is missing
      --> proofs/run-x.cue:4:22
      4 | 	boots: [{name: "b", ends: {how: "power-cut"}, landmarks: [{name: "up", line: "x"}]}]
        | 	                    ^^^^
      next: add \`at\` here
    "
  `);
});

test("what the schema allows and the contract does not", async () => {
  const { output } = await load(
    proof(
      '\tsame: [["b.up.n"]]\n\tbounds: [{capture: "b.up.n"}]\n\tdisks: data: size: "999999999999Gi"',
      '{name: "up"}, {name: "x", any: [{name: "p", line: "p"}]}',
    ).replace('image: "x"', 'image: "y"'),
  );
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`line\` is missing
      --> proofs/run-x.cue:4:55
      4 | 	boots: [{name: "b", ends: {how: "halt"}, landmarks: [{name: "up"}, {name: "x", any: [{name: "p", line: "p"}]}]}]
        | 	                                                     ^
      next: add the field at the place shown

    error[CAPOS_PROOF_FORM]: \`name\` cannot stand beside \`any\`, which has landmarks of its own
      --> proofs/run-x.cue:4:76
      4 | 	boots: [{name: "b", ends: {how: "halt"}, landmarks: [{name: "up"}, {name: "x", any: [{name: "p", line: "p"}]}]}]
        | 	                                                                          ^^^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: an equality needs at least two captures
      --> proofs/run-x.cue:5:9
      5 | 	same: [["b.up.n"]]
        | 	       ^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: a bound needs \`min\`, \`max\` or both
      --> proofs/run-x.cue:6:11
      6 | 	bounds: [{capture: "b.up.n"}]
        | 	         ^
      next: docs/proofs.md shows the forms of every part

    error[CAPOS_PROOF_FORM]: a size is written "512", "64Ki", "16Mi" or "1Gi", and is below 8 PiB
      --> proofs/run-x.cue:7:21
      7 | 	disks: data: size: "999999999999Gi"
        | 	                   ^^^^^^^^^^^^^^^^
      next: docs/proofs.md shows the forms of every part
    "
  `);
});

test("an image that does not exist", async () => {
  const { output } = await load(proof("").replace('image: "x"', 'image: "xs"'));
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_PROOF_REFERENCE]: there is no image \`xs\` in manifests/
      --> proofs/run-x.cue:3:9
      3 | 	image: "xs"
        | 	       ^^^^
      next: did you mean \`x\`?
    "
  `);
});

test("durations and sizes", () => {
  expect(["250ms", "5s", "2m", "5", "5h", "-1s", "1.5s", ""].map(parseDuration)).toEqual([
    250,
    5_000,
    120_000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(["512", "64Ki", "16Mi", "1Gi", "1KB", "Ki", "999999999999Gi"].map(parseSize)).toEqual([
    512,
    65_536,
    2 ** 24,
    2 ** 30,
    undefined,
    undefined,
    undefined,
  ]);
  expect([proofDefaults.within, proofDefaults.budgets.end].map(parseDuration)).not.toContain(undefined);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const value = parseDuration(text) ?? parseSize(text) ?? 0;
      expect(Number.isSafeInteger(value)).toBe(true);
    }),
  );
});
