let started = 0;

/** How many engine threads this process has started. A run over an unchanged tree leaves it at 0. */
export function engineStarts(): number {
  return started;
}

export function countEngineStart(): void {
  started++;
}
