import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { problem } from "../../base/index.ts";
import { inventory, missingPackages, toolchainCodes } from "../../toolchain/index.ts";
import type { SetupFlags } from "../commands/setup.ts";
import type { CliContext } from "../context.ts";

export async function setup(this: CliContext, flags: SetupFlags): Promise<void> {
  if (!setupPrograms(this, flags)) return;
  if (!flags.foreign && !flags.test) return;
  // Loaded here: it evaluates manifests.
  const { setupForeign } = await import("./setup-foreign.ts");
  await setupForeign(this, { dryRun: flags.dryRun, prefix: rootPrefix() });
}

function rootPrefix(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["sudo"];
}

/** Installs what the tool runs; false when it could not. */
function setupPrograms(context: CliContext, flags: SetupFlags): boolean {
  const refuse = (code: Extract<keyof typeof toolchainCodes, string>, text: string): false => {
    context.report([problem(toolchainCodes, code, text)]);
    return false;
  };
  const missing = missingPackages(
    inventory(join(context.root, ".capos", "cache")),
    flags.test ? "test" : "prove",
  );
  if (missing.length === 0) {
    context.print("No program is missing.");
    return true;
  }
  const names = missing.map((p) => p.name);
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...names];
  const commands = [["apt-get", "update"], install];
  const prefix = rootPrefix();
  for (const command of commands) context.print([...prefix, ...command].join(" "));
  if (flags.dryRun) return true;
  if (!existsSync("/usr/bin/apt-get")) {
    const text = `${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing`;
    return refuse("CAPOS_SETUP_NO_APT", text);
  }
  if (prefix.length > 0 && !existsSync("/usr/bin/sudo")) {
    return refuse("CAPOS_SETUP_NO_RIGHT", "installing packages needs root");
  }
  for (const command of commands) {
    const [program = "", ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
    const { status, signal } = spawnSync(program, rest, { stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) {
      const how = signal ?? `status ${status}`;
      return refuse("CAPOS_SETUP_FAILED", `${command.join(" ")} ended with ${how}`);
    }
  }
  return true;
}
