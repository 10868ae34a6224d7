import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { options, shown, toolRoot, tree } from "./fixtures.ts";
import { loadImage } from "./index.ts";

const path = "manifests/storage-persist.cue";
const sound = readFileSync(join(toolRoot, path), "utf8");

/** What a user sees of the sound manifest with one thing changed. */
async function withFault(
  text: string,
  instead: string,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  expect(sound).toContain(text);
  const root = tree({ [path]: sound.replace(text, instead), ...others });
  return shown(root, await loadImage(root, "storage-persist", options));
}

test("the manifest that the faults are planted in is sound", async () => {
  expect(await withFault("image:", "image:")).toBe("fine");
});

test("an unknown binary", async () => {
  expect(await withFault('binary: "store-client"', 'binary: "store-cleint"')).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_BINARY]: the service \`store-client\` names the binary \`store-cleint\`, which the image does not declare
      --> manifests/storage-persist.cue:24:12
      24 | 			binary: "store-cleint"
         | 			        ^^^^^^^^^^^^^^
      next: did you mean \`store-client\`?
    "
  `);
});

test("an unknown kind of grant source", async () => {
  expect(await withFault('kind: "block"', 'kind: "blok"')).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_VALUE]: \`kind\` is "blok", but must be one of console, export, block, processSpawner, endpointFactory, bootPackage, notificationFactory, capabilityManager, systemStats, virtualMemory, frameAllocator
      --> manifests/storage-persist.cue:18:36
      18 | 				{name: "block", source: {kind: "blok", serial: "data"}},
         | 				                               ^^^^^^
      note: the schema asks for it here
      --> manifests/schema/image.cue:73:8
      73 | 	kind: =~"^(console|export|block|processSpawner|endpointFactory|bootPackage|notificationFactory|capabilityManager|systemStats|virtualMemory|frameAllocator)$"
         | 	      ^
      next: did you mean "block"?
    "
  `);
});

test("a grant from a service that does not exist", async () => {
  expect(await withFault('service: "store"', 'service: "stor"')).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_SOURCE]: there is no service \`stor\` to take the export \`store\` from
      --> manifests/storage-persist.cue:27:55
      27 | 				{name: "store", source: {kind: "export", service: "stor", export: "store"}, interface: "Store"},
         | 				                                                  ^^^^^^
      next: did you mean \`store\`?
    "
  `);
});

test("a value of the wrong type", async () => {
  expect(await withFault("wait:   true", 'wait:   "yes"')).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_VALUE]: \`wait\` is "yes", but must be true or false
      --> manifests/storage-persist.cue:29:12
      29 | 			wait:   "yes"
         | 			        ^^^^^
      note: the schema asks for it here
      --> manifests/schema/image.cue:56:9
      56 | 	wait?: bool
         | 	       ^
      next: correct the value at the place shown
    "
  `);
});

test("a missing field stands at the struct that lacks it", async () => {
  expect(await withFault('binary: "store"\n', "\n")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`binary\` of \`image."storage-persist".services.0\` is missing
      --> manifests/storage-persist.cue:13:3
      13 | 		{
         | 		^
      next: add \`binary\` here
    "
  `);
});

test("a syntax error", async () => {
  expect(await withFault('init: binary: "init"', 'init: binary "init"')).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_SYNTAX]: missing ',' in struct literal
      --> manifests/storage-persist.cue:10:15
      10 | 	init: binary "init"
         | 	             ^
      next: correct the text at the place shown
    "
  `);
});

test("a bracket that does not match is shown with the one that it should have closed", async () => {
  expect(await withFault("grants: [\n", "grants: {\n")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_SYNTAX]: \`]\` stands where \`}\` must close \`{\`
      --> manifests/storage-persist.cue:19:4
      19 | 			]
         | 			^
      note: \`{\` was opened here
      --> manifests/storage-persist.cue:16:12
      16 | 			grants: {
         | 			        ^
      next: correct the text at the place shown
    "
  `);
});

test("the field that decides what others are allowed is missing", async () => {
  expect(await withFault('kind: "block", ', "")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`kind\` of \`image."storage-persist".services.0.grants.1.source\` is missing
      --> manifests/storage-persist.cue:18:21
      18 | 				{name: "block", source: {serial: "data"}},
         | 				                ^^^^^^
      next: add \`kind\` here
    "
  `);
});

test("an unknown field", async () => {
  expect(await withFault('binary: "store"\n', 'binray: "store"\n')).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_FIELD]: there is no field \`binray\` in \`image."storage-persist".services.0\`
      --> manifests/storage-persist.cue:15:4
      15 | 			binray: "store"
         | 			^^^^^^
      next: did you mean \`binary\`?
    "
  `);
});

test("a name of another package, used without an import", async () => {
  const secret = { "manifests/profiles/secret.cue": 'package profiles\n\nhidden: "capos-init"\n' };
  expect(await withFault('crate: "capos-init"', "crate: profiles.hidden", secret)).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_REFERENCE]: \`profiles\` is not defined here
      --> manifests/storage-persist.cue:5:25
      5 | 		{name: "init", crate: profiles.hidden},
        | 		                      ^^^^^^^^
      next: import the package that defines it; if the text itself is meant, write "profiles"
    "
  `);
});

test("a name of the schema, which the joined text would resolve, used without an import", async () => {
  expect(await withFault('crate: "capos-init"', "crate: #Binary.crate")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_REFERENCE]: \`#Binary\` is not defined here
      --> manifests/storage-persist.cue:5:25
      5 | 		{name: "init", crate: #Binary.crate},
        | 		                      ^^^^^^^
      next: correct the name, or import the package that defines it
    "
  `);
});

test("a package that does not exist", async () => {
  const text = 'import "capos.org/manifests/profile"\n\nimage:';
  const profiles = { "manifests/profiles/p.cue": "package profiles\n\nA: 1\n" };
  expect(await withFault("image:", text, profiles)).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_IMPORT]: there is no package "capos.org/manifests/profile"
      --> manifests/storage-persist.cue:1:8
      1 | import "capos.org/manifests/profile"
        |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      next: did you mean "capos.org/manifests/profiles"?
    "
  `);
});

test("what depends on how a file is loaded", async () => {
  expect(await withFault('crate: "capos-init"', "crate: string @tag(crate)")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_REFUSED]: the attribute @tag is refused: a file must mean the same however it is loaded
      --> manifests/storage-persist.cue:5:32
      5 | 		{name: "init", crate: string @tag(crate)},
        | 		                             ^^^^^^^^^^^
      next: remove the attribute; write the two cases as two files
    "
  `);
  expect(await withFault("image:", "@if(debug)\n\npackage x\n\nimage:")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_REFUSED]: the attribute @if is refused: a file must mean the same however it is loaded
      --> manifests/storage-persist.cue:1:1
      1 | @if(debug)
        | ^^^^^^^^^^
      next: remove the attribute; write the two cases as two files
    "
  `);
});

test("a value that is given twice", async () => {
  expect(await withFault("expect: 0", "expect: 0\n\t\t\texpect: 1")).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_VALUE]: \`expect\` is both 0 and 1
      --> manifests/storage-persist.cue:31:12
      31 | 			expect: 1
         | 			        ^
      next: correct the value at the place shown
    "
  `);
});

test("a file that declares something else than it is named after", async () => {
  expect(await withFault('"storage-persist"', '"storage-persits"')).toMatchInlineSnapshot(`
    "error[CAPOS_MANIFEST_NAME]: this file declares the image \`storage-persits\`, but it is the file of \`storage-persist\`
      --> manifests/storage-persist.cue:1:8
      1 | image: "storage-persits": {
        |        ^^^^^^^^^^^^^^^^^
      next: call it "storage-persist", or move it to manifests/storage-persits.cue
    "
  `);
});

test("all errors of one phase are shown, and none of a later one", async () => {
  const wrongTypes = sound.replace("wait:   true", "wait: 1").replace("expect: 0", 'expect: "0"');
  const andMissing = wrongTypes.replace('binary: "store"\n', "\n").replace('"capos-init"', "7");
  const root = tree({ [path]: andMissing });
  const output = shown(root, await loadImage(root, "storage-persist", options));
  expect(output.match(/^(?:error| +-->).*/gmu)?.filter((l) => !l.includes("schema"))).toMatchInlineSnapshot(`
    [
      "error[CAPOS_CUE_VALUE]: \`crate\` is 7, but must be a string",
      "  --> manifests/storage-persist.cue:5:25",
      "error[CAPOS_CUE_VALUE]: \`wait\` is 1, but must be true or false",
      "  --> manifests/storage-persist.cue:29:10",
      "error[CAPOS_CUE_VALUE]: \`expect\` is "0", but must be an integer",
      "  --> manifests/storage-persist.cue:30:12",
    ]
  `);
});

test("docs/manifests.md shows the example and the errors as they are", async () => {
  const page = readFileSync(join(toolRoot, "docs/manifests.md"), "utf8");
  const blocks = [...page.matchAll(/```(\w*)\n(.*?)```/gsu)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
  expect(blocks.filter((b) => b.language === "cue")[0]?.text).toBe(sound);
  const outputs = [
    await withFault('binary: "store-client"', 'binary: "store-cleint"'),
    await withFault('kind: "block"', 'kind: "blok"'),
    await withFault("wait:   true", 'wait:   "yes"'),
    await withFault('binary: "store"\n', "\n"),
    await withFault('init: binary: "init"', 'init: binary "init"'),
  ];
  expect(blocks.filter((b) => b.language === "").map((b) => b.text)).toEqual(outputs);
});
