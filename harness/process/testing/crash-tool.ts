/**
 * A stand-in for the whole tool, run as a process of its own by the crash tests: it starts the museum's most stubborn
 * programs under the run id in its first argument, says `ready`, and then lives until it is interrupted or killed. It
 * says `stopping` at the first interrupt.
 */
import { watchInterrupts } from "../interrupt.ts";
import { museum } from "./museum.ts";
import { createSupervisor } from "../supervisor.ts";

const [, , run = "", how = "patient"] = process.argv;
const supervisor = createSupervisor(run);
const interrupts = watchInterrupts();
let ready = 0;
const said = (): void => {
  if (++ready === 3) process.stdout.write("ready\n");
};
await supervisor.start({ argv: museum.escapesSilently });
await supervisor.start({ argv: museum.obedient, onOutput: said });
await supervisor.start({ argv: museum.forks, onOutput: said });
// In its patience it waits longer for a job to obey than anybody waits for the tool.
await supervisor.start({
  argv: museum.ignoresTerm,
  onOutput: said,
  graceMs: how === "patient" ? 60_000 : 100,
});

interrupts.killing.addEventListener("abort", () => void supervisor.stopAll("kill", "interrupted"));
await new Promise((resolve) => {
  const stay = setInterval(() => {}, 1_000);
  interrupts.stopping.addEventListener("abort", () => {
    process.stdout.write("stopping\n");
    clearInterval(stay);
    resolve(undefined);
  });
});
await supervisor.stopAll("ask", "interrupted");
await supervisor.close();
process.exitCode = interrupts.cause()?.exit ?? 0;
interrupts.dispose();
