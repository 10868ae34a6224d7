import { fail, nearest, ok, problem, type Result } from "../../base/index.ts";
import type { BootSpec, Proof } from "../../contract/index.ts";
import { createSupervisor, watchInterrupts } from "../../process/index.ts";
import { proveCodes, type Stopped } from "../../prove/index.ts";
import type { DebugFlags } from "../commands/debug.ts";
import type { CliContext } from "../context.ts";
import { proveOnce } from "../prove/attempt.ts";
import { debugMachine } from "../prove/debugger.ts";
import { select } from "../prove/select.ts";
import { newRun } from "../prove/session.ts";

/** Nothing of a run but one machine, told in lines: a live view and a debugger do not share a terminal. */
const plainly = {
  all: false,
  failed: false,
  list: false,
  mutants: false,
  untilFail: false,
  failFast: false,
  retries: 0,
  cached: false,
  watch: false,
  record: false,
  freeze: false,
  cold: true,
  jobs: 1,
  reporter: [{ kind: "plain" }],
} as const;

export async function debug(this: CliContext, flags: DebugFlags, name: string): Promise<void> {
  const choice = flags.path === undefined ? {} : { boot: [flags.path] };
  const selected = await select(this.root, { ...plainly, ...choice }, [name]);
  if (!selected.ok) return this.report(selected.error);
  const [one] = selected.value.cases;
  if (one === undefined)
    return this.report([problem(proveCodes, "CAPOS_PROVE_NOTHING", "no proof was named")]);
  const boot = bootWith(one.proof, flags);
  if (!boot.ok) return this.report(boot.error);
  const interrupts = watchInterrupts();
  const supervisor = createSupervisor(newRun());
  let worked: Result<number> | undefined;
  const attach = async (stopped: Stopped): Promise<void> => {
    worked = await debugMachine(this, {
      ...stopped,
      program: flags.debugger,
      exec: flags.exec ?? [],
      supervisor,
      stopping: interrupts.stopping,
    });
  };
  // What the run says of itself must not stand between what a script reads of the debugger.
  const quiet: CliContext = { ...this, process: { ...this.process, stdout: this.process.stderr } };
  try {
    const wish = { boot: boot.value.name, at: flags.at, attach };
    const cases = { ...selected.value, cases: [one] };
    const exit = await proveOnce(quiet, { ...plainly, debug: wish }, cases, interrupts);
    if (worked !== undefined && !worked.ok) this.report(worked.error);
    else this.exitWith(interrupts.cause()?.exit ?? worked?.value ?? exit ?? 1);
  } finally {
    await supervisor.close();
    interrupts.dispose();
  }
}

/** The boot that is meant, with a landmark that it has. */
function bootWith(proof: Proof, { at, boot: wanted }: DebugFlags): Result<BootSpec> {
  const boots = proof.boots.filter((boot) => wanted === undefined || boot.name === wanted);
  if (boots.length === 0) {
    const known = proof.boots.map((b) => b.name);
    return unknown(`${proof.name} has no boot \`${wanted ?? ""}\``, wanted ?? "", known);
  }
  const found = at === "entry" || at === "banner" ? boots[0] : boots.find((b) => landmarks(b).includes(at));
  if (found !== undefined) return ok(found);
  const where = wanted === undefined ? "no boot of it" : `boot \`${wanted}\``;
  return unknown(`${proof.name}: ${where} has a landmark \`${at}\``, at, boots.flatMap(landmarks));
}

function landmarks(boot: BootSpec): readonly string[] {
  return boot.chain.flatMap((item) =>
    item.kind === "one" ? [item.landmark.name] : item.landmarks.map((l) => l.name),
  );
}

function unknown(message: string, word: string, known: readonly string[]): Result<never> {
  const close = nearest(word, known);
  const next = close === undefined ? `it has ${known.join(", ")}` : `did you mean ${close}?`;
  return fail(problem(proveCodes, "CAPOS_DEBUG_UNKNOWN", message, { next }));
}
