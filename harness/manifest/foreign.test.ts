import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { options, shown, shownProblems, toolRoot, tree } from "./fixtures.ts";
import { checkTree, type ForeignModel, listImages, loadImage, packagesOf, requestsOf } from "./index.ts";

const linux = 'kernel: {kind: "linux", package: "linux-image", path: "boot/vmlinuz-*"}';

async function load(text: string): Promise<ForeignModel | string> {
  const root = tree({ "manifests/x.cue": `image: x: {\n\t${text}\n}\n` });
  const loaded = await loadImage(root, "x", options);
  if (!loaded.ok) return shown(root, loaded);
  return loaded.value.kind === "capos" ? "an image of this tree's kernel" : loaded.value;
}

async function model(text: string): Promise<ForeignModel> {
  const loaded = await load(text);
  if (typeof loaded === "string") throw new Error(loaded);
  return loaded;
}

/** Codes, places and sentences, without the source lines between them. */
async function errors(text: string): Promise<readonly string[]> {
  const loaded = await load(text);
  if (typeof loaded !== "string") return ["fine"];
  return [...loaded.matchAll(/^error\[(\w+)\]: (.*)\n {2}--> \S+?:(\d+:\d+)/gmu)].map(
    ([, code, message, at]) => `${at} ${code}: ${message}`,
  );
}

test("a kernel alone, with what is meant when nothing is said", async () => {
  expect(await model(linux)).toMatchObject({
    kind: "linux",
    name: "x",
    title: "x",
    kernel: { package: "linux-image", path: "boot/vmlinuz-*", unpack: "none" },
    commandLine: "",
    identity: "command-line",
    modules: [],
    initramfs: undefined,
    warnings: [],
  });
  expect(await model('kernel: {kind: "disk", path: "images/a.raw"}')).toMatchObject({
    kind: "disk",
    kernel: { package: undefined, path: "images/a.raw" },
    identity: "none",
  });
});

test("an initramfs has files of packages and tree, texts, links and directories", async () => {
  const { initramfs } = await model(`${linux}
	initramfs: {
		files: [
			{path: "bin/busybox", package: "busybox-static", from: "bin/busybox", mode: "0755"},
			{path: "tool", from: "out/tool"},
			{path: "program", compile: "src/program.c", mode: "0755"},
			{path: "init", text: "#!/bin/sh\\n", mode: "0755"},
			{path: "bin/sh", link: "busybox"},
			{path: "tmp", directory: true, mode: "1777"},
			{path: "etc", directory: true},
		]
		drivers: {package: "linux-image", names: ["virtio_blk"]}
	}`);
  expect(initramfs?.files.map(({ path, mode, content }) => [path, mode.toString(8), content.kind])).toEqual([
    ["bin/busybox", "755", "source"],
    ["tool", "644", "source"],
    ["program", "755", "source"],
    ["init", "755", "text"],
    ["bin/sh", "777", "link"],
    ["tmp", "1777", "directory"],
    ["etc", "755", "directory"],
  ]);
  expect(initramfs?.files[2]?.content).toMatchObject({
    source: { package: undefined, path: "src/program.c", compile: true },
  });
  expect(initramfs?.drivers?.names.map((n) => n.name)).toEqual(["virtio_blk"]);
});

test("what is asked for is known by its use, and each package once", async () => {
  const image = await model(`kernel: {kind: "multiboot", package: "xen", path: "boot/xen.gz", unpack: "gzip"}
	modules: [{package: "linux-image", path: "boot/vmlinuz", commandLine: "quiet"}, {path: "policy"}]
	initramfs: {
		files: [{path: "a", package: "xen", from: "a"}, {path: "b", text: "b"}]
		drivers: {package: "linux-image", names: ["ext4"]}
	}`);
  expect(
    requestsOf(image).map(([use, source]) => `${use}: ${source.package ?? "tree"} ${source.path}`),
  ).toEqual([
    "kernel: xen boot/xen.gz",
    "module 1: linux-image boot/vmlinuz",
    "module 2: tree policy",
    "file a: xen a",
  ]);
  expect(packagesOf(image).map((p) => p.name)).toEqual(["xen", "linux-image"]);
});

test("fields of the one sort of image in the other are refused where they stand", async () => {
  expect(await errors(`${linux}\n\tinit: binary: "init"\n\tbinaries: []`)).toEqual([
    "3:8 CAPOS_MANIFEST_FORM: `init` is of images with this tree's kernel; this one has a `kernel`",
    "4:12 CAPOS_MANIFEST_FORM: `binaries` is of images with this tree's kernel; this one has a `kernel`",
  ]);
  expect(
    await errors('binaries: [{name: "i", crate: "i"}]\n\tinit: binary: "i"\n\tinitramfs: files: []'),
  ).toEqual([
    "4:2 CAPOS_MANIFEST_FORM: `initramfs` is of images with a `kernel` from elsewhere, and this one has none",
  ]);
});

test("an image without a kernel still needs its programs and its init", async () => {
  expect(await load('title: "t"')).toMatchInlineSnapshot(`
    "error[CAPOS_CUE_MISSING]: the field \`binaries\` of \`image.x\` is missing
      --> manifests/x.cue:1:11
      1 | image: x: {
        |           ^
      next: add \`binaries\` here

    error[CAPOS_CUE_MISSING]: the field \`init\` of \`image.x\` is missing
      --> manifests/x.cue:1:11
      1 | image: x: {
        |           ^
      next: add \`init\` here
    "
  `);
});

test("a kind takes only what it can be given", async () => {
  expect(
    await errors(
      'kernel: {kind: "disk", path: "a", commandLine: "b", identity: "none"}\n\tmodules: []\n\tinitramfs: files: []',
    ),
  ).toEqual([
    "2:49 CAPOS_MANIFEST_FORM: a kernel of kind disk has no `commandLine`",
    "2:64 CAPOS_MANIFEST_FORM: a kernel of kind disk has no `identity`",
    "3:11 CAPOS_MANIFEST_FORM: a kernel of kind disk has no `modules`",
    "4:13 CAPOS_MANIFEST_FORM: a kernel of kind disk has no `initramfs`",
  ]);
  expect(await errors(`${linux}\n\tmodules: [{path: "a"}]`)).toEqual(["fine"]);
  expect(await errors(`${linux}\n\tmodules: [{path: "a"}, {path: "b", commandLine: "c"}]`)).toEqual([
    "3:25 CAPOS_MANIFEST_FORM: a kernel of kind linux is handed one file: the initramfs, or a single module",
    "3:50 CAPOS_MANIFEST_FORM: a module of a kernel of kind linux has no command line of its own",
  ]);
  expect(await errors(`${linux}\n\tmodules: [{path: "a"}]\n\tinitramfs: files: []`)).toEqual([
    "3:12 CAPOS_MANIFEST_FORM: a kernel of kind linux is handed one file: the initramfs, or a single module",
  ]);
});

test("a file of an initramfs is one thing, in one place", async () => {
  const files = (list: string) => errors(`${linux}\n\tinitramfs: files: [${list}]`);
  expect(await files('{path: "a"}')).toEqual([
    "3:28 CAPOS_MANIFEST_FORM: a file of an initramfs has one of `from`, `compile`, `text`, `link`, `directory`; this one has none",
  ]);
  expect(await files('{path: "a", text: "", link: "b"}')).toEqual([
    "3:28 CAPOS_MANIFEST_FORM: a file of an initramfs has one of `from`, `compile`, `text`, `link`, `directory`; this one has `text` and `link`",
  ]);
  expect(await files('{path: "a", text: "", package: "busybox"}')).toEqual([
    "3:52 CAPOS_MANIFEST_FORM: `package` says where `from` is, and there is none",
  ]);
  expect(await files('{path: "a", text: ""}, {path: "a", text: "b"}')).toEqual([
    "3:51 CAPOS_MANIFEST_DUPLICATE: the initramfs has two files `a`",
  ]);
  expect(await files('{path: "a/b", text: ""}, {path: "a", text: "b"}')).toEqual([
    "3:28 CAPOS_MANIFEST_FORM: `a/b` lies in `a`, which is no directory",
  ]);
  expect(await files('{path: "a/b", text: ""}, {path: "a", directory: true}')).toEqual(["fine"]);
});

test("no path leaves its root, and a file of the tree is named in full", async () => {
  for (const path of ["../a", "a/../b", "a//b", "a/./b"]) {
    expect(await errors(`kernel: {kind: "linux", package: "p-q", path: "${path}"}`)).toEqual([
      expect.stringContaining("does not go down only") as unknown,
    ]);
    expect(await errors(`${linux}\n\tinitramfs: files: [{path: "${path}", text: ""}]`)).toEqual([
      expect.stringContaining("does not go down only") as unknown,
    ]);
  }
  expect(await errors('kernel: {kind: "linux", path: "boot/vmlinuz-*"}')).toEqual([
    "2:32 CAPOS_MANIFEST_FORM: a file of the tree is named without `*`",
  ]);
  expect(await errors('kernel: {kind: "linux", path: "/boot/vmlinuz"}')).toEqual([
    expect.stringContaining('CAPOS_CUE_VALUE: `path` is "/boot/vmlinuz", but must be of the form') as unknown,
  ]);
});

test("an unknown kind is answered with the kinds", async () => {
  expect((await errors('kernel: {kind: "multibot", path: "a"}'))[0]).toBe(
    '2:17 CAPOS_CUE_VALUE: `kind` is "multibot", but must be one of linux, multiboot, pvh, disk',
  );
});

const proof = (boot: string): string => `proof: "run-x": {
	title: "t"
	image: "x"
	${boot}
	boots: [{name: "b", ends: how: "halt", landmarks: [{name: "l", line: "x"}]}]
}
`;

test("a proof that names a path that the kernel cannot take is told where both stand", async () => {
  const images = {
    "manifests/x.cue": 'image: x: kernel: {kind: "disk", path: "a"}\n',
    "manifests/y.cue": `image: y: ${linux}\n`,
  };
  const root = tree({
    ...images,
    "proofs/run-x.cue": proof('machine: boot: ["bios", "direct"]'),
    "proofs/run-y.cue": proof('machine: boot: ["uefi"]').replace('"run-x"', '"run-y"').replace('"x"', '"y"'),
  });
  const { errors: found } = await checkTree(root, options);
  expect(shownProblems(root, found)).toMatchInlineSnapshot(`
    "error[CAPOS_PROOF_PATH]: the image x is of kind disk, which does not boot on direct
      --> proofs/run-x.cue:4:26
      4 | 	machine: boot: ["bios", "direct"]
        | 	                        ^^^^^^^^
      note: its kernel is declared here
      --> manifests/x.cue:1:40
      1 | image: x: kernel: {kind: "disk", path: "a"}
        |                                        ^^^
      next: name "bios" or "uefi" in machine.boot

    error[CAPOS_PROOF_PATH]: the image y is of kind linux, which does not boot on uefi
      --> proofs/run-y.cue:4:18
      4 | 	machine: boot: ["uefi"]
        | 	                ^^^^^^
      note: its kernel is declared here
      --> manifests/y.cue:1:65
      1 | image: y: kernel: {kind: "linux", package: "linux-image", path: "boot/vmlinuz-*"}
        |                                                                 ^^^^^^^^^^^^^^^^
      next: name "direct" in machine.boot
    "
  `);
});

test("docs/foreign-kernels.md shows the refusal as it is", async () => {
  const root = tree({
    "manifests/x.cue": 'image: x: kernel: {kind: "disk", path: "a"}\n',
    "proofs/run-x.cue": proof('machine: boot: ["bios", "direct"]'),
  });
  const { errors: found } = await checkTree(root, options);
  const page = readFileSync(join(toolRoot, "docs/foreign-kernels.md"), "utf8");
  expect(page).toContain(`\`\`\`\n${shownProblems(root, found)}\`\`\`\n`);
});

test("a proof of a disk that names no path means one that it cannot take", async () => {
  const root = tree({
    "manifests/x.cue": 'image: x: kernel: {kind: "disk", path: "a"}\n',
    "proofs/run-x.cue": proof(""),
  });
  const { errors: found } = await checkTree(root, options);
  expect(found.map((p) => [p.code, p.span?.line])).toEqual([["CAPOS_PROOF_PATH", 3]]);
});

test("the foreign images of this tree are read as what they are", async () => {
  const kinds = await Promise.all(
    listImages(toolRoot).map(async (name) => {
      const loaded = await loadImage(toolRoot, name, options);
      return loaded.ok && loaded.value.kind !== "capos" ? [`${name} ${loaded.value.kind}`] : [];
    }),
  );
  expect(kinds.flat()).toEqual(
    expect.arrayContaining([
      "ipxe-disk disk",
      "linux-first-boot linux",
      "linux-shell linux",
      "xen-first-domain multiboot",
    ]),
  );
});
