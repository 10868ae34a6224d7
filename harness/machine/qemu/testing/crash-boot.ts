/**
 * A stand-in for the whole tool, run as a process of its own by the crash tests: it boots two machines that never end
 * under the run id in its first argument, says `ready`, and then lives until it is interrupted or killed.
 */
import { randomUUID } from "node:crypto";
import { createSupervisor, watchInterrupts } from "../../../process/index.ts";
import { bootQemu } from "../boot.ts";
import { probeArgv } from "../probe.ts";

const [, , run = "", ...firmware] = process.argv;
const supervisor = createSupervisor(run);
const interrupts = watchInterrupts();
const boots = await Promise.all(
  firmware.map(async (rom) => {
    const boot = await bootQemu(supervisor, probeArgv("qemu-system-x86_64", "tcg", rom, randomUUID()));
    if (!boot.ok) throw new Error(JSON.stringify(boot.error));
    return boot.value;
  }),
);
process.stdout.write("ready\n");
interrupts.stopping.addEventListener("abort", () => {
  for (const boot of boots) boot.end("cut", "interrupted");
});
for (const boot of boots) for await (const _ of boot.inputs);
await supervisor.close();
process.exitCode = interrupts.cause()?.exit ?? 0;
interrupts.dispose();
