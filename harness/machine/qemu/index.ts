import { type Result, ok } from "../../base/index.ts";
import { type Supervisor, runTool } from "../../process/index.ts";
import type { AcceleratorChoice, BootPlan, Machine } from "../types.ts";
import { type QemuPaths, qemuArgv } from "./argv.ts";
import { type QemuBoot, bootQemu } from "./boot.ts";
import { firmwareFacts, hostFacts } from "./facts.ts";
import { findQemu } from "./paths.ts";

export interface QemuOptions {
  readonly supervisor: Supervisor;
  readonly accelerator: AcceleratorChoice;
  /** Name or path of the emulator; `qemu-system-x86_64` unless given. */
  readonly qemu?: string;
}

export interface QemuMachine extends Machine {
  readonly target: "qemu";
  start(plan: BootPlan): Promise<Result<QemuBoot>>;
}

/** The emulator of this host. Fails when it is not installed; starts nothing yet. */
export function openQemu(options: QemuOptions): Result<QemuMachine> {
  const { supervisor, accelerator } = options;
  const found = findQemu(options.qemu);
  if (!found.ok) return found;
  const paths = found.value;
  const running = new Set<QemuBoot>();

  return ok({
    target: "qemu",
    freshness: "echoed",
    async facts() {
      const asked = await runTool(supervisor, [paths.qemu, "--version"], { deadlineMs: 10_000 });
      if (!asked.ok) return asked;
      return ok({
        target: "qemu",
        emulator: { path: paths.qemu, version: versionIn(asked.value.stdout.text) },
        accelerator,
        host: hostFacts(),
        firmware: firmwareFacts(allFirmware(paths)),
      });
    },
    plan(request) {
      const argv = qemuArgv(paths, accelerator.accelerator, request);
      if (!argv.ok) return argv;
      const firmware =
        request.system.path === "uefi" && paths.ovmf !== undefined ? Object.values(paths.ovmf) : [];
      return ok({ request, argv: argv.value, firmware });
    },
    async start(plan) {
      const [program = paths.qemu, ...args] = plan.argv;
      const started = await bootQemu(supervisor, [program, ...args]);
      if (started.ok) {
        const boot = started.value;
        running.add(boot);
        void boot.ended.then(() => running.delete(boot));
      }
      return started;
    },
    async destroy() {
      const boots = [...running];
      for (const boot of boots) boot.end("cut", "interrupted");
      await Promise.all(boots.map((boot) => boot.ended));
    },
  });
}

function allFirmware(paths: QemuPaths): string[] {
  return paths.ovmf === undefined ? [] : [paths.ovmf.code, paths.ovmf.variables];
}

/** `QEMU emulator version 7.2.22 (Debian …)` on the first line. */
function versionIn(text: string): string {
  return /version (.+)/u.exec(text)?.[1] ?? "unknown";
}
