import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nativeModel, options, put, shown, shownProblems, toolRoot, tree } from "./fixtures.ts";
import { checkTree, kernelGrants, listImages, listProofs, loadImage, lower } from "./index.ts";

/** An image of which each test writes the part it is about. */
function image(services: string, binaries = ""): string {
  return `image: x: {
	binaries: [{name: "init", crate: "i"}, {name: "a", crate: "a"}${binaries}]
	init: binary: "init"
	services: [${services}]
}
`;
}

async function load(services: string, binaries = ""): Promise<string> {
  const root = tree({ "manifests/x.cue": image(services, binaries) });
  const loaded = await loadImage(root, "x", options);
  if (loaded.ok && loaded.value.warnings.length > 0) return shownProblems(root, loaded.value.warnings);
  return shown(root, loaded);
}

/** Codes and places of what is shown, which is enough where the words are tested elsewhere. */
function codes(output: string): readonly string[] {
  return output.match(/CAPOS_\w+|(?<=--> )\S+/gu) ?? [];
}

test("the image of DESIGN's example lowers to what init and the kernel read", async () => {
  const model = await nativeModel(toolRoot, "storage-persist");
  expect(lower(model, options.interfaces)).toMatchInlineSnapshot(`
    {
      "image": "storage-persist",
      "init": {
        "binary": "init",
        "grants": [
          {
            "name": "console",
            "source": {
              "kind": "console",
            },
          },
          {
            "name": "spawner",
            "source": {
              "kind": "processSpawner",
            },
          },
          {
            "name": "endpoints",
            "source": {
              "kind": "endpointFactory",
            },
          },
          {
            "name": "boot",
            "source": {
              "kind": "bootPackage",
            },
          },
          {
            "name": "block.data",
            "source": {
              "kind": "block",
              "value": "data",
            },
          },
        ],
      },
      "services": [
        {
          "args": [],
          "binary": "store",
          "expect": 0,
          "exports": [
            {
              "interfaceId": 6n,
              "name": "store",
            },
          ],
          "grants": [
            {
              "name": "console",
              "source": {
                "kind": "console",
              },
            },
            {
              "name": "block",
              "source": {
                "kind": "init",
                "value": "block.data",
              },
            },
          ],
          "name": "store",
          "wait": false,
        },
        {
          "args": [],
          "binary": "store-client",
          "expect": 0,
          "exports": [],
          "grants": [
            {
              "name": "console",
              "source": {
                "kind": "console",
              },
            },
            {
              "name": "store",
              "source": {
                "kind": "export",
                "value": {
                  "export": "store",
                  "service": "store",
                },
              },
            },
          ],
          "name": "store-client",
          "wait": true,
        },
      ],
    }
  `);
});

test("init holds its tools and each granted device once, whatever the services are", async () => {
  const grants = `{name: "a", binary: "a", grants: [
		{name: "s", source: kind: "processSpawner"}, {name: "e", source: kind: "endpointFactory"},
		{name: "b", source: kind: "bootPackage"}, {name: "d", source: {kind: "block", serial: "z"}}]},
		{name: "b", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "y"}}]}`;
  const root = tree({ "manifests/x.cue": image(grants) });
  const model = await nativeModel(root, "x");
  expect(kernelGrants(model).map((g) => g.name)).toEqual([
    "console",
    "spawner",
    "endpoints",
    "boot",
    "block.y",
    "block.z",
  ]);
  const held = new Set(kernelGrants(model).map((g) => g.name));
  for (const service of lower(model, options.interfaces).services)
    for (const { source } of service.grants) if (source.kind === "init") expect(held).toContain(source.value);
  expect(model.services[0]?.grants.map((g) => g.interface)).toEqual([
    "ProcessSpawner",
    "EndpointFactory",
    "BootPackage",
    "BlockDevice",
  ]);
});

test("a service may import from one that starts later, and from itself", async () => {
  const both = `{name: "a", binary: "a", grants: [{name: "x", source: {kind: "export", service: "b", export: "e"}}]},
		{name: "b", binary: "a", exports: [{name: "e", interface: "Store"}],
			grants: [{name: "own", source: {kind: "export", service: "b", export: "e"}}]}`;
  expect(await load(both)).toBe("fine");
});

test("names that are told apart must differ", async () => {
  const twice = `{name: "a", binary: "a"}, {name: "a", binary: "a",
		grants: [{name: "c", source: kind: "console"}, {name: "c", source: kind: "console"}],
		exports: [{name: "c", interface: "Store"}]}`;
  expect(codes(await load(twice, ', {name: "a", crate: "b"}'))).toEqual(
    [
      ["CAPOS_MANIFEST_DUPLICATE", "manifests/x.cue:2:73", "manifests/x.cue:2:48"],
      ["CAPOS_MANIFEST_DUPLICATE", "manifests/x.cue:4:46", "manifests/x.cue:4:20"],
      ["CAPOS_MANIFEST_DUPLICATE", "manifests/x.cue:5:57", "manifests/x.cue:5:19"],
      ["CAPOS_MANIFEST_DUPLICATE", "manifests/x.cue:6:20", "manifests/x.cue:5:19"],
    ].flat(),
  );
});

test("a block device has one holder", async () => {
  const disk = '{name: "d", source: {kind: "block", serial: "data"}}';
  const holders = `{name: "a", binary: "a", grants: [${disk}]}, {name: "b", binary: "a", grants: [${disk}]}`;
  expect(await load(holders)).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_SOLE]: the block device \`data\` is already held
      --> manifests/x.cue:4:157
      4 | 	services: [{name: "a", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}, {name: "b", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}]
        | 	                                                                                                                                                           ^
      note: it is granted here
      --> manifests/x.cue:4:67
      4 | 	services: [{name: "a", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}, {name: "b", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}]
        | 	                                                                 ^
      next: let one service hold the device and serve the others
    "
  `);
});

test("an export that does not exist, or has another interface", async () => {
  const grant = (
    source: string,
    extra = "",
  ) => `{name: "a", binary: "a", exports: [{name: "store", interface: "Store"}],
		grants: [{name: "x", source: {kind: "export", service: "a", export: "${source}"}${extra}}]}`;
  expect(await load(grant("stor"))).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_SOURCE]: the service \`a\` exports no \`stor\`
      --> manifests/x.cue:5:71
      5 | 		grants: [{name: "x", source: {kind: "export", service: "a", export: "stor"}}]}]
        | 		                                                                    ^^^^^^
      note: the service is declared here
      --> manifests/x.cue:4:20
      4 | 	services: [{name: "a", binary: "a", exports: [{name: "store", interface: "Store"}],
        | 	                  ^^^
      next: did you mean \`store\`?
    "
  `);
  expect(codes(await load(grant("store", ', interface: "Console"')))).toEqual([
    "CAPOS_MANIFEST_INTERFACE",
    "manifests/x.cue:5:92",
    "manifests/x.cue:4:75",
  ]);
});

test("what the ABI carries is the limit", async () => {
  const consoles = Array.from({ length: 8 }, (_, i) => `{name: "c${i}", source: kind: "console"}`).join(", ");
  const full = `{name: "a", binary: "a", args: [${'"x", '.repeat(16)}], grants: [${consoles}]}`;
  expect(await load(full)).toBe("fine");
  const more = `{name: "a", binary: "a", args: [${'"x", '.repeat(17)}], grants: [${consoles}],
		exports: [{name: "e", interface: "Store"}]}`;
  expect(codes(await load(more)).filter((c) => c.startsWith("CAPOS"))).toEqual([
    "CAPOS_MANIFEST_LIMIT",
    "CAPOS_MANIFEST_LIMIT",
  ]);
});

test("names that the console and the CapSet cannot carry are refused by the schema", async () => {
  for (const name of ["Store", "a/b", "", "kernel]", "x".repeat(25)]) {
    const output = await load(`{name: ${JSON.stringify(name)}, binary: "a"}`);
    expect(output).toContain("CAPOS_CUE_VALUE");
    expect(output).toContain("must be of the form ^[a-z0-9-]{1,24}$");
  }
});

test("what nobody uses is a warning", async () => {
  const unused = '{name: "a", binary: "a", exports: [{name: "e", interface: "Store"}]}';
  expect(await load(unused, ', {name: "spare", crate: "s"}')).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_UNUSED]: nothing runs the binary \`spare\`
      --> manifests/x.cue:2:73
      2 | 	binaries: [{name: "init", crate: "i"}, {name: "a", crate: "a"}, {name: "spare", crate: "s"}]
        | 	                                                                       ^^^^^^^
      next: remove it, or grant it to whom it is meant for

    error[CAPOS_MANIFEST_UNUSED]: nobody is granted the export \`e\` of \`a\`
      --> manifests/x.cue:4:55
      4 | 	services: [{name: "a", binary: "a", exports: [{name: "e", interface: "Store"}]}]
        | 	                                                     ^^^
      next: remove it, or grant it to whom it is meant for
    "
  `);
  const spawner = '{name: "a", binary: "a", grants: [{name: "s", source: kind: "processSpawner"}]}';
  expect(await load(spawner, ', {name: "spare", crate: "s"}')).toBe("fine");
});

test("an image may be a package of several files with shared parts", async () => {
  const root = tree({
    "manifests/x/a.cue": "package x\n\nimage: x: {\n\tbinaries: [_init]\n\tinit: binary: _init.name\n}\n",
    "manifests/x/b.cue":
      'package x\n\n_init: {name: "init", crate: "i"}\n\nimage: x: title: "From two files"\n',
  });
  const model = await nativeModel(root, "x");
  expect([model.title, model.init.binary]).toEqual(["From two files", "init"]);
  put(root, "manifests/x.cue", "image: x: {}\n");
  expect(shown(root, await loadImage(root, "x", options))).toContain(
    "is both the file manifests/x.cue and the folder",
  );
});

test("names come from files alone: nothing is read, and what is for others to import is no image", () => {
  const paths = [
    "b.cue",
    "a/x.cue",
    "schema/s.cue",
    "README.md",
    "profiles/p.cue",
    "_old.cue",
    "empty/x.txt",
  ];
  const root = tree(
    Object.fromEntries([...paths.map((p) => `manifests/${p}`), "proofs/run-a.cue"].map((p) => [p, "{{"])),
  );
  expect([listImages(root), listProofs(root), listImages(join(root, "nowhere"))]).toEqual([
    ["a", "b"],
    ["run-a"],
    [],
  ]);
});

test("the images and proofs of this tree are sound, and every proof's disks are there", async () => {
  const schema = readFileSync(join(toolRoot, "kernel/abi/capos.capnp"), "utf8");
  const found = [...schema.matchAll(/^interface (\w+) @(0x[0-9a-f]+)/gmu)];
  const interfaces = Object.fromEntries(found.map(([, name = "", id = "0"]) => [name, BigInt(id)]));
  const { errors, warnings } = await checkTree(toolRoot, { ...options, interfaces });
  expect(shownProblems(toolRoot, [...errors, ...warnings])).toBe("\n");
});

test("a proof without the disk that its image grants is told where both stand", async () => {
  const root = tree({
    "manifests/x.cue": image(
      '{name: "a", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}',
    ),
    "proofs/run-x.cue": `proof: "run-x": {
	title: "t"
	image: "x"
	disks: dta: size: "1Mi"
	boots: [{name: "b", ends: how: "halt", landmarks: [{name: "l", line: "x"}]}]
}
`,
  });
  const { errors } = await checkTree(root, options);
  expect(shownProblems(root, errors)).toMatchInlineSnapshot(`
    "error[CAPOS_PROOF_REFERENCE]: run-x has no disk \`data\`, which its image grants to \`a\`
      --> proofs/run-x.cue:4:9
      4 | 	disks: dta: size: "1Mi"
        | 	       ^^^
      note: the image grants it here
      --> manifests/x.cue:4:67
      4 | 	services: [{name: "a", binary: "a", grants: [{name: "d", source: {kind: "block", serial: "data"}}]}]
        | 	                                                                 ^
      next: declare it: disks: "data": size: "16Mi"
    "
  `);
});
