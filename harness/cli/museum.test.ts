/**
 * Guests and tools that misbehave, each proved by the real command line: each must end in its defined verdict, within
 * its budget, and leave nothing behind. Bad programs by themselves are in `harness/process`, bad emulators below the
 * engine in `harness/machine`; here the whole road is walked.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { diskOf, guests } from "./museum/guests.ts";
import { type Ran, runsOf, scratchTree } from "./testing.ts";

const tree = scratchTree();
const outside = mkdtempSync(join(tmpdir(), "capos-museum-"));
const temp = join(outside, "tmp");
afterAll(() => {
  tree.dispose();
  rmSync(outside, { recursive: true });
});

const proofOf = (name: string): string => `proof: "run-${name}": {
	title: "An exhibit"
	image: "museum-${name}"
	machine: {accel: "tcg", boot: ["bios"]}
	guest: {
		banner:  "museum guest starting"
		trailer: "museum guest halted status=<status:int>"
		exit:    "isa-debug-exit"
	}
	boots: [{
		name: "only"
		ends: {how: "halt"}
		budgets: {firmware: "6s", end: "2s"}
		landmarks: [{name: "exhibit", line: "[museum] exhibit", within: "2s"}]
	}]
}
`;

let before: readonly string[] = [];
beforeAll(() => {
  mkdirSync(temp);
  for (const [name, boot] of Object.entries(guests)) {
    const folder = join(tree.root, "museum");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.img`), diskOf(boot));
    tree.write(
      `manifests/museum-${name}.cue`,
      `image: "museum-${name}": {title: "An exhibit", kernel: {kind: "disk", path: "museum/${name}.img"}}\n`,
    );
    tree.write(`proofs/run-${name}.cue`, proofOf(name));
  }
  before = filesOf(tree.root);
});

/** Nothing lives on, and no file stands outside the runs and the caches. */
afterEach(() => {
  expect(tree.leftovers()).toEqual([]);
  expect(filesOf(tree.root)).toEqual(before);
  expect(readdirSync(temp)).toEqual([]);
  const inRuns = runsOf(tree.root).flatMap((run) => readdirSync(join(tree.root, ".capos/runs", run)));
  expect(inRuns.filter((name) => !/^(events\.jsonl|run-.+@bios)$/u.test(name))).toEqual([]);
});

function filesOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(".capos"))
    .toSorted();
}

interface Told extends Ran {
  readonly finished: Readonly<Record<string, unknown>> | undefined;
}

function prove(name: string, env: Readonly<Record<string, string>> = {}, wrap: readonly string[] = []): Told {
  const command = [
    ...wrap,
    "node",
    join(tree.root, "bin/capos.mjs"),
    "prove",
    `run-${name}`,
    "--reporter",
    "json",
  ];
  const [program = "", ...rest] = command;
  const { status, stdout, stderr } = spawnSync(program, rest, {
    cwd: tree.root,
    encoding: "utf8",
    env: { ...process.env, TMPDIR: temp, ...env },
    // Nothing here may hang; how long it takes is a matter of the host's other work.
    timeout: 240_000,
  });
  const events = stdout.split("\n").flatMap((line): readonly Record<string, unknown>[] => {
    const event: unknown = line === "" ? undefined : JSON.parse(line);
    return typeof event === "object" && event !== null ? [{ ...event }] : [];
  });
  const finished = events.find((e) => e["type"] === "case-finished");
  return { status, stdout, stderr, finished };
}

describe("a museum of bad guests", () => {
  test.each<[name: keyof typeof guests, verdict: string, cause: string, status: number]>([
    ["good", "proved", "", 0],
    ["silent", "no-progress", "the banner did not come within 6 s", 1],
    ["falls-silent", "no-progress", "`exhibit` did not come within 2 s", 1],
    ["floods", "no-progress", "`exhibit` did not come within 2 s", 1],
    ["half-a-character", "guest-died", "the emulator exited with code 33", 1],
    ["early", "refuted", "the guest halted, but `exhibit` was never seen", 1],
    ["twice", "refuted", "`exhibit` came twice", 1],
    ["loops-in-firmware", "no-progress", "the banner did not come within 6 s", 1],
    ["reboots", "guest-died", "the machine was reset", 1],
    ["triple-faults", "guest-died", "a triple fault while `exhibit` was awaited", 1],
    ["green-exit", "guest-died", "the emulator exited with code 33", 1],
  ])("%s is %s", (name, verdict, cause, status) => {
    const told = prove(name);
    expect(told.finished, told.stderr + told.stdout).toMatchObject({
      verdict,
      cause: expect.stringContaining(cause),
    });
    expect(told.status).toBe(status);
  });
});

describe("a museum of bad emulators", () => {
  const fake = join(outside, "fake-qemu.mjs");
  const real = process.env["PATH"] ?? "";

  beforeAll(() => {
    const source = join(import.meta.dirname, "../machine/qemu/testing/fake-qemu.ts");
    buildSync({ entryPoints: [source], outfile: fake, bundle: true, platform: "node", format: "esm" });
  });

  /** A PATH on which the emulator is this script; `$fake` plays a scenario. */
  function pathOf(name: string, script: string): string {
    const bin = join(outside, name);
    mkdirSync(bin);
    const file = join(bin, "qemu-system-x86_64");
    const version = 'case "$*" in *--version*) echo "QEMU emulator version 9.1.0 (a double)"; exit;; esac';
    writeFileSync(file, `#!/bin/sh\n${version}\n${script}\n`);
    chmodSync(file, 0o755);
    return `${bin}:${real}`;
  }

  const play = (scenario: object): string =>
    `exec '${process.execPath}' '${fake}' '${JSON.stringify(scenario)}' "$@"`;
  const starts = { serial: "museum guest starting\r\n" };

  test.each<[name: string, script: () => string, verdict: string, cause: string, status: number]>([
    [
      "ignores quit and SIGTERM",
      () => play({ ignoresQuit: true, ignoresTerm: true, steps: [starts] }),
      "no-progress",
      "`exhibit` did not come within 2 s",
      1,
    ],
    [
      "leaks a child",
      () => `setsid sleep 600 </dev/null >/dev/null 2>&1 &\n${play({ steps: [starts, { exit: 33 }] })}`,
      "guest-died",
      "the emulator exited with code 33",
      1,
    ],
    ["ends well without a word", () => "exit 0", "host-error", "could not be powered on", 7],
    [
      "refuses an option",
      () => play({ refuses: { stderr: "qemu: out of sorts", code: 1 }, steps: [] }),
      "host-error",
      "could not be powered on",
      7,
    ],
    [
      "floods 100 MB in one line",
      () => play({ steps: [starts, { flood: 100_000_000 }, { exit: 33 }] }),
      "guest-died",
      "the emulator exited with code 33",
      1,
    ],
    [
      "kills itself",
      () => play({ steps: [starts, { kill: "SIGSEGV" }] }),
      "guest-died",
      "the emulator was killed by SIGSEGV",
      1,
    ],
  ])("one that %s", (name, script, verdict, cause, status) => {
    const told = prove("good", { PATH: pathOf(name.replaceAll(" ", "-"), script()) });
    expect(told.finished, told.stderr + told.stdout).toMatchObject({
      verdict,
      cause: expect.stringContaining(cause),
    });
    expect(told.status).toBe(status);
  });

  const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0;
  test.skipIf(!canMount)("one whose console fills the disk is no verdict about the guest", () => {
    const runs = join(tree.root, ".capos/runs");
    const flood = play({ steps: [starts, { flood: 20_000_000 }, { exit: 33 }] });
    mkdirSync(runs, { recursive: true });
    const mount = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"';
    const told = prove("good", { PATH: pathOf("full", flood) }, ["unshare", "-rm", "sh", "-c", mount, runs]);
    expect(told.finished, told.stderr).toMatchObject({ verdict: "host-error" });
    expect(told.stdout).toContain("CAPOS_EVIDENCE_WRITE");
    expect(told.status, told.stderr).toBe(7);
    expect(told.stderr).not.toMatch(/^\s+at /mu);
  });
});
