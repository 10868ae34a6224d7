/** A scratch checkout for tests that run the real command line; only *.test.ts import this. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const project = join(import.meta.dirname, "../..");
const copied = [
  "bin",
  "package.json",
  "package-lock.json",
  "Cargo.toml",
  "Cargo.lock",
  "cue.mod",
  "manifests",
  "proofs",
  "tasks",
  "kernel",
  "userspace",
];
/** Shared with the project: what is known by its content alone. Cargo's folder is not: cargo goes by times and paths. */
const shared = ["node_modules", "harness", ".capos/cache"];

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScratchTree {
  readonly root: string;
  capos(...argv: string[]): Ran;
  /** Starts without waiting; the process leads a group of its own, as a terminal's job does. */
  start(...argv: string[]): ChildProcess;
  edit(file: string, change: (text: string) => string): void;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Processes whose environment says that a run of this tree started them. */
  leftovers(): readonly string[];
  dispose(): void;
}

/** Runs the command line in the project itself: what that makes is there for every tree. */
export function inProject(...argv: readonly string[]): Ran {
  return run(project, argv);
}

function run(root: string, argv: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync("node", [join(root, "bin/capos.mjs"), ...argv], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** In the project, where the compiler's own libraries may be built already; a tree finds images by their content. */
export function buildInProject(...images: readonly string[]): void {
  for (const image of images) {
    const built = inProject("build", image);
    if (built.status !== 0) throw new Error(built.stderr);
  }
}

/**
 * Why kernels of others cannot be had here, for tests that then skip. CI has a network and must have them: there it
 * throws.
 */
export function whyNoForeign(): string | undefined {
  const fetched = inProject("setup", "--foreign");
  if (fetched.status === 0) return undefined;
  if (process.env["CI"] === "true") throw new Error(fetched.stderr);
  return fetched.stderr;
}

export function scratchTree(): ScratchTree {
  const root = mkdtempSync(join(tmpdir(), "capos-tree-"));
  const at = (file: string): string => join(root, file);
  for (const name of copied) {
    const from = join(project, name);
    if (existsSync(from))
      cpSync(from, at(name), { recursive: true, filter: (path) => !path.endsWith("/target") });
  }
  for (const name of shared) {
    mkdirSync(join(project, name), { recursive: true });
    mkdirSync(dirname(at(name)), { recursive: true });
    symlinkSync(join(project, name), at(name));
  }
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  return {
    root,
    capos: (...argv) => run(root, argv),
    start: (...argv) =>
      spawn("node", [at("bin/capos.mjs"), ...argv], {
        cwd: root,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    write,
    read: (file) => readFileSync(at(file), "utf8"),
    edit(file, change) {
      const before = readFileSync(at(file), "utf8");
      const after = change(before);
      if (after === before) throw new Error(`the edit of ${file} changed nothing`);
      write(file, after);
    },
    leftovers: () => runsOf(root).flatMap(processesOf),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function runsOf(root: string): readonly string[] {
  const runs = join(root, ".capos/runs");
  if (!existsSync(runs)) return [];
  // Two runs may begin in one second; their names are then in no order.
  const begun = (run: string): number => statSync(join(runs, run)).birthtimeMs;
  return readdirSync(runs).toSorted((a, b) => begun(a) - begun(b));
}

function processesOf(run: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/u.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`CAPOS_RUN=${run}`);
    } catch {
      return false;
    }
  });
}

/** Waits until it holds; gives up, for the test to fail, only where it never will. */
export async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 120_000; !holds() && performance.now() < end;) await sleep(20);
}

/** Replaces the tree's records by one open task that run-smoke closes, so that no test depends on what is done. */
export function oneOpenTask(tree: ScratchTree): void {
  rmSync(join(tree.root, "tasks"), { recursive: true });
  tree.write("tasks/state.yaml", "selected: sample\n");
  tree.write(
    "tasks/milestones/sample.md",
    "---\nid: sample\ntitle: A sample\nstatus: open\ntasks: [sample-smoke]\nclaims: [It runs.]\nnon_claims: [It is fast.]\n---\n",
  );
  const record = [
    "id: sample-smoke",
    "title: A program prints",
    "status: ready",
    "milestone: sample",
    "priority: high",
    "slice_class: behavior",
    "depends_on: []",
    "conflict_domains: []",
    "write_scope: [kernel/]",
    "hazards: []",
    "closes_on:",
    "  - proof: run-smoke",
    "    boot: [direct, bios, uefi]",
    "    landmarks:",
    "      smoke.ring: {completed: 16}",
    "      smoke.done: {}",
  ];
  tree.write("tasks/sample-smoke.md", `---\n${record.join("\n")}\n---\n\nA sample.\n`);
  const written = tree.capos("task", "status", "--write");
  if (written.status !== 0) throw new Error(written.stderr);
}
