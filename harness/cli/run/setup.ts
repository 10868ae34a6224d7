import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { problem } from "../../base/index.ts";
import { inventory, missingPackages, toolchainCodes } from "../../toolchain/index.ts";
import type { SetupFlags } from "../commands/setup.ts";
import type { CliContext } from "../context.ts";

export function setup(this: CliContext, flags: SetupFlags): void {
  const missing = missingPackages(
    inventory(join(this.root, ".capos", "cache")),
    flags.test ? "test" : "prove",
  );
  if (missing.length === 0) {
    this.print("Nothing is missing.");
    return;
  }
  const names = missing.map((p) => p.name);
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...names];
  const commands = [["apt-get", "update"], install];
  const prefix = process.getuid?.() === 0 ? [] : ["sudo"];
  for (const command of commands) this.print([...prefix, ...command].join(" "));
  if (flags.dryRun) return;
  if (!existsSync("/usr/bin/apt-get")) {
    const text = `${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing`;
    return this.report([problem(toolchainCodes, "CAPOS_SETUP_NO_APT", text)]);
  }
  if (prefix.length > 0 && !existsSync("/usr/bin/sudo")) {
    return this.report([problem(toolchainCodes, "CAPOS_SETUP_NO_RIGHT", "installing packages needs root")]);
  }
  for (const command of commands) {
    const [program = "", ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
    const { status, signal } = spawnSync(program, rest, { stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) {
      const how = signal ?? `status ${status}`;
      return this.report([
        problem(toolchainCodes, "CAPOS_SETUP_FAILED", `${command.join(" ")} ended with ${how}`),
      ]);
    }
  }
}
