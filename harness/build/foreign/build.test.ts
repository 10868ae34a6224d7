import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../../base/index.ts";
import type { FileSource, ForeignModel } from "../../manifest/index.ts";
import { createSupervisor, type Supervisor } from "../../process/index.ts";
import { openStore } from "../store.ts";
import { buildForeign, type ForeignContext, type InitramfsEntry } from "./build.ts";
import { foreignInputs } from "./inputs.ts";
import { buildDeb, fakeLinux, kernelModule } from "./testing.ts";

let root = "";
let supervisor: Supervisor;
let packed: (readonly InitramfsEntry[])[] = [];
const path = process.env["PATH"];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "capos-foreign-"));
  supervisor = createSupervisor(`test-${randomUUID()}`);
  packed = [];
});
afterEach(async () => {
  process.env["PATH"] = path;
  await supervisor.close();
  // Neither what was fetched nor what was unpacked leaves anything behind.
  const left = readdirSync(join(cacheDir(), "packages"), { withFileTypes: true });
  expect(left.filter((entry) => entry.isDirectory())).toEqual([]);
  rmSync(root, { recursive: true });
});

const cacheDir = (): string => join(root, ".capos/cache");
const packages = (): string => join(cacheDir(), "packages");
const span = { file: "manifests/x.cue", line: 1, col: 1 };
const from = (name: string | undefined, file: string, unpack: FileSource["unpack"] = "none"): FileSource => ({
  package: name,
  path: file,
  unpack,
  span,
  spans: { package: span },
});

function model(changes: Partial<ForeignModel> = {}): ForeignModel {
  return {
    kind: "linux",
    name: "x",
    title: "x",
    kernel: from("linux", "boot/vmlinuz-*"),
    commandLine: "quiet",
    identity: "command-line",
    modules: [],
    initramfs: undefined,
    warnings: [],
    sources: [{ path: "manifests/x.cue", sha256: sha256("x") }],
    span,
    ...changes,
  };
}

function context(): ForeignContext {
  mkdirSync(packages(), { recursive: true });
  return {
    root,
    cacheDir: cacheDir(),
    supervisor,
    cache: { dir: join(cacheDir(), "actions"), store: openStore(join(cacheDir(), "objects")) },
    progress: () => {},
    onAction: () => {},
    packInitramfs: (entries) => {
      packed.push(entries);
      return Buffer.from(entries.map((e) => e.path).join("\n"));
    },
  };
}

function inTree(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
}

/** What a user would be told. */
async function refusal(of: ForeignModel): Promise<readonly string[]> {
  const built = await buildForeign(context(), of);
  return built.ok ? ["built"] : built.error.map((p) => `${p.code}: ${p.message}`);
}

async function built(of: ForeignModel) {
  const done = await buildForeign(context(), of);
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return done.value;
}

function linux(files: Readonly<Record<string, string | Uint8Array>> = {}, version = "6.1-1"): void {
  const kernel = { [`boot/vmlinuz-${version}`]: fakeLinux(version) };
  buildDeb(packages(), { name: "linux", version, files: { ...kernel, ...files } });
}

test("a kernel out of a package, found by the one star in its name", async () => {
  linux();
  const { kernel, packages: used, inputs, systemDigest, bootManifest } = await built(model());
  expect(kernel.sha256).toBe(sha256(fakeLinux("6.1-1")));
  expect(used.map((p) => [p.name, p.version])).toEqual([["linux", "6.1-1"]]);
  expect(Object.keys(inputs)).toEqual(["manifests/x.cue", "package linux"]);
  expect(systemDigest).toBe(bootManifest.sha256);
});

test("a metapackage stands for the one package of its own version", async () => {
  linux();
  const meta = { name: "linux-latest", version: "6.1-1" };
  const files = { "usr/share/doc/linux-latest/copyright": "free" };
  buildDeb(packages(), { ...meta, depends: "linux (= 6.1-1)", files });
  const done = await built(model({ kernel: from("linux-latest", "boot/vmlinuz-*") }));
  expect(done.packages.map((p) => p.name)).toEqual(["linux-latest", "linux"]);
  expect(Object.keys(done.inputs)).toContain("package linux");
});

test.each([
  ["another version", { depends: "linux (= 6.1-2)" }],
  ["any version", { depends: "linux" }],
  ["two packages", { depends: "linux (= 6.1-1), other (= 6.1-1)" }],
  ["one package, but has files of its own", { depends: "linux (= 6.1-1)", files: { "bin/own": "x" } }],
])("a package that depends on %s is no metapackage", async (_, spec) => {
  linux();
  buildDeb(packages(), { name: "linux-latest", version: "6.1-1", ...spec });
  expect(await refusal(model({ kernel: from("linux-latest", "boot/vmlinuz-*") }))).toEqual([
    "CAPOS_PACKAGE_FILE: linux-latest holds no file boot/vmlinuz-*",
  ]);
});

test("of two versions that lie here the higher one is used", async () => {
  linux({}, "6.1-9");
  linux({}, "6.1-10");
  expect((await built(model())).packages[0]?.version).toBe("6.1-10");
});

test("drivers bring what they need, each behind it, and each once", async () => {
  linux({
    "lib/modules/6/kernel/a/virtio.ko": kernelModule(),
    "lib/modules/6/kernel/a/virtio_ring.ko": kernelModule("virtio"),
    "lib/modules/6/kernel/b/virtio-net.ko": kernelModule("virtio_ring", "failover"),
    "lib/modules/6/kernel/b/failover.ko": kernelModule(),
    "lib/modules/6/kernel/b/virtio_blk.ko": kernelModule("virtio_ring"),
  });
  const names = ["virtio_net", "virtio_blk"].map((name) => ({ name, span }));
  const files = [{ path: "init", mode: 0o755, content: { kind: "text" as const, text: "#!" }, span }];
  const initramfs = { files, drivers: { package: "linux", names, span }, span };
  const { programs } = await built(model({ initramfs }));
  expect(Object.keys(programs)).toEqual([
    "init",
    "drivers/00-virtio.ko",
    "drivers/01-virtio_ring.ko",
    "drivers/02-failover.ko",
    "drivers/03-virtio_net.ko",
    "drivers/04-virtio_blk.ko",
  ]);
});

test("drivers that need each other in a circle end", async () => {
  linux({ "lib/a.ko": kernelModule("b"), "lib/b.ko": kernelModule("a") });
  const initramfs = { files: [], drivers: { package: "linux", names: [{ name: "a", span }], span }, span };
  expect(Object.keys((await built(model({ initramfs }))).programs).length).toBe(2);
});

test("compressed drivers are unpacked", async () => {
  const { execFileSync } = await import("node:child_process");
  const xz = execFileSync("xz", ["--compress", "--stdout"], { input: kernelModule() });
  linux({ "lib/a.ko.xz": xz });
  const initramfs = { files: [], drivers: { package: "linux", names: [{ name: "a", span }], span }, span };
  const { programs } = await built(model({ initramfs }));
  expect(programs["drivers/00-a.ko"]?.sha256).toBe(sha256(kernelModule()));
});

test("a driver that is not there is answered with the nearest", async () => {
  linux({ "lib/virtio_blk.ko": kernelModule("virtio_rnig"), "lib/virtio_ring.ko": kernelModule() });
  const names = ["virtio_blk"].map((name) => ({ name, span }));
  const initramfs = { files: [], drivers: { package: "linux", names, span }, span };
  const done = await buildForeign(context(), model({ initramfs }));
  expect(done.ok ? [] : done.error.map((p) => [p.code, p.next])).toEqual([
    ["CAPOS_FOREIGN_DRIVER", "did you mean `virtio_ring`?"],
  ]);
});

test("what a package holds is one plain file, and no link leads out of it", async () => {
  const secret = join(root, "secret");
  writeFileSync(secret, "s");
  const kernels = { "boot/vmlinuz-1": fakeLinux("1"), "boot/vmlinuz-2": fakeLinux("2"), "etc/x": "x" };
  const links = { "boot/link": secret, out: root };
  buildDeb(packages(), { name: "linux", version: "1", files: kernels, links });
  const take = (file: string) => refusal(model({ kernel: from("linux", file) }));
  expect(await take("boot/vmlinuz-*")).toEqual(["CAPOS_PACKAGE_FILE: boot/vmlinuz-* means 2 files of linux"]);
  expect(await take("boot/nothing")).toEqual(["CAPOS_PACKAGE_FILE: linux holds no file boot/nothing"]);
  expect(await take("boot/link")).toEqual(["CAPOS_PACKAGE_FILE: boot/link of linux is not a plain file"]);
  expect(await take("out/secret")).toEqual(["CAPOS_PACKAGE_FILE: linux holds no file out/secret"]);
  expect(await take("boot")).toEqual(["CAPOS_PACKAGE_FILE: boot of linux is not a plain file"]);
});

test("a package that is not here and cannot be fetched is a missing tool, with apt's own words", async () => {
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "apt-get"), "#!/bin/sh\necho 'E: Unable to locate package linux' >&2\nexit 100\n", {
    mode: 0o755,
  });
  process.env["PATH"] = bin;
  const done = await buildForeign(context(), model());
  expect(done).toMatchObject({
    ok: false,
    error: [
      { code: "CAPOS_PACKAGE_MISSING", exit: "tool", detail: "E: Unable to locate package linux", span },
    ],
  });
  rmSync(join(bin, "apt-get"));
  expect(await refusal(model())).toEqual([
    "CAPOS_PACKAGE_MISSING: the Debian package linux is not here, and there is no apt-get to fetch it with",
  ]);
});

test("what is fetched goes into its place whole, and is not fetched again", async () => {
  const bin = join(root, "bin");
  mkdirSync(bin);
  linux();
  const [deb = ""] = readdirSync(packages());
  const elsewhere = join(root, deb);
  writeFileSync(join(bin, "apt-get"), `#!/bin/sh\necho "$@" >>${root}/log\n/bin/cp ${elsewhere} .\n`, {
    mode: 0o755,
  });
  const { renameSync, readFileSync } = await import("node:fs");
  renameSync(join(packages(), deb), elsewhere);
  process.env["PATH"] = `${bin}:/usr/bin:/bin`;
  await built(model());
  await built(model());
  expect(readFileSync(join(root, "log"), "utf8")).toBe("download --option=APT::Sandbox::User=root linux\n");
});

test("a damaged package is named", async () => {
  context();
  writeFileSync(join(packages(), "linux_1_amd64.deb"), "no package");
  expect(await refusal(model())).toEqual(["CAPOS_PACKAGE_DAMAGED: linux_1_amd64.deb cannot be read"]);
});

test("files of the tree are taken where they are, and unpacked ones are kept", async () => {
  inTree("kernels/a", fakeLinux("a"));
  inTree("kernels/b.gz", gzipSync(fakeLinux("b")));
  context();
  const plain = await built(model({ kernel: from(undefined, "kernels/a") }));
  expect(plain.kernel.path).toBe(join(root, "kernels/a"));
  const wrapped = await built(model({ kernel: from(undefined, "kernels/b.gz", "gzip") }));
  expect(wrapped.kernel.sha256).toBe(sha256(fakeLinux("b")));
  expect(await refusal(model({ kernel: from(undefined, "kernels/a", "gzip") }))).toEqual([
    "CAPOS_FOREIGN_UNPACK: kernels/a is not what gzip made: incorrect header check",
  ]);
  expect(await refusal(model({ kernel: from(undefined, "kernels/c") }))).toEqual([
    "CAPOS_FOREIGN_FILE: kernels/c is not a file of this tree that can be read",
  ]);
  expect(await refusal(model({ kernel: from(undefined, "kernels") }))).toEqual([
    "CAPOS_FOREIGN_FILE: kernels is not a file of this tree that can be read",
  ]);
});

test("a changed file of the tree is seen, and its time alone changes nothing", async () => {
  inTree("kernels/a", fakeLinux("a"));
  context();
  const of = model({ kernel: from(undefined, "kernels/a") });
  const first = await built(of);
  utimesSync(join(root, "kernels/a"), 1, 1);
  expect((await built(of)).systemDigest).toBe(first.systemDigest);
  inTree("kernels/a", fakeLinux("b"));
  const changed = await built(of);
  expect(changed.systemDigest).not.toBe(first.systemDigest);
  expect(foreignInputs({ root, cacheDir: cacheDir() }, of)["kernels/a"]).toBe(sha256(fakeLinux("b")));
});

test("a kernel of another kind than it is said to be is refused before anything boots", async () => {
  inTree("kernels/a", fakeLinux("a"));
  context();
  expect(await refusal(model({ kind: "multiboot", kernel: from(undefined, "kernels/a") }))).toEqual([
    "CAPOS_FOREIGN_KERNEL: kernels/a has no multiboot header in its first 8 KiB",
  ]);
});

test("everything that is booted decides the system digest, and nothing else does", async () => {
  inTree("k", fakeLinux("a"));
  inTree("m", "module");
  context();
  const kernel = from(undefined, "k");
  const text = (t: string, mode = 0o755): ForeignModel["initramfs"] => ({
    files: [{ path: "init", mode, content: { kind: "text", text: t }, span }],
    drivers: undefined,
    span,
  });
  const modules = [{ source: from(undefined, "m"), commandLine: "a" }];
  const base = model({ kernel, initramfs: text("1"), modules });
  const digest = async (changes: Partial<ForeignModel>): Promise<string> =>
    (await built({ ...base, ...changes })).systemDigest;
  const first = await digest({});
  expect(await digest({ title: "another", sources: [] })).toBe(first);
  const others = await Promise.all([
    digest({ commandLine: "loud" }),
    digest({ modules: [{ source: from(undefined, "m"), commandLine: "b" }] }),
    digest({ modules: [] }),
    digest({ initramfs: undefined }),
    digest({ kernel: from(undefined, "k"), initramfs: { ...(text("1") ?? fail()), files: [] } }),
  ]);
  expect(new Set([first, ...others]).size).toBe(6);
});

function fail(): never {
  throw new Error("unreachable");
}

test("an initramfs is packed once for the same files", async () => {
  inTree("k", fakeLinux("a"));
  const of = (text: string): ForeignModel =>
    model({
      kernel: from(undefined, "k"),
      initramfs: {
        files: [{ path: "init", mode: 0o755, content: { kind: "text", text }, span }],
        drivers: undefined,
        span,
      },
    });
  context();
  await built(of("1"));
  await built(of("1"));
  expect(packed.length).toBe(1);
  await built(of("2"));
  expect(packed.length).toBe(2);
});

const compiled = (): ForeignModel =>
  model({
    kernel: from(undefined, "kernel"),
    initramfs: {
      files: [
        {
          path: "init",
          mode: 0o755,
          content: { kind: "source", source: { ...from(undefined, "main.c"), compile: true } },
          span,
        },
      ],
      drivers: undefined,
      span,
    },
  });

test("a C file of the tree becomes a static program, compiled again only when it has changed", async () => {
  writeFileSync(join(root, "kernel"), fakeLinux("k"));
  writeFileSync(join(root, "main.c"), "int main(void) { return 0; }\n");
  const actions: string[] = [];
  const watched = {
    ...context(),
    onAction: ({ name, cached }: { name: string; cached: boolean }) => actions.push(`${name} ${cached}`),
  };
  const first = await buildForeign(watched, compiled());
  const again = await buildForeign(watched, compiled());
  writeFileSync(join(root, "main.c"), "int main(void) { return 1; }\n");
  const other = await buildForeign(watched, compiled());
  if (!first.ok || !again.ok || !other.ok) throw new Error("it builds");
  expect(actions.filter((a) => a.startsWith("cc"))).toEqual([
    "cc main.c false",
    "cc main.c true",
    "cc main.c false",
  ]);
  const program = packed[0]?.[0]?.content;
  if (program?.kind !== "file") throw new Error("it is a file");
  expect(Buffer.from(program.bytes.subarray(0, 4)).toString("latin1")).toBe("\x7fELF");
  const digest = (image: typeof first.value) => image.programs["init"]?.sha256;
  expect(digest(again.value)).toBe(digest(first.value));
  expect(digest(other.value)).not.toBe(digest(first.value));
  expect(Object.keys(first.value.inputs)).toEqual(expect.arrayContaining(["main.c", "tool gcc", "C flags"]));
});

test("what the C compiler does not take is shown with its words", async () => {
  writeFileSync(join(root, "kernel"), fakeLinux("k"));
  writeFileSync(join(root, "main.c"), "int main(void) { return nothing; }\n");
  const built = await buildForeign(context(), compiled());
  if (built.ok) throw new Error("it does not build");
  expect(built.error[0]).toMatchObject({
    code: "CAPOS_BUILD_FAILED",
    message: "the C compiler does not take main.c",
    span,
    detail: expect.stringContaining("undeclared") as unknown,
  });
  rmSync(join(root, "main.c"));
  const missing = await buildForeign(context(), compiled());
  expect(missing.ok ? [] : missing.error.map((p) => p.code)).toEqual(["CAPOS_FOREIGN_FILE"]);
});
