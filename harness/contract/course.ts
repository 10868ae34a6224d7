// Longer than most: one state machine, of which each rule asks what the others have noted, and which came first decides.
import { unreachable } from "../base/index.ts";
import { allLandmarks, ChainProgress } from "./chain.ts";
import { type Departure, judgeDeparture } from "./ending.ts";
import {
  type BootJudgement,
  type Cause,
  causeVerdicts,
  gravest,
  type LandmarkSeen,
  verdictOf,
} from "./judgement.ts";
import type { ActionJudge } from "./actions.ts";
import type { SendOutput } from "./sending.ts";
import { type Expectation, mismatchOf, type Speech } from "./speech.ts";
import type { LogicalLine, Stretch } from "./tear.ts";
import type { BootSpec, ControlEvent, Moment, Never, Requirements } from "./types.ts";

export type JudgeOutput =
  | { readonly type: "banner"; readonly at: Moment; readonly offset: number }
  /** `seen` of `of`: distinct landmarks of the boot, this one included. */
  | { readonly type: "landmark"; readonly landmark: LandmarkSeen; readonly seen: number; readonly of: number }
  /** The guest has said its last line; its exit is awaited. */
  | { readonly type: "halted"; readonly status: number; readonly at: Moment; readonly offset: number }
  | SendOutput
  /** This tick took part in the accounting: it must be stored for the boot to be judged again. */
  | { readonly type: "kept" }
  /**
   * End the machine now, and feed `ended-by-tool` with this `why`: the planned end is reached, or the boot has
   * failed for `cause`. `cut` is the power cord. Comes at most once; never when the guest leaves by itself.
   */
  | {
      readonly type: "decided";
      readonly end: "quit" | "cut";
      readonly why: "planned" | "decided";
      readonly at: Moment;
      readonly cause?: Cause;
    };

export interface CourseOptions {
  readonly boot: BootSpec;
  readonly nevers: readonly Never[];
  readonly requires: Requirements;
  readonly speech: Speech;
  readonly expectation: Expectation;
  /** Judges what is done to the guest, where the proof declares any of it. */
  readonly actions: ActionJudge | undefined;
  readonly say: (output: JudgeOutput) => void;
  /** The awaited thing has come: its successor's budget begins. */
  readonly onPhase: () => void;
}

/**
 * The course of one boot against what was declared of it: what was seen, what is awaited, what went wrong. Knows
 * lines and events, and the moment that it is told, but neither bytes nor budgets.
 */
export class Course {
  /** Set by the owner before each input. */
  now: Moment = { wallMs: 0, cpuMs: 0 };
  readonly #options: CourseOptions;
  readonly #boot: BootSpec;
  readonly #nevers: readonly Never[];
  readonly #chain: ChainProgress;
  readonly #of: number;
  readonly #seen: LandmarkSeen[] = [];
  readonly #causes: Cause[] = [];
  #banner: BootJudgement["banner"];
  /** Reached its planned end: what the guest does until the tool stops it counts no more. */
  #isOver = false;
  /** The tool has ended the boot; what follows is its doing. */
  #isFrozen = false;
  #ended: string | undefined;
  #halted: number | undefined;
  #hasPanicked = false;
  #wasReset = false;
  #hasPoweredOff = false;
  #hasDevices = false;
  /** Which of the required devices the guest has named. */
  readonly #enumerated = new Set<number>();
  #exit: Departure["exit"];

  constructor(options: CourseOptions) {
    this.#options = options;
    this.#boot = options.boot;
    this.#nevers = options.nevers;
    this.#chain = new ChainProgress(options.boot.chain);
    this.#of = allLandmarks(options.boot.chain).length;
  }

  get phase(): "firmware" | "landmarks" | "end" | "over" {
    if (this.#isOver || this.#isFrozen || this.#causes.length > 0) return "over";
    if (this.#banner === undefined) return "firmware";
    return this.#chain.isComplete ? "end" : "landmarks";
  }

  /** Landmarks that may come next. */
  get next(): ReturnType<ChainProgress["awaited"]> {
    return this.#chain.awaited();
  }

  /** What is awaited, for a person. */
  get awaited(): string {
    if (this.#banner === undefined) return "the banner";
    const names = this.#chain.awaited().map((l) => l.name);
    if (names.length > 0) return listOf(names);
    return this.#ended === undefined ? `the end (${this.#boot.ends.how})` : "the machine's exit";
  }

  /** Nothing more will come. */
  finish(): Omit<BootJudgement, "index" | "last" | "bytes" | "excerpt"> {
    if (this.#causes.length === 0 && !this.#isOver) this.#judgeEnd();
    if (this.#causes.length === 0) this.#judgeDevices();
    const undone = this.#causes.length === 0 ? this.#options.actions?.finish(this.now) : undefined;
    if (undone !== undefined) this.#causes.push({ ...undone, at: this.now });
    const cause = gravest(this.#causes);
    return {
      boot: this.#boot.name,
      verdict: verdictOf(cause),
      ...(cause === undefined ? {} : { cause }),
      causes: this.#causes,
      freshness: this.#options.expectation.freshness,
      ...(this.#banner === undefined ? {} : { banner: this.#banner }),
      landmarks: this.#seen,
      awaited: this.#chain.awaited().map((l) => l.name),
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
    };
  }

  /** What a stretch of the console says is now known. */
  commit(stretch: Stretch): void {
    const openBefore = this.#nevers.map(({ until }) => until === undefined || !this.#chain.hasSeen(until));
    const { unclear, offset } = stretch;
    if (unclear !== undefined && (this.#banner !== undefined || unclear.mayBeBanner) && !this.#isFrozen) {
      this.fail("unclear", unclear.sentence, { offset });
    }
    for (const line of stretch.lines) this.#act(line);
    if (this.#isFrozen) return;
    for (const hit of stretch.forbidden) {
      if (openBefore[hit] === true && this.#hasBegun(hit)) this.#failForbidden(hit, offset);
    }
  }

  #act(line: LogicalLine): void {
    for (const event of line.events) {
      if (this.#isOver || this.#isFrozen) return;
      if (this.#banner === undefined) {
        if (event.kind === "banner") this.#greet(event.captures, line);
        continue;
      }
      switch (event.kind) {
        case "banner":
          this.#secondBanner(line);
          break;
        case "landmark":
          this.#landmark(event.name, event.captures, line);
          break;
        case "device":
          this.#enumerated.add(event.index);
          break;
        case "ambiguous":
          this.fail("unclear", `one line is ${listOf(event.names)} at once`, { offset: line.offset });
          break;
        case "unknown":
          this.fail(
            "unknown",
            `\`[${event.label}]\` may only print declared landmarks, and this line is none`,
            { offset: line.offset },
          );
          break;
        case "panic":
          this.#panic(event.message, line);
          break;
        case "trailer":
          this.#trailer(event.status, line);
          break;
        default:
          unreachable(event);
      }
    }
  }

  #greet(captures: Readonly<Record<string, string>>, line: LogicalLine): void {
    this.#banner = { offset: line.offset, length: line.length, at: this.now };
    this.#options.say({ type: "banner", at: this.now, offset: line.offset });
    this.#options.onPhase();
    const mismatch = mismatchOf(captures, this.#options.expectation);
    if (mismatch !== undefined) this.fail("identity", mismatch, { offset: line.offset });
  }

  #secondBanner(line: LogicalLine): void {
    if (this.#boot.ends.how === "reset" && this.#chain.isComplete) {
      this.#wasReset = true;
      this.#planned("reset", "quit");
      return;
    }
    this.fail("reset", `a second banner: the machine was reset while ${this.awaited} was awaited`, {
      offset: line.offset,
    });
  }

  #landmark(name: string, captures: Readonly<Record<string, string>>, line: LogicalLine): void {
    if (this.#causes.length > 0) return;
    const { offset, length, torn } = line;
    const step = this.#chain.see(name);
    const landmark: LandmarkSeen = { name, captures, offset, length, at: this.now, torn };
    switch (step.kind) {
      case "awaited":
      case "again":
        this.#seen.push(landmark);
        this.#options.say({ type: "landmark", landmark, seen: this.#chain.seen, of: this.#of });
        break;
      case "too-early":
        this.fail("order", `\`${name}\` came while ${listOf(step.awaited)} was awaited`, {
          offset,
          landmark: name,
        });
        return;
      case "too-often":
        this.fail("duplicate", tooOften(name, step.count, step.atMost), { offset, landmark: name });
        return;
      default:
        unreachable(step);
    }
    if (step.kind !== "awaited") return;
    if (step.advanced) this.#options.onPhase();
    const { ends } = this.#boot;
    if ((ends.how === "landmark" || ends.how === "power-cut") && ends.at === name) {
      if (this.#chain.isComplete)
        this.#planned(`${ends.how} at ${name}`, ends.how === "landmark" ? "quit" : "cut");
      else
        this.fail("missing", `the boot ends at \`${name}\`, but ${this.awaited} was not seen`, {
          landmark: name,
        });
    }
  }

  #panic(message: string, line: LogicalLine): void {
    if (this.#boot.ends.how === "panic" && this.#chain.isComplete && this.#causes.length === 0) {
      this.#hasPanicked = true;
      this.#ended = "panic";
      return;
    }
    const words = message === "" ? "" : `: ${message}`;
    this.fail("panic", `the guest panicked while ${this.awaited} was awaited${words}`, {
      offset: line.offset,
    });
  }

  #trailer(status: number, line: LogicalLine): void {
    const { ends } = this.#boot;
    const place = { offset: line.offset };
    if (this.#causes.length > 0) return;
    if (this.#halted !== undefined) {
      this.fail("duplicate", "the guest said twice that it has halted", place);
    } else if (ends.how !== "halt") {
      this.fail(
        "ending",
        `the guest halted with status=${status}, but the boot should end by ${ends.how}`,
        place,
      );
    } else if (status !== ends.status) {
      const before = this.#chain.isComplete ? "" : `, while ${this.awaited} was awaited`;
      this.fail("status", `the guest halted with status=${status} instead of ${ends.status}${before}`, place);
    } else if (!this.#chain.isComplete) {
      this.fail("missing", `the guest halted, but ${this.awaited} was never seen`, place);
    } else {
      this.#halted = status;
      this.#ended = `halted with status=${status}`;
      this.#options.say({ type: "halted", status, at: this.now, ...place });
    }
  }

  #hasBegun(hit: number): boolean {
    const from = this.#nevers[hit]?.from;
    return this.#banner !== undefined && (from === undefined || this.#chain.hasSeen(from));
  }

  /**
   * Text that stands in the console as it is, however its line is to be read. While a torn stretch is undecided, so
   * is whether a window is open: what belongs to one waits for `commit`.
   */
  physicalHit(hit: number, offset: number, isUndecided: boolean): void {
    const { from, until } = this.#nevers[hit] ?? {};
    if (isUndecided && (from !== undefined || until !== undefined)) return;
    if (this.#isForbidden(hit)) this.#failForbidden(hit, offset);
  }

  #isForbidden(hit: number): boolean {
    const until = this.#nevers[hit]?.until;
    const isOpen = until === undefined || !this.#chain.hasSeen(until);
    return isOpen && this.#hasBegun(hit) && !this.#isFrozen;
  }

  /** The same on the second serial port, whose places are not those of the console. */
  terminalHit(hit: number): void {
    const never = this.#nevers[hit];
    if (never === undefined || !this.#isForbidden(hit)) return;
    this.fail("forbidden", `the forbidden text \`${never.text}\` was printed on the terminal`);
  }

  #failForbidden(hit: number, offset: number): void {
    const never = this.#nevers[hit];
    if (never !== undefined)
      this.fail("forbidden", `the forbidden text \`${never.text}\` was printed`, { offset });
  }

  control(event: ControlEvent): void {
    if (event.type === "action") return this.#action(event);
    if (this.#isFrozen) return;
    switch (event.type) {
      case "exit":
        this.#exit = event;
        break;
      case "reset":
        this.#wasReset = true;
        break;
      case "shutdown":
        if (event.guest) this.#hasPoweredOff = true;
        else this.fail("host", "the emulator was stopped from outside");
        break;
      case "triple-fault":
        this.fail("triple-fault", `a triple fault while ${this.awaited} was awaited`);
        break;
      case "devices":
        this.#hasDevices = true;
        for (const name of this.#options.requires.devices) {
          if (!event.present.includes(name))
            this.fail("device", `the required device \`${name}\` is not there`);
        }
        break;
      case "ended-by-tool":
        this.#endedByTool(event);
        this.#isFrozen = true;
        break;
      default:
        unreachable(event);
    }
  }

  /** What a peer has seen up to the machine's end may be told behind it. */
  #action(event: Extract<ControlEvent, { type: "action" }>): void {
    const finding = this.#options.actions?.action(event, this.now, this.phase === "over");
    if (finding !== undefined) this.fail(finding.kind, finding.sentence);
  }

  #endedByTool(event: Extract<ControlEvent, { type: "ended-by-tool" }>): void {
    const detail = event.detail === undefined ? "" : `: ${event.detail}`;
    switch (event.why) {
      case "planned":
        if (
          !this.#isOver &&
          this.#causes.length === 0 &&
          judgeDeparture(this.#boot.ends, this.#departure(), "none") !== undefined
        ) {
          this.fail("harness", `the tool ended the boot while ${this.awaited} was awaited${detail}`);
        }
        break;
      case "decided":
        if (this.#causes.length === 0)
          this.fail("harness", `the tool ended a boot that had not failed${detail}`);
        break;
      case "interrupted":
        if (!this.#isOver) this.fail("interrupted", `interrupted while ${this.awaited} was awaited${detail}`);
        break;
      case "host":
      case "cloud":
        this.fail(event.why, `the ${event.why} failed${detail}`);
        break;
      default:
        unreachable(event.why);
    }
  }

  #judgeEnd(): void {
    const finding = judgeDeparture(this.#boot.ends, this.#departure(), this.#options.speech.exit);
    if (finding !== undefined) return this.fail(finding.kind, finding.sentence);
    if (this.#wasReset) this.#ended = "reset";
    this.#judgeEnumeration();
  }

  #departure(): Departure {
    return {
      exit: this.#exit,
      wasReset: this.#wasReset,
      poweredOff: this.#hasPoweredOff,
      halted: this.#halted,
      panicked: this.#hasPanicked,
      awaited: this.awaited,
      isChainComplete: this.#chain.isComplete,
    };
  }

  /** Asked where the boot has come to its end as declared, whatever end that is. */
  #judgeEnumeration(): void {
    const missed = (this.#options.requires.enumerated ?? []).find((_, i) => !this.#enumerated.has(i));
    if (missed === undefined) return;
    this.fail("device", `the guest never said that it has found \`${missed.device}\`: \`${missed.line}\``);
  }

  /** A claim about a device is not proved on a machine that was never asked whether it has one. */
  #judgeDevices(): void {
    const { requires, expectation } = this.#options;
    const names = requires.devices;
    if (names.length === 0 || this.#hasDevices || expectation.freshness === "none") return;
    this.fail("harness", `the machine never said which devices it has, and ${listOf(names)} must be there`);
  }

  #planned(ended: string, end: "quit" | "cut"): void {
    if (this.#causes.length > 0) return;
    this.#judgeEnumeration();
    if (this.#causes.length > 0) return;
    this.#isOver = true;
    this.#ended = ended;
    this.#options.say({ type: "decided", end, why: "planned", at: this.now });
  }

  /** Notes a cause if it is the first or graver than what is known: a panic behind a refutation still counts. */
  fail(
    kind: Cause["kind"],
    sentence: string,
    place: { readonly offset?: number; readonly landmark?: string } = {},
  ): void {
    if (this.#isOver && !causeVerdicts[kind].endsWith("-error")) return;
    const known = gravest(this.#causes);
    const cause: Cause = { kind, sentence, at: this.now, ...place };
    if (known !== undefined && gravest([known, cause]) === known) return;
    this.#causes.push(cause);
    if (known === undefined) {
      this.#options.say({ type: "decided", end: "cut", why: "decided", at: this.now, cause });
    }
  }
}

function tooOften(name: string, count: number, atMost: number): string {
  return atMost === 1
    ? `\`${name}\` came twice`
    : `\`${name}\` came ${count} times, at most ${atMost} are allowed`;
}

export function listOf(names: readonly string[]): string {
  return names.map((n) => `\`${n}\``).join(", ");
}
