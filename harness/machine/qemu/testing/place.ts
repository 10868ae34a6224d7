import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Scenario } from "./fake-qemu.ts";

/** A scratch folder of tests, with programs made for them. */
export interface FakePlace {
  readonly folder: string;
  /** The path of a program that takes QEMU's command line and plays the scenario. */
  qemu(scenario: Scenario): string;
  /** A TypeScript file beside this one, made into a program for Node. Returns its path. */
  program(source: string): string;
  remove(): void;
}

export function makeFakePlace(): FakePlace {
  const folder = mkdtempSync(join(tmpdir(), "capos-machine-"));
  const program = (source: string): string => {
    const outfile = join(folder, `${source}.mjs`);
    const entry = join(import.meta.dirname, source);
    buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm" });
    return outfile;
  };
  const fake = program("fake-qemu.ts");
  return {
    folder,
    qemu(scenario) {
      const path = join(folder, `qemu-${randomUUID()}`);
      const quoted = JSON.stringify(scenario).replaceAll("'", `'\\''`);
      writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${fake}' '${quoted}' "$@"\n`);
      chmodSync(path, 0o755);
      return path;
    },
    program,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
