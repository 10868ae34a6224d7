/** Says for each awaited thing that it takes long, before its budget is used up and again at growing intervals. */
export class SlowWatch {
  readonly #tell: (awaiting: string, ms: number) => void;
  #awaiting = "";
  #since = 0;
  /** How long something must have been awaited to be told. */
  #next = 0;

  constructor(tell: (awaiting: string, ms: number) => void) {
    this.#tell = tell;
  }

  look(awaiting: { readonly what: string; readonly budgetMs: number } | undefined, wallMs: number): void {
    if (awaiting === undefined) return;
    if (awaiting.what !== this.#awaiting) {
      this.#awaiting = awaiting.what;
      this.#since = wallMs;
      this.#next = Math.max(1000, awaiting.budgetMs / 2);
    }
    const ms = wallMs - this.#since;
    if (ms < this.#next) return;
    this.#next = ms * 2;
    this.#tell(awaiting.what, ms);
  }
}
