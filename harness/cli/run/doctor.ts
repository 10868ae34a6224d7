import { existsSync } from "node:fs";
import { join } from "node:path";
import { probeAccelerator } from "../../machine/index.ts";
import { inventory, missingPackages, rustSources } from "../../toolchain/index.ts";
import type { DoctorFlags } from "../commands/doctor.ts";
import type { CliContext } from "../context.ts";

interface Finding {
  readonly what: string;
  readonly state: "ok" | "missing" | "broken" | "note";
  readonly detail: string;
  readonly mend?: string;
}

export async function doctor(this: CliContext, flags: DoctorFlags): Promise<void> {
  const cache = join(this.root, ".capos", "cache");
  const found = inventory(cache);
  const findings: Finding[] = [
    { what: "node", state: "ok", detail: process.versions.node },
    npmPackages(this.root),
    ...found.map(({ package: p, version, missing }): Finding => {
      const aside = { prove: "", look: " (optional)", test: " (tests only)" }[p.when];
      const use = `${p.use}${aside}`;
      if (version === undefined) return { what: p.name, state: "missing", detail: use };
      if (missing.length > 0)
        return { what: p.name, state: "broken", detail: `${missing.join(", ")} is not there` };
      return { what: p.name, state: "ok", detail: `${version}, ${use}` };
    }),
    compilerSources(),
    ...(await accelerator(cache)),
  ];
  const wanted = missingPackages(found, "prove");
  if (flags.json) this.print(JSON.stringify({ v: 1, findings }));
  else this.print(table(findings, wanted.length > 0, missingPackages(found, "test").length > 0));
  if (findings.some((f) => f.state === "broken") || wanted.length > 0) this.exit("tool");
}

function npmPackages(root: string): Finding {
  const there = existsSync(join(root, "node_modules", ".package-lock.json"));
  return there
    ? { what: "npm packages", state: "ok", detail: "as in package-lock.json" }
    : { what: "npm packages", state: "missing", detail: "node_modules", mend: "make setup" };
}

function compilerSources(): Finding {
  const dir = rustSources();
  return dir === undefined
    ? { what: "core and alloc", state: "missing", detail: "no /usr/src/rustc-*/library" }
    : { what: "core and alloc", state: "ok", detail: dir };
}

async function accelerator(cache: string): Promise<Finding[]> {
  if (!existsSync("/usr/bin/qemu-system-x86_64")) return [];
  const kvm = await probeAccelerator({ cacheDir: cache });
  const state = kvm.usable ? "ok" : "note";
  return [
    { what: "kvm", state, detail: `${kvm.usable ? "runs guests" : "not used, tcg instead"}: ${kvm.reason}` },
  ];
}

function table(findings: readonly Finding[], missing: boolean, missingForTests: boolean): string {
  const width = Math.max(...findings.map((f) => f.what.length));
  const lines = findings.map((f) => `${f.state.padStart(8)}  ${f.what.padEnd(width)}  ${f.detail}`);
  for (const f of findings) if (f.mend !== undefined) lines.push("", `To mend ${f.what}: ${f.mend}`);
  if (missing) lines.push("", "To mend it: capos setup");
  else if (missingForTests)
    lines.push("", "All that proofs need is here. For the tests as well: capos setup --test");
  else lines.push("", "Nothing is missing.");
  return lines.join("\n");
}
