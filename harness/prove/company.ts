import { err, ok, type Problem, type Result } from "../base/index.ts";
import type { BootInput, JudgeOutput } from "../contract/index.ts";
import type { BootRequest } from "../machine/index.ts";
import type { Companion, Decided, Hand, Past } from "./companion.ts";

/** All companions of one boot, as one. */
export class Company {
  readonly #companions: readonly Companion[];
  #ended: Promise<Result<undefined>> | undefined;

  constructor(companions: readonly Companion[]) {
    this.#companions = companions;
  }

  /** What the boot asks of the machine with everything that they need. */
  async prepare(request: BootRequest): Promise<Result<BootRequest>> {
    let asked = request;
    for (const companion of this.#companions) {
      const more = await companion.prepare?.(asked);
      if (more !== undefined && !more.ok) return more;
      asked = more?.value ?? asked;
    }
    return ok(asked);
  }

  /** At most one of them has the boot go on from another. */
  get past(): Past | undefined {
    return this.#companions.find((companion) => companion.past !== undefined)?.past;
  }

  started(hand: Hand): void {
    for (const companion of this.#companions) companion.started?.(hand);
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    for (const companion of this.#companions) companion.saw?.(input, said);
  }

  /** What must settle before the machine of a failed boot is ended; nothing, when nobody wants to look at it. */
  failed(decided: Decided): Promise<void> | undefined {
    const looking = this.#companions.flatMap((companion) => companion.failed?.(decided) ?? []);
    return looking.length === 0 ? undefined : Promise.allSettled(looking).then(() => undefined);
  }

  /** Ends them all, once, the last first; later calls wait for the same end. */
  ended(): Promise<Result<undefined>> {
    this.#ended ??= this.#endAll();
    return this.#ended;
  }

  async #endAll(): Promise<Result<undefined>> {
    const problems: Problem[] = [];
    for (const companion of this.#companions.toReversed()) {
      const ended = await companion.ended?.();
      if (ended !== undefined && !ended.ok) problems.push(...ended.error);
    }
    return problems.length === 0 ? ok(undefined) : err(problems);
  }
}
