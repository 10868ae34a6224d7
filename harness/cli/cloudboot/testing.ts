/** What the tests of `capos cloudboot` share; only *.test.ts import this. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { qemuRoom, scriptedRoom } from "../../../cloud/fake/machines.ts";
import type { Nature } from "../../../cloud/fake/nature.ts";
import { type FakeProvider, startFake } from "../../../cloud/fake/server.ts";
import { createSupervisor } from "../../process/index.ts";
import { type Ran, type ScratchTree, scratchTree } from "../testing.ts";

const project = join(import.meta.dirname, "../../..");

export const local = ["--provider", "local"] as const;

/** A checkout of its own, with the cloud's room in it. */
export function cloudTree(): ScratchTree {
  const tree = scratchTree();
  symlinkSync(join(project, "cloud"), join(tree.root, "cloud"));
  return tree;
}

/** A provider that outlives the command: in the test's own process. */
export interface Elsewhere {
  readonly fake: FakeProvider;
  /** Makes the command use it. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

let providers = 0;

/** `real`: its instances are machines under QEMU. */
export async function elsewhere(
  tree: ScratchTree,
  kind: "real" | "scripted",
  nature: Partial<Nature> = {},
): Promise<Elsewhere> {
  const name = `provider-${++providers}`;
  const supervisor = createSupervisor(`cloud-test-${process.pid}-${name}`);
  const folder = join(tree.root, name);
  mkdirSync(folder);
  const fake = await startFake({
    project: "local-project",
    zones: ["local-west1-a", "local-west1-b"],
    bucket: "local-bucket",
    folder,
    supervisor,
    room: kind === "real" ? qemuRoom(supervisor) : scriptedRoom(() => "no kernel\n"),
    nature: kind === "real" ? nature : { disks: false, ...nature },
  });
  return {
    fake,
    env: { CAPOS_CLOUD_ENDPOINT: fake.endpoint },
    async close() {
      await fake.close();
      await supervisor.close();
    },
  };
}

export interface RunOfCommand extends Ran {
  readonly signal: NodeJS.Signals | null;
}

/** Runs the command without blocking this process, which may hold the provider; `during` may disturb it. */
export async function capos(
  tree: ScratchTree,
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
  during: (child: ChildProcess, said: () => string) => void = () => {},
): Promise<RunOfCommand> {
  const child = spawn("node", [join(tree.root, "bin/capos.mjs"), ...argv], {
    cwd: tree.root,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (part) => (stdout += String(part)));
  child.stderr.on("data", (part) => (stderr += String(part)));
  const watch = setInterval(() => during(child, () => stderr), 1);
  await once(child, "close");
  clearInterval(watch);
  return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** The run's id, as the command has said it. */
export function runIn(text: string): string {
  return /\b\d{10}-[0-9a-f]{4}\b/u.exec(text)?.[0] ?? "";
}
