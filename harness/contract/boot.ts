import { unreachable } from "../base/index.ts";
import { Automaton } from "./automaton.ts";
import { BudgetMeter } from "./budget.ts";
import { allLandmarks, ChainProgress } from "./chain.ts";
import { type Departure, judgeDeparture } from "./ending.ts";
import { mustParseExpression } from "./expression.ts";
import { ExcerptKeeper } from "./excerpt.ts";
import { ForbiddenSearch } from "./forbidden.ts";
import {
  type BootJudgement,
  type Cause,
  causeVerdicts,
  gravest,
  type LandmarkSeen,
  verdictOf,
} from "./judgement.ts";
import { type Line, LineReader, type Piece } from "./lines.ts";
import { literalPrefix } from "./pattern.ts";
import { type ByteTest, LineReading } from "./reading.ts";
import { caposSpeech, compileSpeech, type Expectation, mismatchOf, type Speech } from "./speech.ts";
import { type LogicalLine, type Stretch, TearResolver } from "./tear.ts";
import type { BootInput, BootSpec, ControlEvent, Moment, Never, Proof } from "./types.ts";

export type JudgeOutput =
  | { readonly type: "banner"; readonly at: Moment; readonly offset: number }
  /** `seen` of `of`: distinct landmarks of the boot, this one included. */
  | { readonly type: "landmark"; readonly landmark: LandmarkSeen; readonly seen: number; readonly of: number }
  /** The guest has said its last line; its exit is awaited. */
  | { readonly type: "halted"; readonly status: number; readonly at: Moment; readonly offset: number }
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

/** What a boot is waiting for, for a live view. */
export interface Awaiting {
  readonly phase: "firmware" | "landmarks" | "end";
  /** For a person: the banner, landmark names, the end. */
  readonly what: string;
  /** Landmark names; several only within a group. */
  readonly names: readonly string[];
  readonly spentMs: number;
  readonly budgetMs: number;
}

/**
 * Judges one boot while it runs or from its record: feed everything in the order in which it happened. Equal
 * inputs give equal judgements, and the borders between byte chunks of one moment never matter.
 */
export interface BootJudge {
  /** An exit is fed after the console has been read to its end; a tick after all readable bytes, at least every 100 ms. */
  feed(input: BootInput): readonly JudgeOutput[];
  /** Undefined once the boot is decided. */
  awaiting(): Awaiting | undefined;
  /** Nothing more will come. Call once. */
  finish(): BootJudgement;
}

/** The proof must have passed `checkProof`; a pattern that does not parse throws. */
export function createBootJudge(proof: Proof, bootIndex: number, expectation: Expectation): BootJudge {
  const boot = proof.boots[bootIndex];
  if (boot === undefined) throw new Error(`proof ${proof.name} has no boot ${bootIndex}`);
  return new Judge(proof, boot, bootIndex, expectation);
}

class Judge implements BootJudge {
  readonly #boot: BootSpec;
  readonly #index: number;
  readonly #expectation: Expectation;
  readonly #required: readonly string[];
  readonly #speech: Speech;
  readonly #nevers: readonly Never[];
  readonly #of: number;

  readonly #reading: LineReading;
  readonly #forbidden: ForbiddenSearch;
  readonly #tears: TearResolver;
  readonly #lines: LineReader;
  /** Forbidden texts in the line whose pieces are being read. */
  #pieceHits: ReadonlySet<number> = noHits;
  readonly #excerpt = new ExcerptKeeper();
  readonly #chain: ChainProgress;
  readonly #meter = new BudgetMeter();

  #outputs: JudgeOutput[] = [];
  #now: Moment = { wallMs: 0, cpuMs: 0 };
  /** Moment of the last bytes, not yet accounted because more bytes of the same moment may follow. */
  #latched: Moment | undefined;
  #banner: BootJudgement["banner"];
  readonly #seen: LandmarkSeen[] = [];
  readonly #causes: Cause[] = [];
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
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;

  constructor(proof: Proof, boot: BootSpec, index: number, expectation: Expectation) {
    this.#boot = boot;
    this.#index = index;
    this.#expectation = expectation;
    this.#required = proof.requires.devices;
    this.#speech = compileSpeech(proof.guest ?? caposSpeech);
    this.#nevers = [...proof.never, ...boot.never];
    this.#of = allLandmarks(boot.chain).length;
    this.#reading = new LineReading(boot, this.#speech, closedLabels(proof.closed));
    this.#forbidden = new ForbiddenSearch(this.#nevers.map((n) => n.text));
    this.#chain = new ChainProgress(boot.chain);
    this.#tears = new TearResolver(this.#reading, this.#forbidden, proof.foreign, (line) =>
      this.#commit(line),
    );
    this.#lines = new LineReader(
      { line: (line) => this.#line(line), piece: (piece) => this.#piece(piece) },
      this.#tears.mark,
    );
  }

  feed(input: BootInput): readonly JudgeOutput[] {
    this.#outputs = [];
    if (this.#latched !== undefined && !isSameMoment(this.#latched, input.at)) this.#settle(this.#latched);
    // A tick that is not kept must leave no trace.
    if (input.kind !== "tick") this.#now = input.at;
    switch (input.kind) {
      case "bytes":
        // A line may have waited in a pipe while the tool was kept from reading, so idle time before it is not
        // held against it; processor time is, for the guest has had it.
        this.#checkBudget(input.at);
        this.#latched = input.at;
        this.#excerpt.push(input.bytes);
        this.#forbidden.enter(input.bytes);
        this.#lines.push(input.bytes);
        break;
      case "control":
        this.#control(input.event);
        break;
      case "tick":
        if (this.#meter.advance(input.at)) {
          this.#now = input.at;
          this.#outputs.push({ type: "kept" });
          this.#checkBudget(input.at);
        }
        break;
      default:
        return unreachable(input);
    }
    return this.#outputs;
  }

  awaiting(): Awaiting | undefined {
    const phase = this.#phase();
    if (phase === "over") return undefined;
    const spentMs = this.#meter.spent(this.#now);
    const names = this.#chain.awaited().map((l) => l.name);
    return { phase, what: this.#awaited(), names, spentMs, budgetMs: this.#budget().ms };
  }

  finish(): BootJudgement {
    this.#outputs = [];
    if (this.#latched !== undefined) this.#settle(this.#latched);
    this.#lines.finish();
    this.#tears.finish();
    if (this.#causes.length === 0 && !this.#isOver) this.#judgeEnd();
    if (this.#causes.length === 0) this.#judgeDevices();
    const cause = gravest(this.#causes);
    return {
      boot: this.#boot.name,
      index: this.#index,
      verdict: verdictOf(cause),
      ...(cause === undefined ? {} : { cause }),
      causes: this.#causes,
      freshness: this.#expectation.freshness,
      ...(this.#banner === undefined ? {} : { banner: this.#banner }),
      landmarks: this.#seen,
      awaited: this.#chain.awaited().map((l) => l.name),
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      last: this.#now,
      bytes: this.#lines.offset,
      excerpt: this.#excerpt.lines(),
    };
  }

  // Lines

  #line(line: Line): void {
    const { bytes, start, end } = line;
    const isClean = line.pieced ? this.#pieceHits.size === 0 : this.#forbidden.isClean(end);
    const isQuiet = !line.marked && !this.#tears.isOpen;
    if (isQuiet && isClean && (line.overlong || this.#reading.rejects(bytes, start, end))) return;
    const hits = isClean ? [] : line.pieced ? [...this.#pieceHits] : this.#forbidden.hitsIn(start, end);
    this.#pieceHits = noHits;
    for (const hit of hits) this.#physicalHit(hit, line.offset);
    this.#tears.take(line, hits);
  }

  /** Forbidden text is reported as soon as it is complete: a prompt that nothing ends must not hide it. */
  #piece(piece: Piece): void {
    this.#pieceHits = this.#forbidden.piece(piece);
    // What may become a panic line is read to its end first, for a panic is the graver finding.
    if (this.#pieceHits.size === 0 || this.#isPanicBeginning(this.#lines.openLine)) return;
    for (const hit of this.#pieceHits) this.#physicalHit(hit, piece.offset);
  }

  #isPanicBeginning(text: Uint8Array): boolean {
    return this.#speech.panic.some((pattern) => {
      const prefix = literalPrefix(pattern).subarray(0, text.length);
      return Buffer.compare(prefix, text.subarray(0, prefix.length)) === 0;
    });
  }

  /** What a stretch of the console says is now known. */
  #commit(stretch: Stretch): void {
    const openBefore = this.#nevers.map(({ until }) => until === undefined || !this.#chain.hasSeen(until));
    const { unclear, offset } = stretch;
    if (unclear !== undefined && (this.#banner !== undefined || unclear.mayBeBanner) && !this.#isFrozen) {
      this.#fail("unclear", unclear.sentence, { offset });
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
        case "ambiguous":
          this.#fail("unclear", `one line is ${listOf(event.names)} at once`, { offset: line.offset });
          break;
        case "unknown":
          this.#fail(
            "unknown",
            `\`[${event.label}]\` may only print declared landmarks, and this line is none`,
            {
              offset: line.offset,
            },
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
    this.#banner = { offset: line.offset, length: line.length, at: this.#now };
    this.#outputs.push({ type: "banner", at: this.#now, offset: line.offset });
    this.#meter.restart(this.#now);
    const mismatch = mismatchOf(captures, this.#expectation);
    if (mismatch !== undefined) this.#fail("identity", mismatch, { offset: line.offset });
  }

  #secondBanner(line: LogicalLine): void {
    if (this.#boot.ends.how === "reset" && this.#chain.isComplete) {
      this.#wasReset = true;
      this.#planned("reset", "quit");
      return;
    }
    this.#fail("reset", `a second banner: the machine was reset while ${this.#awaited()} was awaited`, {
      offset: line.offset,
    });
  }

  #landmark(name: string, captures: Readonly<Record<string, string>>, line: LogicalLine): void {
    if (this.#causes.length > 0) return;
    const { offset, length, torn } = line;
    const step = this.#chain.see(name);
    const landmark: LandmarkSeen = { name, captures, offset, length, at: this.#now, torn };
    switch (step.kind) {
      case "awaited":
      case "again":
        this.#seen.push(landmark);
        this.#outputs.push({ type: "landmark", landmark, seen: this.#chain.seen, of: this.#of });
        break;
      case "too-early":
        this.#fail("order", `\`${name}\` came while ${listOf(step.awaited)} was awaited`, {
          offset,
          landmark: name,
        });
        return;
      case "too-often":
        this.#fail("duplicate", tooOften(name, step.count, step.atMost), { offset, landmark: name });
        return;
      default:
        unreachable(step);
    }
    if (step.kind !== "awaited") return;
    if (step.advanced) this.#meter.restart(this.#now);
    const { ends } = this.#boot;
    if ((ends.how === "landmark" || ends.how === "power-cut") && ends.at === name) {
      if (this.#chain.isComplete)
        this.#planned(`${ends.how} at ${name}`, ends.how === "landmark" ? "quit" : "cut");
      else
        this.#fail("missing", `the boot ends at \`${name}\`, but ${this.#awaited()} was not seen`, {
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
    this.#fail("panic", `the guest panicked while ${this.#awaited()} was awaited${words}`, {
      offset: line.offset,
    });
  }

  #trailer(status: number, line: LogicalLine): void {
    const { ends } = this.#boot;
    const place = { offset: line.offset };
    if (this.#causes.length > 0) return;
    if (this.#halted !== undefined) {
      this.#fail("duplicate", "the guest said twice that it has halted", place);
    } else if (ends.how !== "halt") {
      this.#fail(
        "ending",
        `the guest halted with status=${status}, but the boot should end by ${ends.how}`,
        place,
      );
    } else if (status !== ends.status) {
      const before = this.#chain.isComplete ? "" : `, while ${this.#awaited()} was awaited`;
      this.#fail(
        "status",
        `the guest halted with status=${status} instead of ${ends.status}${before}`,
        place,
      );
    } else if (!this.#chain.isComplete) {
      this.#fail("missing", `the guest halted, but ${this.#awaited()} was never seen`, place);
    } else {
      this.#halted = status;
      this.#ended = `halted with status=${status}`;
      this.#outputs.push({ type: "halted", status, at: this.#now, ...place });
    }
  }

  #hasBegun(hit: number): boolean {
    const from = this.#nevers[hit]?.from;
    return this.#banner !== undefined && (from === undefined || this.#chain.hasSeen(from));
  }

  /** Text that stands in the console as it is, however its line is to be read. */
  #physicalHit(hit: number, offset: number): void {
    const until = this.#nevers[hit]?.until;
    const isOpen = until === undefined || !this.#chain.hasSeen(until);
    if (isOpen && this.#hasBegun(hit) && !this.#isFrozen) this.#failForbidden(hit, offset);
  }

  #failForbidden(hit: number, offset: number): void {
    const never = this.#nevers[hit];
    if (never !== undefined)
      this.#fail("forbidden", `the forbidden text \`${never.text}\` was printed`, { offset });
  }

  // What the machine says

  #control(event: ControlEvent): void {
    if (this.#isFrozen) return;
    switch (event.type) {
      case "exit":
        this.#exit = event;
        break;
      case "reset":
        this.#wasReset = true;
        break;
      case "shutdown":
        if (event.guest) {
          this.#hasPoweredOff = true;
        } else this.#fail("host", "the emulator was stopped from outside", {});
        break;
      case "triple-fault":
        this.#fail("triple-fault", `a triple fault while ${this.#awaited()} was awaited`, {});
        break;
      case "devices":
        this.#hasDevices = true;
        for (const name of this.#required) {
          if (!event.present.includes(name))
            this.#fail("device", `the required device \`${name}\` is not there`, {});
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

  #endedByTool(event: Extract<ControlEvent, { type: "ended-by-tool" }>): void {
    const detail = event.detail === undefined ? "" : `: ${event.detail}`;
    switch (event.why) {
      case "planned":
        if (
          !this.#isOver &&
          this.#causes.length === 0 &&
          judgeDeparture(this.#boot.ends, this.#departure(), "none") !== undefined
        ) {
          this.#fail("harness", `the tool ended the boot while ${this.#awaited()} was awaited${detail}`, {});
        }
        break;
      case "decided":
        if (this.#causes.length === 0)
          this.#fail("harness", `the tool ended a boot that had not failed${detail}`, {});
        break;
      case "interrupted":
        if (!this.#isOver)
          this.#fail("interrupted", `interrupted while ${this.#awaited()} was awaited${detail}`, {});
        break;
      case "host":
      case "cloud":
        this.#fail(event.why, `the ${event.why} failed${detail}`, {});
        break;
      default:
        unreachable(event.why);
    }
  }

  #judgeEnd(): void {
    const finding = judgeDeparture(this.#boot.ends, this.#departure(), this.#speech.exit);
    if (finding !== undefined) this.#fail(finding.kind, finding.sentence, {});
    else if (this.#wasReset) this.#ended = "reset";
  }

  #departure(): Departure {
    return {
      exit: this.#exit,
      wasReset: this.#wasReset,
      poweredOff: this.#hasPoweredOff,
      halted: this.#halted,
      panicked: this.#hasPanicked,
      awaited: this.#awaited(),
      isChainComplete: this.#chain.isComplete,
    };
  }

  /** A claim about a device is not proved on a machine that was never asked whether it has one. */
  #judgeDevices(): void {
    if (this.#required.length === 0 || this.#hasDevices || this.#expectation.freshness === "none") return;
    this.#fail(
      "harness",
      `the machine never said which devices it has, and ${listOf(this.#required)} must be there`,
      {},
    );
  }

  // Time

  /** Accounts for the moment of the last bytes, once time has moved on. */
  #settle(moment: Moment): void {
    this.#latched = undefined;
    this.#meter.advance(moment);
    this.#checkBudget(moment);
  }

  #checkBudget(at: Moment): void {
    const { ms, landmark } = this.#budget();
    const spent = this.#meter.spent(at);
    if (spent <= ms) return;
    const what = landmark === undefined ? this.#awaited() : `\`${landmark}\``;
    this.#fail(
      "deadline",
      `${what} did not come within ${showMs(ms)}`,
      landmark === undefined ? {} : { landmark },
    );
  }

  #phase(): Awaiting["phase"] | "over" {
    if (this.#isOver || this.#isFrozen || this.#causes.length > 0) return "over";
    if (this.#banner === undefined) return "firmware";
    return this.#chain.isComplete ? "end" : "landmarks";
  }

  #budget(): { readonly ms: number; readonly landmark?: string } {
    const phase = this.#phase();
    switch (phase) {
      case "over":
        return { ms: Infinity };
      case "firmware":
        return { ms: this.#boot.budgets.firmwareMs };
      case "end":
        return { ms: this.#boot.budgets.endMs };
      case "landmarks": {
        const [first, ...others] = this.#chain.awaited();
        if (first === undefined) return { ms: Infinity };
        const tightest = others.reduce((a, b) => (b.withinMs < a.withinMs ? b : a), first);
        return { ms: tightest.withinMs, landmark: tightest.name };
      }
      default:
        return unreachable(phase);
    }
  }

  #awaited(): string {
    if (this.#banner === undefined) return "the banner";
    const names = this.#chain.awaited().map((l) => l.name);
    if (names.length > 0) return listOf(names);
    return this.#ended === undefined ? `the end (${this.#boot.ends.how})` : "the machine's exit";
  }

  // Decisions

  #planned(ended: string, end: "quit" | "cut"): void {
    if (this.#causes.length > 0) return;
    this.#isOver = true;
    this.#ended = ended;
    this.#outputs.push({ type: "decided", end, why: "planned", at: this.#now });
  }

  /** Notes a cause if it is the first or graver than what is known: a panic behind a refutation still counts. */
  #fail(
    kind: Cause["kind"],
    sentence: string,
    place: { readonly offset?: number; readonly landmark?: string },
  ): void {
    if (this.#isOver && !causeVerdicts[kind].endsWith("-error")) return;
    const known = gravest(this.#causes);
    const cause: Cause = { kind, sentence, at: this.#now, ...place };
    if (known !== undefined && gravest([known, cause]) === known) return;
    this.#causes.push(cause);
    if (known === undefined) {
      this.#outputs.push({ type: "decided", end: "cut", why: "decided", at: this.#now, cause });
    }
  }
}

const noHits: ReadonlySet<number> = new Set();

function closedLabels(closed: string): ByteTest | undefined {
  if (closed === "") return undefined;
  const automaton = new Automaton(mustParseExpression(closed));
  return (bytes, start, end) => automaton.matches(bytes, start, end);
}

function isSameMoment(a: Moment, b: Moment): boolean {
  return a.wallMs === b.wallMs && a.cpuMs === b.cpuMs;
}

function tooOften(name: string, count: number, atMost: number): string {
  return atMost === 1
    ? `\`${name}\` came twice`
    : `\`${name}\` came ${count} times, at most ${atMost} are allowed`;
}

function listOf(names: readonly string[]): string {
  return names.map((n) => `\`${n}\``).join(", ");
}

function showMs(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
