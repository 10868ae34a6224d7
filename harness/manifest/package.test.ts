import { expect, test } from "vitest";
import { options, shown, tree } from "./fixtures.ts";
import { engineStarts, loadImage } from "./index.ts";

/** What is shown of an image that imports `path`, in a tree with these other files. */
async function importing(path: string, others: Readonly<Record<string, string>> = {}): Promise<string> {
  const use = `import p ${JSON.stringify(path)}\n\nimage: x: {\n\tbinaries: p.list\n\tinit: binary: "init"\n}\n`;
  const root = tree({ "manifests/x.cue": use, ...others });
  return shown(root, await loadImage(root, "x", options));
}

const sound = 'list: [{name: "init", crate: "i"}]\n';

test("an import that is sound", async () => {
  const files = { "manifests/parts/a.cue": `package parts\n\n${sound}` };
  expect(await importing("capos.org/manifests/parts", files)).toBe("fine");
});

test("imports that cannot be followed are told before any engine is asked", async () => {
  const before = engineStarts();
  const outputs = [
    await importing("strngs"),
    await importing("example.com/elsewhere"),
    await importing("capos.org/manifests/../../etc"),
    await importing("capos.org/manifests/parts", { "manifests/parts/a.cue": `package other\n\n${sound}` }),
    await importing("capos.org/manifests/a", {
      "manifests/a/a.cue": 'package a\n\nimport "capos.org/manifests/b"\n\nlist: b.list\n',
      "manifests/b/b.cue": 'package b\n\nimport "capos.org/manifests/a"\n\nlist: a.list\n',
    }),
  ];
  const said = outputs.flatMap((o) => o.match(/^error.*|(?<=--> )\S+|next.*/gmu) ?? []);
  expect(said).toMatchInlineSnapshot(`
    [
      "error[CAPOS_CUE_IMPORT]: there is no package "strngs"",
      "manifests/x.cue:1:10",
      "next: did you mean "strings"?",
      "error[CAPOS_CUE_IMPORT]: there is no package "example.com/elsewhere"",
      "manifests/x.cue:1:10",
      "next: correct the import path; packages of this tree begin with the module name in cue.mod/module.cue",
      "error[CAPOS_CUE_IMPORT]: there is no package "capos.org/manifests/../../etc"",
      "manifests/x.cue:1:10",
      "next: correct the import path; packages of this tree begin with the module name in cue.mod/module.cue",
      "error[CAPOS_CUE_IMPORT]: "capos.org/manifests/parts" is imported as package parts, but manifests/parts/a.cue is package other",
      "manifests/x.cue:1:10",
      "next: write: package parts",
      "error[CAPOS_CUE_IMPORT]: packages import each other: capos.org/manifests/a → capos.org/manifests/b → capos.org/manifests/a",
      "manifests/b/b.cue:3:8",
      "next: correct the import path; packages of this tree begin with the module name in cue.mod/module.cue",
    ]
  `);
  expect(engineStarts()).toBe(before);
});

test("the files of a package agree on its name", async () => {
  const root = tree({ "manifests/x/a.cue": "package a\n", "manifests/x/b.cue": "package b\n" });
  expect(shown(root, await loadImage(root, "x", options))).toContain("the same package clause");
});

test("a field of another kind is told from one that does not exist", async () => {
  const grant = '{name: "c", source: {kind: "console", serial: "data"}}';
  const text = `image: x: {
	binaries: [{name: "init", crate: "i"}]
	init: binary: "init"
	services: [{name: "a", binary: "init", grants: [${grant}]}]
}
`;
  const root = tree({ "manifests/x.cue": text });
  expect(shown(root, await loadImage(root, "x", options))).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_FIELD]: there is no field \`serial\` in \`image.x.services.0.grants.0.source\`
      --> manifests/x.cue:4:88
      4 | 	services: [{name: "a", binary: "init", grants: [{name: "c", source: {kind: "console", serial: "data"}}]}]
        | 	                                                                                      ^^^^^^
      next: it belongs to another struct, or to another \`kind\` of this one
    "
  `);
});
