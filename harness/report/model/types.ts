/**
 * What a report is made of: one run, its cases, their boots. Plain data without functions, so that it can be stored
 * (`--json`), embedded in a page and compared. Everything is derived from events and from what the evidence holds.
 */

export interface RunReport {
  readonly v: 1;
  readonly run: string;
  /** Version of the tool that ran it. */
  readonly capos: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
  readonly state: "finished" | "running" | "died";
  /** Null when the run has not ended. */
  readonly exit: number | null;
  /** Where its artefacts lie, from the checkout's root. */
  readonly dir: string;
  /** How well the host was used; null where nobody measured. */
  readonly usage: Usage | null;
  readonly accelerators: readonly { readonly accelerator: string; readonly reason: string }[];
  readonly builds: readonly BuildReport[];
  readonly cases: readonly CaseReport[];
  readonly notices: readonly { readonly level: "info" | "warning"; readonly text: string }[];
  readonly problems: readonly { readonly code: string; readonly text: string }[];
  /** Events of types that this version does not know, with their number. */
  readonly strange: Readonly<Record<string, number>>;
}

export interface Usage {
  /** Sum of the wall times of all boots. */
  readonly guestMs: number;
  /** Processor time of the run and all that it started, and the processors that it could use; null when not known. */
  readonly cpuMs: number | null;
  readonly cpus: number | null;
}

export interface BuildReport {
  readonly image: string;
  readonly path: string;
  readonly digest: string;
  readonly ms: number;
}

/** A verdict of the contract, or what stands in its place while there is none. */
export type CaseVerdict = string;

export interface CaseReport {
  readonly id: string;
  readonly proof: string;
  readonly path: string;
  /** `tcg`, `kvm`; empty when it is not known. */
  readonly accelerator: string;
  readonly title: string;
  /** A verdict, `running`, or `died` when the run ended without one. */
  readonly verdict: CaseVerdict;
  readonly cause: string;
  /** Lines for a person. */
  readonly report: readonly string[];
  /** Where the proof declares what was missed. */
  readonly span: Place | null;
  readonly dir: string;
  /** The command that runs it again; empty when nobody said. */
  readonly again: string;
  readonly ms: number;
  /** Milliseconds from the run's start to the case's; null when it never started. */
  readonly startedMs: number | null;
  readonly boots: readonly BootReport[];
  /** The longest that something was awaited, when that was long enough to be told; else 0. */
  readonly slowMs: number;
  /** Where its verdict is from when it was not run again. */
  readonly cached: { readonly at: string; readonly run: string } | null;
  /** Why its failure does not fail the run. */
  readonly tolerated: string | null;
  /** Another attempt of this run came to another verdict. */
  readonly flaky: boolean;
  /** How its proof took lies; null when nobody tried. */
  readonly mutants: MutantReport | null;
}

export interface MutantReport {
  readonly total: number;
  readonly killed: number;
  /** Changes that were not noticed, each a clause. */
  readonly survivors: readonly string[];
  /** Landmarks that no change could fail. */
  readonly dead: readonly string[];
  /** Landmarks that were not tried. */
  readonly untried: readonly string[];
  /** Captures that nothing compares. */
  readonly loose: readonly string[];
}

export interface BootReport {
  readonly name: string;
  /** From 0, in the order of the proof. */
  readonly index: number;
  /** Milliseconds from the run's start; null when it never started. */
  readonly startedMs: number | null;
  /** How it ended; empty when that is not known. */
  readonly how: string;
  /** Length of the boot; null when it never ended. */
  readonly wallMs: number | null;
  readonly bannerMs: number | null;
  readonly marks: readonly Mark[];
  /** Declared landmarks that never came. */
  readonly missing: readonly { readonly name: string; readonly line: string }[];
  readonly actions: readonly ActionMark[];
  readonly waits: readonly { readonly awaiting: string; readonly ms: number }[];
  readonly console: ConsoleReport | null;
  /** What took part beside the console: peers' logs, a second serial port. */
  readonly attached: readonly ConsoleReport[];
}

/** A landmark that came. */
export interface Mark {
  readonly name: string;
  readonly wallMs: number;
  /** Of its line in the console, in bytes. */
  readonly offset: number;
  /** Null where only the events are known. */
  readonly length: number | null;
  readonly torn: boolean;
  readonly captures: Readonly<Record<string, string>>;
  /** Its declared pattern; empty where only the events are known. */
  readonly line: string;
}

/** Something that was done to the machine. */
export interface ActionMark {
  readonly source: string;
  readonly name: string;
  readonly detail: string;
  readonly ok: boolean;
  readonly offset: number;
  readonly wallMs: number;
}

/** A console, whole or its parts that matter; in the page's form of text (console.ts). */
export interface ConsoleReport {
  /** Of the stored file. */
  readonly bytes: number;
  /** From the checkout's root. */
  readonly file: string;
  readonly parts: readonly ConsolePart[];
}

export interface ConsolePart {
  /** Of its first byte in the console. */
  readonly offset: number;
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Lines, each without its end, joined by LF. */
  readonly text: string;
  /** Bytes of each line, its end included. */
  readonly lengths: readonly number[];
  /** When each line's last byte came, in milliseconds since power-on; empty when that is not known. */
  readonly times: readonly number[];
}

/** A place in a source file; line and column count from 1. */
export interface Place {
  /** From the checkout's root. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** One earlier end of a case. */
export interface Past {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly verdict: string;
  readonly ms: number;
  /** Milliseconds since power-on, by `boot.landmark`. */
  readonly times: Readonly<Record<string, number>>;
  /** Captures that are numbers, by `boot.landmark.capture`. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** By case, the oldest first; the last is the run itself. */
export type History = Readonly<Record<string, readonly Past[]>>;
