import type { Admission } from "./admission.ts";
import type { Amount } from "./host.ts";

/** Something to be done within what the host has. */
export interface Work {
  readonly cost: Amount;
  /** What must be there before it can begin, such as its image. Must not reject. */
  prepare(): Promise<unknown>;
  /** Does it; what is returned is to be done as well. Rejects for nothing but a bug. */
  run(): Promise<readonly Work[]>;
}

export interface PoolOptions {
  readonly admission: Admission;
  /** At most so many at a time, whatever the host has. */
  readonly jobs: number;
  /** Asked before each start: nothing new is begun once it says so. */
  stopped(): boolean;
}

/** Compilers take turns, and one that waits must not wait for all the others. */
const preparationsAtOnce = 4;
/** What is found built is prepared within this. */
const quickMs = 250;
/** How often others may go before one that waits for room: enough to fill gaps, and an end to waiting. */
const overtakings = 8;

interface Waiting {
  readonly work: Work;
  ready: boolean;
  overtaken: number;
}

/**
 * Does all work, in the order given as far as there is room. Preparations go one after the other beside what runs; one
 * that takes long, as a compiler does, holds up only what needs it.
 */
export function runPool(all: readonly Work[], options: PoolOptions): Promise<void> {
  return new Promise((resolve, reject) => new Pool(all, options, resolve, reject).pump());
}

class Pool {
  readonly #options: PoolOptions;
  readonly #done: () => void;
  readonly #failed: (bug: unknown) => void;
  readonly #waiting: Waiting[];
  readonly #unprepared: Waiting[];
  #running = 0;
  #preparing = 0;
  /** Of these, the ones that may still turn out to be quick. */
  #quick = 0;

  constructor(all: readonly Work[], options: PoolOptions, done: () => void, failed: (bug: unknown) => void) {
    this.#options = options;
    this.#done = done;
    this.#failed = failed;
    this.#waiting = all.map(waitingFor);
    this.#unprepared = [...this.#waiting];
  }

  /** Called whenever something has changed: starts what there is room for, and sees whether all is done. */
  pump(): void {
    const { admission, jobs, stopped } = this.#options;
    for (;;) {
      if (this.#running >= jobs || stopped()) break;
      const next = choose(this.#waiting, admission);
      if (next === undefined) break;
      this.#start(next).catch(this.#failed);
    }
    const isStopped = stopped();
    const hasRoom = this.#quick === 0 && this.#preparing < preparationsAtOnce;
    if (hasRoom && !isStopped) this.#prepareNext().catch(this.#failed);
    const isIdle = this.#running === 0 && this.#preparing === 0;
    if (isIdle && (this.#waiting.length === 0 || isStopped)) this.#done();
  }

  async #start(one: Waiting): Promise<void> {
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    this.#running += 1;
    const release = this.#options.admission.take(one.work.cost);
    const more = (await one.work.run()).map(waitingFor);
    release();
    this.#running -= 1;
    this.#waiting.push(...more);
    this.#unprepared.push(...more);
    this.pump();
  }

  async #prepareNext(): Promise<void> {
    const next = this.#unprepared.shift();
    if (next === undefined) return;
    let isQuick = true;
    const letOthers = (): void => {
      if (isQuick) this.#quick -= 1;
      isQuick = false;
    };
    const patience = setTimeout(() => {
      letOthers();
      this.pump();
    }, quickMs);
    this.#preparing += 1;
    this.#quick += 1;
    await next.work.prepare();
    clearTimeout(patience);
    letOthers();
    this.#preparing -= 1;
    next.ready = true;
    this.pump();
  }
}

/** The first that is ready and fits; none, where one has waited long enough for room. */
function choose(waiting: readonly Waiting[], admission: Admission): Waiting | undefined {
  const passed: Waiting[] = [];
  for (const one of waiting) {
    if (!one.ready) continue;
    if (admission.fits(one.work.cost)) {
      for (const earlier of passed) earlier.overtaken += 1;
      return one;
    }
    if (one.overtaken >= overtakings) return undefined;
    passed.push(one);
  }
  return undefined;
}

function waitingFor(work: Work): Waiting {
  return { work, ready: false, overtaken: 0 };
}
