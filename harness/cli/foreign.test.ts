/** Real boots of kernels that this tree does not build: each kind of image at least once. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCases, judgeAgain, verifyCase } from "../evidence/index.ts";
import { inProject, type ScratchTree, scratchTree, whyNoForeign } from "./testing.ts";

const project = join(import.meta.dirname, "../..");
const reason = whyNoForeign();

let tree: ScratchTree;
beforeAll(() => {
  tree = scratchTree();
});
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

/** Gives the tree a cache of its own, which shares only these folders with the project's. */
function ownCache(...kept: readonly string[]): string {
  const cache = join(tree.root, ".capos/cache");
  rmSync(cache);
  mkdirSync(cache);
  for (const name of kept) symlinkSync(join(project, ".capos/cache", name), join(cache, name));
  return cache;
}

function sharedCache(): void {
  const cache = join(tree.root, ".capos/cache");
  rmSync(cache, { recursive: true });
  symlinkSync(join(project, ".capos/cache"), cache);
}

/** The newest case of a proof, after every check of its evidence; a sentence for each that failed. */
function evidenceOf(proof: string, path: "direct" | "bios" | "uefi") {
  const [dir = ""] = findCases(join(tree.root, ".capos/runs"), proof, path);
  const report = verifyCase(tree.root, dir.slice(tree.root.length + 1), judgeAgain);
  if (report.case === undefined) throw new Error(JSON.stringify(report.problems));
  return { ...report.case, problems: report.problems.map((p) => p.message) };
}

describe.skipIf(reason !== undefined)("kernels out of Debian packages", () => {
  test("Linux boots twice, and its evidence says what it was made of and that it is fresh", () => {
    const ran = tree.capos("prove", "run-linux-first-boot");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .*run-linux-first-boot@direct$/mu);
    expect(ran.status).toBe(0);
    const { inputs, boots, verdict, problems } = evidenceOf("run-linux-first-boot", "direct");
    expect(problems).toEqual([]);
    expect(verdict.freshness).toBe("echoed");
    expect(Object.keys(inputs.programs)).toEqual(expect.arrayContaining(["bin/busybox", "init"]));
    expect(inputs.bootManifest.sha256).toBe(inputs.systemDigest);
    expect(inputs.image.recipe["kind"]).toBe("linux kernel");
    expect(Object.keys(inputs.declared.parts)).toEqual(
      expect.arrayContaining(["package linux-image-cloud-amd64", "package busybox-static"]),
    );
    for (const { boot } of boots) {
      const told = `capos.nonce=${boot.identity?.nonce ?? ""} capos.boot=${boot.index}`;
      expect(boot.argv).toContain(`console=ttyS0 panic=-1 ${told}`);
      expect(boot.argv.join(" ")).not.toContain(tree.root);
    }
    const [first, second] = boots.map((b) => b.disks["data"]);
    expect(second?.before).toBe(first?.after);
    expect(second?.after).not.toBe(first?.after);
  });

  test("Linux' words are judged: one that it does not say is missed, one that it must not say is found", () => {
    const file = "proofs/run-linux-first-boot.cue";
    const before = tree.read(file);
    tree.edit(file, (text) => text.replace("formatted blank disk", "formatted empty disk"));
    expect(tree.capos("prove", "run-linux-first-boot").stdout).toMatch(/^ +REFUTED /mu);
    tree.write(file, before);
    tree.edit(file, (text) => text.replace('{text: "Oops"}', '{text: "Freeing unused"}'));
    const ran = tree.capos("prove", "run-linux-first-boot");
    tree.write(file, before);
    expect(ran.stdout).toMatch(/^ +REFUTED .*Freeing unused/mu);
  });

  test("a Linux without an init panics, and has died", () => {
    const file = "manifests/linux-first-boot.cue";
    const before = tree.read(file);
    tree.edit(file, (text) =>
      text.replace('{path: "init", mode: "0755"', '{path: "sbin/nothing", mode: "0755"'),
    );
    const ran = tree.capos("prove", "run-linux-first-boot");
    tree.write(file, before);
    expect(ran.stdout).toMatch(/^ +GUEST-DIED .*VFS: Unable to mount root fs/mu);
    expect(ran.status).toBe(1);
  });

  test("Xen is started by multiboot with a kernel and an initramfs of its own", () => {
    const ran = tree.capos("prove", "run-xen-first-domain");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .*run-xen-first-domain@direct$/mu);
    const { inputs, boots, verdict, problems } = evidenceOf("run-xen-first-domain", "direct");
    expect([problems, verdict.freshness]).toEqual([[], "echoed"]);
    expect(Object.keys(inputs.programs)).toContain("module 1");
    expect(boots[0]?.boot.argv.join(" ")).toMatch(
      /-initrd \.capos\/cache\/objects\/[0-9a-f]{64} earlyprintk=xen,,keep quiet panic=-1,\.capos\/cache\/objects\//u,
    );
  });

  test("iPXE is started from its disk by UEFI, and what it cannot repeat is not claimed", () => {
    const ran = tree.capos("prove", "run-ipxe-disk");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .*run-ipxe-disk@uefi$/mu);
    const { inputs, verdict, problems } = evidenceOf("run-ipxe-disk", "uefi");
    expect([problems, verdict.freshness]).toEqual([[], "by-construction"]);
    expect([inputs.programs, inputs.image.recipe["disk"]]).toEqual([{}, inputs.kernel.sha256]);
  });

  test("a machine whose apt knows no packages yet is brought up to date once, and then fetches", () => {
    const bin = join(tree.root, "bin-of-test");
    const packages = join(project, ".capos/cache/packages");
    mkdirSync(bin);
    // Knows nothing before `update`, as in a fresh container.
    const script = `#!/bin/sh
echo "$*" >>${bin}/log
case "$1" in
  update) touch ${bin}/index ;;
  download) [ -e ${bin}/index ] || { echo "E: Unable to locate package $3" >&2; exit 100; }
    cp ${packages}/"$3"_*.deb . ;;
esac
`;
    writeFileSync(join(bin, "apt-get"), script, { mode: 0o755 });
    const cache = ownCache("cue");
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const argv = [join(tree.root, "bin/capos.mjs"), "setup", "--foreign"];
    const ran = spawnSync("node", argv, { cwd: tree.root, encoding: "utf8", env });
    const fetchedNames = readdirSync(join(cache, "packages")).filter((file) => file.endsWith(".deb"));
    sharedCache();
    expect(ran.status, ran.stderr).toBe(0);
    expect(fetchedNames.toSorted()).toEqual(
      readdirSync(packages)
        .filter((f) => f.endsWith(".deb"))
        .toSorted(),
    );
    const log = readFileSync(join(bin, "log"), "utf8").split("\n");
    expect(log.filter((line) => line === "update")).toHaveLength(1);
  });

  test("the same packages give the same bytes, in another place and at another time", () => {
    const facts = (): { files: Record<string, string>; systemDigest: string } =>
      JSON.parse(tree.capos("build", "linux-shell", "--json").stdout);
    const first = facts();
    ownCache("cue", "packages");
    const second = facts();
    sharedCache();
    const digests = (of: typeof first) => Object.values(of.files).map((path) => path.split("/").at(-1));
    expect(digests(second)).toEqual(digests(first));
    expect(second.systemDigest).toBe(first.systemDigest);
  });
});

describe("this tree's own kernel, as somebody else's", () => {
  const proof = (name: string, boot: string): string =>
    readFileSync(join(project, "proofs/run-smoke.cue"), "utf8")
      .replace('"run-smoke"', `"run-${name}"`)
      .replace('image: "smoke"', `image: "${name}"`)
      .replace(/boot: \[.*?\]/u, `boot: ${boot}`);

  beforeAll(() => {
    const out = join(tree.root, "foreign");
    const built = inProject("build", "smoke", "--out", out);
    expect(built.status, built.stderr).toBe(0);
    // By its own name it would be known as a file of this tree's build.
    copyFileSync(join(out, "capos.elf"), join(out, "kernel"));
    const pvh = '{kind: "pvh", path: "foreign/kernel"}';
    tree.write(
      "manifests/own-pvh.cue",
      `image: "own-pvh": {\n\tkernel: ${pvh}\n\tmodules: [{path: "foreign/smoke.bin"}]\n}\n`,
    );
    tree.write("proofs/run-own-pvh.cue", proof("own-pvh", '["direct"]'));
    tree.write(
      "manifests/own-disk.cue",
      'image: "own-disk": kernel: {kind: "disk", path: "foreign/smoke.raw"}\n',
    );
    tree.write("proofs/run-own-disk.cue", proof("own-disk", '["bios", "uefi"]'));
  }, 600_000);

  test("it tells what it was handed, and that is not what its image would be here", () => {
    const ran = tree.capos("prove", "run-own-pvh");
    expect(ran.stdout, ran.stderr).toMatch(/^ +REFUTED .*the banner says system=/mu);
  });

  // The kernel's banner states a digest that only this tree's build knows beforehand; here it is a word among others.
  const speech =
    '\tguest: {banner: "capos kernel starting nonce=<nonce:hex32> boot=<boot:int> system=<digest:hex64>", ' +
    'trailer: "[kernel] halted status=<status:int>", exit: "isa-debug-exit"}\n}\n';
  const speak = (name: string): void =>
    tree.edit(`proofs/run-${name}.cue`, (text) => text.replace(/\}\n$/u, speech));

  test("it boots as an ELF file with a PVH note, handed its module", () => {
    speak("own-pvh");
    const ran = tree.capos("prove", "run-own-pvh");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .*run-own-pvh@direct$/mu);
    expect(evidenceOf("run-own-pvh", "direct")).toMatchObject({
      problems: [],
      verdict: { freshness: "echoed" },
    });
  });

  test("it boots as a raw disk under BIOS and UEFI, which stays as it is", () => {
    speak("own-disk");
    const before = readFileSync(join(tree.root, "foreign/smoke.raw"));
    const ran = tree.capos("prove", "run-own-disk", "--boot", "all");
    expect(ran.stdout, ran.stderr).toMatch(/^ +SUMMARY .* 2 proved/mu);
    expect(readFileSync(join(tree.root, "foreign/smoke.raw")).equals(before)).toBe(true);
    expect(evidenceOf("run-own-disk", "uefi").problems).toEqual([]);
  });

  test("a path that it cannot take is refused by check and by prove, with its place", () => {
    tree.edit("proofs/run-own-disk.cue", (text) => text.replace('["bios", "uefi"]', '["bios", "direct"]'));
    const checked = tree.capos("check");
    expect(checked.stderr).toContain(
      "error[CAPOS_PROOF_PATH]: the image own-disk is of kind disk, which does not boot on direct\n  --> proofs/run-own-disk.cue:4:",
    );
    expect(checked.status).toBe(3);
    const ran = tree.capos("prove", "run-own-disk", "--boot", "direct");
    expect(ran.stdout + ran.stderr).toContain("CAPOS_PROVE_NO_PATH");
    expect(ran.status).toBe(4);
  });
});
