import { fail, ok, problem, type Result } from "../../../base/index.ts";
import type { System } from "../../../machine/index.ts";
import { runTool, type Supervisor } from "../../../process/index.ts";
import { benchCodes } from "../codes.ts";
import { type Figures, readFigures } from "./figures.ts";

/** A kernel that the emulator loads itself. */
export type DirectSystem = Extract<System, { readonly path: "direct" }>;

/**
 * The machine on which both kernels are measured. One instruction is one nanosecond of its time and one tick of its
 * time-stamp counter; nothing from outside (clock, random numbers) differs from one run to the next.
 */
export function countingMachine(system: DirectSystem): readonly [string, ...string[]] {
  const counting = "-icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01T00:00:00,clock=vm";
  const machine = `-machine q35 -accel tcg -cpu max -smp 1 -m 256M ${counting}`;
  const devices = "-nodefaults -no-user-config -no-reboot -display none -serial stdio";
  return [
    "qemu-system-x86_64",
    ...`${machine} ${devices} -device isa-debug-exit,iobase=0xf4,iosize=4`.split(" "),
    ...(system.module === undefined ? [] : ["-initrd", system.module]),
    ...(system.commandLine === undefined ? [] : ["-append", system.commandLine]),
    "-kernel",
    system.kernel,
  ];
}

/** Some hundred times what it takes on a slow host. */
const deadlineMs = 600_000;

/** Boots a measuring guest to its end and reads what it says. */
export async function measureOn(
  supervisor: Supervisor,
  name: string,
  system: DirectSystem,
): Promise<Result<Figures>> {
  const ran = await runTool(supervisor, countingMachine(system), { deadlineMs });
  if (!ran.ok) return ran;
  const console = ran.value.stdout.text;
  const figures = readFigures(console);
  if (figures.ok) return ok(figures.value);
  return fail(unmeasured(name, figures.error, `${console}${ran.value.stderr.text}`));
}

export function unmeasured(name: string, why: string, said: string): ReturnType<typeof problem> {
  const detail = said.split("\n").slice(-20).join("\n");
  return problem(benchCodes, "CAPOS_BENCH_GUEST", `the guest of ${name} gives no figures: ${why}`, {
    detail,
  });
}
