import type { Span } from "../base/index.ts";

/**
 * What the engine says while it works. Every screen, log and report is made from this one stream, and
 * nothing flows back: a renderer cannot slow or stop a run. `events.jsonl` holds one event a line.
 */
export type Event = EventHeader & EventBody;

export interface EventHeader {
  /** Version of this format. */
  readonly v: 1;
  /** Counts from 0 within the run, without gaps. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** Milliseconds since the run began. */
  readonly elapsedMs: number;
  readonly run: string;
}

/**
 * One proof at one point of its matrix. `id` is `proof@path`, with `+2cpu`, `+64Mi` and `+kvm` where the proof has
 * several of them, and with `#2` for a second attempt.
 */
export interface CaseRef {
  readonly id: string;
  readonly proof: string;
  readonly path: string;
}

export type EventBody =
  | {
      readonly type: "run-started";
      readonly capos: string;
      readonly cases: readonly CaseRef[];
      readonly dir: string;
    }
  | { readonly type: "accelerator"; readonly accelerator: string; readonly reason: string }
  | { readonly type: "build-started"; readonly image: string; readonly path: string }
  | {
      readonly type: "build-action";
      readonly image: string;
      readonly action: string;
      readonly cached: boolean;
      readonly ms: number;
    }
  | { readonly type: "build-progress"; readonly image: string; readonly line: string }
  | {
      readonly type: "build-finished";
      readonly image: string;
      readonly path: string;
      readonly digest: string;
      readonly ms: number;
    }
  | {
      readonly type: "case-started";
      readonly case: CaseRef;
      readonly title: string;
      readonly boots: readonly string[];
      readonly dir: string;
    }
  | { readonly type: "boot-started"; readonly case: CaseRef; readonly boot: string; readonly index: number }
  | { readonly type: "banner"; readonly case: CaseRef; readonly boot: string; readonly wallMs: number }
  | {
      readonly type: "landmark";
      readonly case: CaseRef;
      readonly boot: string;
      readonly name: string;
      readonly captures: Readonly<Record<string, string>>;
      /** Byte offset of the line in the boot's console. */
      readonly offset: number;
      readonly wallMs: number;
      /** Landmarks of this boot seen so far, and declared. */
      readonly seen: number;
      readonly of: number;
    }
  /** Something was done to the running machine: text sent, a fault made, a peer served. */
  | {
      readonly type: "action";
      readonly case: CaseRef;
      readonly boot: string;
      readonly source: "send" | "fault" | "peer" | "tool";
      readonly name: string;
      readonly detail: string;
      readonly ok: boolean;
      /** Bytes of the boot's console that had come by then. */
      readonly offset: number;
      readonly wallMs: number;
    }
  | {
      readonly type: "slow";
      readonly case: CaseRef;
      readonly boot: string;
      readonly awaiting: string;
      readonly ms: number;
    }
  | {
      readonly type: "boot-ended";
      readonly case: CaseRef;
      readonly boot: string;
      readonly how: string;
      readonly wallMs: number;
    }
  | {
      readonly type: "case-finished";
      readonly case: CaseRef;
      readonly verdict: string;
      /** One sentence; empty when proved. */
      readonly cause: string;
      /** Lines for a person: the missed landmark, the nearest line, the last of the console. */
      readonly report: readonly string[];
      /** Where the proof declares what was missed. */
      readonly span?: Span;
      readonly dir: string;
      /** The command that runs this case again. */
      readonly again: string;
      readonly ms: number;
      /** It was not run: its verdict is that of an earlier run of the same inputs. */
      readonly cached?: { readonly at: string; readonly run: string };
      /** Why this failure does not fail the run. */
      readonly tolerated?: string;
    }
  /** How a proved case's proof took lies: changed runs that it should refute, and how many it did. */
  | {
      readonly type: "mutants";
      readonly case: CaseRef;
      readonly total: number;
      readonly killed: number;
      /** Changes that it did not notice, each a clause. */
      readonly survivors: readonly string[];
      /** Landmarks that no change could fail, as `boot.landmark`. */
      readonly dead: readonly string[];
      /** Landmarks that were not tried, because foreign lines had cut into them. */
      readonly untried: readonly string[];
      /** Captures that nothing compares, as `boot.landmark.capture`. */
      readonly loose: readonly string[];
      readonly ms: number;
    }
  | { readonly type: "notice"; readonly level: "info" | "warning"; readonly text: string }
  | { readonly type: "problem"; readonly code: string; readonly text: string }
  | {
      readonly type: "run-finished";
      readonly passed: number;
      readonly failed: number;
      readonly skipped: number;
      readonly exit: number;
      readonly ms: number;
      /** Of those that passed, the ones that were not run again. */
      readonly cached?: number;
      /** Failures that do not fail the run; not counted as failed. */
      readonly tolerated?: number;
      /** Cases that passed after the same inputs had failed. */
      readonly flaky?: number;
      /** Sum of the wall times of all boots, in milliseconds. */
      readonly guestMs?: number;
      /** Processor time of the run and of all that it started, in milliseconds, and processors that it could use. */
      readonly cpuMs?: number;
      readonly cpus?: number;
    };

export type EventType = EventBody["type"];

/** Where the engine speaks. Implementations must not throw. */
export type Emit = (body: EventBody) => void;
