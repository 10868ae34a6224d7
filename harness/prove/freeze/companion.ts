import { rmSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "../../base/index.ts";
import type { BootInput, JudgeOutput } from "../../contract/index.ts";
import type { Companion, CompanionContext, Decided, Hand } from "../companion.ts";
import { Inspector } from "../inspect/inspector.ts";
import { linkedPrograms } from "../inspect/programs.ts";
import { debuggerSocket } from "../inspect/socket.ts";
import { type Frozen, gather } from "./freeze.ts";

/** Stops a machine whose boot has failed, looks inside, and leaves it as it is until `hold` settles. */
export function freezerOf(context: CompanionContext, hold: (frozen: Frozen) => Promise<void>): Companion {
  return new Freezer(context, hold);
}

class Freezer implements Companion {
  readonly #context: CompanionContext;
  readonly #hold: (frozen: Frozen) => Promise<void>;
  readonly #socket: string;
  #hand: Hand | undefined;
  #isDecided = false;

  constructor(context: CompanionContext, hold: (frozen: Frozen) => Promise<void>) {
    this.#context = context;
    this.#hold = hold;
    this.#socket = debuggerSocket(context);
  }

  /** A guest that resets itself is to stay where it is: only so can a triple fault be looked at. */
  started(hand: Hand): void {
    this.#hand = hand;
    void hand.monitor?.execute("set-action", { shutdown: "pause" });
  }

  /** What the guest ends by itself, as it should, must not be held. */
  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    if (said.some((what) => what.type === "decided")) this.#isDecided = true;
    if (this.#isDecided || input.kind !== "control") return;
    const { type } = input.event;
    if (type === "shutdown" || type === "reset") void this.#hand?.monitor?.execute("quit");
  }

  failed(decided: Decided): Promise<void> | undefined {
    const monitor = this.#hand?.monitor;
    return monitor === undefined ? undefined : this.#look(new Inspector(monitor), decided);
  }

  async #look(inspector: Inspector, { cause }: Decided): Promise<void> {
    const { root, boot, index, lab, proof, supervisor } = this.#context;
    const findings = await gather(inspector, {
      root,
      dir: join(lab.dir.path, "freeze", `${index + 1}-${boot.name}`),
      socket: this.#socket,
      memoryBytes: proof.machine.memoryBytes,
      linked: linkedPrograms(root, lab.cacheDir, lab.programs),
      supervisor,
    });
    const detail = `the machine stands still; what was found is in ${findings.dir}`;
    this.#hand?.note({ source: "tool", name: "freeze", detail, ok: true });
    await this.#hold({ case: lab.ref.id, boot: boot.name, cause: cause?.sentence ?? "", ...findings });
  }

  ended(): Promise<Result<undefined>> {
    rmSync(join(this.#context.root, this.#socket), { force: true });
    return Promise.resolve(ok(undefined));
  }
}
