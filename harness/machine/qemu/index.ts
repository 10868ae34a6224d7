import { type Result, ok } from "../../base/index.ts";
import type { Supervisor } from "../../process/index.ts";
import type { AcceleratorChoice, BootPlan, Machine } from "../types.ts";
import { qemuArgv } from "./argv.ts";
import { type QemuBoot, bootQemu } from "./boot.ts";
import { hostFacts, installedFacts } from "./facts.ts";
import { findQemu } from "./paths.ts";

export interface QemuOptions {
  readonly supervisor: Supervisor;
  readonly accelerator: AcceleratorChoice;
  /** Name or path of the emulator; `qemu-system-x86_64` unless given. */
  readonly qemu?: string;
  /** Where facts of unchanged files are kept between runs; without it they are gathered each time. */
  readonly cacheDir?: string;
  /** Where the emulator runs, and from where relative paths of a request are meant. */
  readonly cwd?: string;
}

export interface QemuMachine extends Machine {
  readonly target: "qemu";
  start(plan: BootPlan): Promise<Result<QemuBoot>>;
}

/** The emulator of this host. Fails when it is not installed; starts nothing yet. */
export function openQemu(options: QemuOptions): Result<QemuMachine> {
  const { supervisor, accelerator, cacheDir } = options;
  const found = findQemu(options.qemu);
  if (!found.ok) return found;
  const paths = found.value;
  const running = new Set<QemuBoot>();

  return ok({
    target: "qemu",
    freshness: "echoed",
    async facts() {
      const installed = await installedFacts(supervisor, paths, cacheDir);
      if (!installed.ok) return installed;
      const { version, firmware } = installed.value;
      return ok({
        target: "qemu",
        emulator: { path: paths.qemu, version },
        accelerator,
        host: hostFacts(),
        firmware,
      });
    },
    plan(request) {
      const argv = qemuArgv(paths, accelerator.accelerator, request);
      if (!argv.ok) return argv;
      const firmware = request.system.path === "uefi" ? Object.values(paths.ovmf ?? {}) : [];
      return ok({ request, argv: argv.value, firmware });
    },
    async start(plan) {
      const [program = paths.qemu, ...args] = plan.argv;
      const started = await bootQemu(supervisor, [program, ...args], undefined, options.cwd, plan.request);
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
