import { AsyncLocalStorage } from "node:async_hooks";
import { type Grant, refusal } from "../policy/policy.ts";
import { type Failure, failureOf } from "./failure.ts";

/** What was sent and what came back, without anything that could open a door: no token, no session address. */
export interface RequestEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly method: string;
  /** Path and query; the id of an upload session is left out. */
  readonly path: string;
  /** The exact JSON that went out; absent for reads and for uploaded bytes. */
  readonly body?: string;
  /** 0: no answer. Absent: refused here, never sent. */
  readonly status?: number;
  readonly reason?: string;
  /** So many records the journal had when the request left: its intent is among them. */
  readonly journal?: number;
  readonly ms: number;
}

export type CredentialHeaders = (fresh?: boolean) => Promise<Headers>;

export interface DoorOptions {
  readonly grant: Grant;
  /** Origin of a provider on this host: there goes what is meant for Google's, once it has been allowed. */
  readonly endpoint?: string;
  /** The credential's headers; `fresh` after the service has refused the last ones. */
  readonly headers: CredentialHeaders;
  readonly record: (entry: RequestEntry) => void;
  /** How many records are in the journal, on the disk. */
  readonly journaled?: () => number;
  /** Ends everything that is under way. */
  readonly abort: AbortSignal;
  /** How a request leaves this process; `fetch` unless given. */
  readonly send?: typeof fetch;
  /** After so many milliseconds without an answer a request is given up; three minutes unless given. */
  readonly limitMs?: number;
}

/**
 * The one way out. Google's client asks it for headers and hands it every request; the upload goes the same way. What
 * the allowlist does not name is answered here and never leaves; redirects are not followed; each call is recorded.
 */
export interface Door {
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Unix milliseconds by the service's clock, once it has answered: the one of this host may be hours off. */
  now(): number | undefined;
  /** Runs one call of the client; the failure is what the wire said, not what the client made of it. */
  call<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: Failure }>;
}

interface Call {
  readonly through: Door["fetch"];
  failure: Failure | undefined;
}

const calls = new AsyncLocalStorage<Call>();

/**
 * What Google's client takes for its credential: it hands each request to the door of the call that made it. A
 * request that belongs to no call is never sent.
 */
export const doorOfCall = {
  getRequestHeaders: (): Promise<Headers> => Promise.resolve(new Headers()),
  fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    const call = calls.getStore();
    return call === undefined ? Promise.resolve(refused("it belongs to no call")) : call.through(url, init);
  },
};

export function openDoor(options: DoorOptions): Door {
  const { grant, endpoint, record, abort } = options;
  const send = options.send ?? fetch;
  let needsFresh = false;
  let clock: { readonly serverMs: number; readonly at: number } | undefined;

  async function through(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input);
    const method = (init.method ?? "GET").toUpperCase();
    const body = typeof init.body === "string" ? init.body : undefined;
    const began = performance.now();
    const journal = options.journaled?.();
    const entry = (more: Partial<RequestEntry>): void =>
      record({
        at: new Date().toISOString(),
        method,
        path: pathOf(url),
        ...(body === undefined || body === "" ? {} : { body }),
        ...(journal === undefined ? {} : { journal }),
        ms: Math.round(performance.now() - began),
        ...more,
      });
    const call = calls.getStore();
    const why = refusal({ method, url, body }, grant);
    if (why !== undefined) {
      entry({ reason: why });
      if (call !== undefined) call.failure = { kind: "refused", status: 0, reason: "refused", message: why };
      return refused(why);
    }
    const limit = AbortSignal.timeout(options.limitMs ?? 180_000);
    const signals = [abort, limit, init.signal].filter((s): s is AbortSignal => s instanceof AbortSignal);
    const headers = new Headers(init.headers);
    for (const [name, value] of await options.headers(needsFresh)) headers.set(name, value);
    try {
      const target = endpoint === undefined ? url : new URL(`${url.pathname}${url.search}`, endpoint);
      const answer = await send(target, {
        ...init,
        headers,
        redirect: "manual",
        signal: AbortSignal.any(signals),
      });
      const text = await answer.arrayBuffer();
      needsFresh = answer.status === 401;
      const serverMs = Date.parse(answer.headers.get("date") ?? "");
      if (!Number.isNaN(serverMs)) clock = { serverMs, at: performance.now() };
      const failure = answer.ok || answer.status === 308 ? undefined : failureIn(answer, text);
      if (call !== undefined) call.failure = failure;
      entry({ status: answer.status, ...(failure === undefined ? {} : { reason: failure.reason }) });
      return new Response(withoutBody(answer.status) ? null : text, {
        status: isRedirect(answer.status) && answer.status !== 308 ? 502 : answer.status,
        headers: answer.headers,
      });
    } catch (error) {
      const message = causeOf(error);
      if (call !== undefined) {
        call.failure = abort.aborted
          ? { kind: "aborted", status: 0, reason: "aborted", message: "the run was stopped" }
          : { kind: "unavailable", status: 0, reason: "unreachable", message };
      }
      entry({ status: 0, reason: message });
      throw error;
    }
  }

  return {
    fetch: through,
    now: () => (clock === undefined ? undefined : clock.serverMs + performance.now() - clock.at),
    async call(work) {
      const call: Call = { through, failure: undefined };
      try {
        const value = await calls.run(call, work);
        return call.failure === undefined ? { value } : { failure: call.failure };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const lost: Failure = abort.aborted
          ? { kind: "aborted", status: 0, reason: "aborted", message: "the run was stopped" }
          : { kind: "unavailable", status: 0, reason: "unreadable", message };
        return { failure: call.failure ?? lost };
      }
    },
  };
}

/** An answer instead of an exception: the client would take that for a lost connection and try again. */
function refused(why: string): Response {
  return Response.json(
    { error: { code: 400, message: why, errors: [{ reason: "refused" }] } },
    { status: 400 },
  );
}

function failureIn(answer: Response, text: ArrayBuffer): Failure {
  return failureOf(answer.status, Buffer.from(text).toString("utf8"), answer.headers.get("retry-after"));
}

function pathOf(url: URL): string {
  const query = new URLSearchParams(url.searchParams);
  if (query.has("upload_id")) query.set("upload_id", "hidden");
  const text = query.toString();
  return text === "" ? url.pathname : `${url.pathname}?${text}`;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function withoutBody(status: number): boolean {
  return status === 204 || status === 304;
}

/** `fetch failed` says nothing; what lies behind it does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
