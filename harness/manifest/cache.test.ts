import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nativeModel, options, put, shown, tree } from "./fixtures.ts";
import { engineStarts, loadImage, loadProof } from "./index.ts";

const files = {
  "cue.mod/module.cue": 'module: "test.example"\n',
  "manifests/schema/s.cue":
    "package schema\n\n#Image: {\n\ttitle?: string\n\tbinaries: [...]\n\tinit: _\n}\n",
  "manifests/schema/more.cue": "package schema\n\n#Unused: int\n",
  "manifests/x.cue": `package x

import "test.example/manifests/parts"

image: x: {
	title: parts.title
	binaries: [{name: "init", crate: "c"}]
	init: binary: "init"
}
`,
  "manifests/parts/p.cue": 'package parts\n\ntitle: "one"\n',
};

async function title(root: string): Promise<string> {
  const image = await loadImage(root, "x", options);
  return image.ok ? image.value.title : shown(root, image);
}

/** How many engines were started by what `run` did. */
async function started(run: () => Promise<unknown>): Promise<number> {
  const before = engineStarts();
  await run();
  return engineStarts() - before;
}

test("an unchanged package starts no engine, and a change anywhere in what it is made of is seen", async () => {
  const root = tree(files);
  expect(await title(root)).toBe("one");
  expect(await started(() => title(root))).toBe(0);
  put(root, "manifests/parts/p.cue", 'package parts\n\ntitle: "two"\n');
  expect(await title(root)).toBe("two");
  put(root, "manifests/parts/p.cue", files["manifests/parts/p.cue"]);
  expect(await started(async () => expect(await title(root)).toBe("one"))).toBe(0);
  put(root, "manifests/schema/more.cue", 'package schema\n\n#Image: title: =~"^t"\n');
  expect(await title(root)).toContain('`title` is "one", but must be of the form ^t');
});

test("a new file of a package, or of one that it imports, is seen", async () => {
  const root = tree(files);
  expect(await title(root)).toBe("one");
  put(root, "manifests/parts/q.cue", 'package parts\n\ntitle: "other"\n');
  expect(await title(root)).toContain("`title` is both");
});

test("positions come from the cache too", async () => {
  const root = tree(files);
  const [first, second] = [await nativeModel(root, "x"), await nativeModel(root, "x")];
  expect(first.binaries[0]?.span).toMatchObject({
    file: "manifests/x.cue",
    line: 7,
    col: 20,
  });
  expect(second).toEqual(first);
});

test("a failure is not kept", async () => {
  const root = tree({ ...files, "manifests/x.cue": "image: x: 1\n" });
  const [first, second] = [await title(root), await title(root)];
  expect(second).toBe(first);
  expect(() => readdirSync(join(root, ".capos"))).toThrow();
});

test("a cache that was damaged on disk is not believed", async () => {
  const root = tree(files);
  await title(root);
  const folder = join(root, ".capos/cache/cue");
  const [name = ""] = readdirSync(folder);
  const stored = readFileSync(join(folder, name), "utf8");
  for (const damage of [stored.slice(0, 200), stored.replace("one", "two"), "", `${stored} `]) {
    writeFileSync(join(folder, name), damage);
    expect(await title(root)).toBe("one");
  }
});

test("two at once do not disturb each other", async () => {
  const root = tree(files);
  expect(await Promise.all([title(root), title(root), title(root)])).toEqual(["one", "one", "one"]);
});

test("an unknown name says what it may have meant, and starts no engine", async () => {
  const root = tree({ ...files, "proofs/run-x.cue": "" });
  const run = async () => {
    expect(shown(root, await loadImage(root, "y", options))).toMatchInlineSnapshot(`
      "error[CAPOS_MANIFEST_UNKNOWN]: there is no image \`y\`
        next: images are the files of manifests/; \`capos plan\` lists what uses them
      "
    `);
    expect(shown(root, await loadProof(root, "run-y", options))).toMatchInlineSnapshot(`
      "error[CAPOS_PROOF_UNKNOWN]: there is no proof \`run-y\`
        next: did you mean \`run-x\`?
      "
    `);
    expect(shown(root, await loadImage(root, "../x", options))).toContain("CAPOS_MANIFEST_UNKNOWN");
    expect(shown(root, await loadImage(root, "schema", options))).toContain("CAPOS_MANIFEST_UNKNOWN");
  };
  expect(await started(run)).toBe(0);
});

test("what is no text is told as such, and a pipe is not waited for", async () => {
  const root = tree({ ...files, "manifests/Not A Name.cue": "" });
  symlinkSync("/nowhere", join(root, "manifests/link.cue"));
  execFileSync("mkfifo", [join(root, "manifests/pipe.cue")]);
  writeFileSync(join(root, "manifests/bytes.cue"), Buffer.from([0x61, 0xff, 0xfe]));
  writeFileSync(join(root, "manifests/long.cue"), "//".padEnd(3 << 20));
  const outputs: string[] = [];
  for (const name of ["link", "pipe", "bytes", "long", "Not A Name"]) {
    const image = await loadImage(root, name, options);
    if (!image.ok) outputs.push(...image.error.map((p) => `${p.code}: ${p.message}`));
  }
  expect(outputs.join("\n").replaceAll(root, "")).toMatchInlineSnapshot(`
    "CAPOS_CUE_READ: manifests/link.cue cannot be read: ENOENT: no such file or directory, stat '/manifests/link.cue'
    CAPOS_CUE_READ: manifests/pipe.cue is not a file
    CAPOS_CUE_READ: manifests/bytes.cue is not UTF-8 text
    CAPOS_CUE_LIMIT: manifests/long.cue has 3145728 bytes; 2097152 are allowed
    CAPOS_MANIFEST_NAME: \`Not A Name\` cannot be the name of an image"
  `);
});
