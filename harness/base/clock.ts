/** Time as an effect that is passed in, so that tests can own it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Nanoseconds on a clock that never jumps. */
  monotonic(): bigint;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => process.hrtime.bigint(),
};
