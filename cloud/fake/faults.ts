import type { ServiceError } from "./errors.ts";

/** A request as faults look at it. */
export interface Seen {
  /** Counts from 0 over the life of the service. */
  readonly index: number;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** With the query, as it came. */
  readonly url: string;
  /** A JSON body as it came; absent where there is none. */
  readonly body?: string;
}

/** What goes wrong with a request. */
export type Fault = { readonly when: (request: Seen) => boolean; readonly times?: number } & (
  | { readonly what: "answer"; readonly error: ServiceError; readonly retryAfter?: number }
  | { readonly what: "html"; readonly status: number }
  /** The connection ends before the request has been acted upon. */
  | { readonly what: "reset-before" }
  /** The request is acted upon, and its answer is lost. */
  | { readonly what: "reset-after" }
  /** The request is acted upon, and half of its answer comes, with status 200. */
  | { readonly what: "truncated" }
  /** The request is read, acted upon or not, and never answered. */
  | { readonly what: "silent"; readonly acted: boolean }
  /** The request is acted upon, and its answer comes a byte at a time, without end. */
  | { readonly what: "trickle" }
  | { readonly what: "redirect"; readonly to: string }
  /** The answer is this, whatever it should be. */
  | { readonly what: "body"; readonly value: unknown }
);

/** Faults in the order in which they were set; each strikes as often as it says, for ever by default. */
export class Faults {
  readonly #set: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#set.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#set.length = 0;
  }

  next(request: Seen): Fault | undefined {
    const entry = this.#set.find((e) => e.left > 0 && e.fault.when(request));
    if (entry === undefined) return undefined;
    entry.left--;
    return entry.fault;
  }
}
