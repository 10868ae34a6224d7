import { unreachable } from "../base/index.ts";
import { ActionJudge } from "./actions.ts";
import { Automaton } from "./automaton.ts";
import { BudgetMeter } from "./budget.ts";
import { Course, type JudgeOutput } from "./course.ts";
import { mustParseExpression } from "./expression.ts";
import { ExcerptKeeper } from "./excerpt.ts";
import { ForbiddenSearch } from "./forbidden.ts";
import type { BootJudgement } from "./judgement.ts";
import { type Line, LineReader, type Piece } from "./lines.ts";
import { literalPrefix } from "./pattern.ts";
import { type ByteTest, LineReading } from "./reading.ts";
import { compileSpeech, type Expectation, type Speech } from "./speech.ts";
import { TearResolver } from "./tear.ts";
import type { BootInput, BootSpec, Moment, Proof } from "./types.ts";

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
  readonly #speech: Speech;
  readonly #course: Course;
  readonly #actions: ActionJudge | undefined;
  readonly #reading: LineReading;
  readonly #forbidden: ForbiddenSearch;
  readonly #tears: TearResolver;
  readonly #lines: LineReader;
  /** Forbidden texts in the line whose pieces are being read. */
  #pieceHits: ReadonlySet<number> = noHits;
  readonly #excerpt = new ExcerptKeeper();
  readonly #meter = new BudgetMeter();
  /** Moment of the last bytes, not yet accounted because more bytes of the same moment may follow. */
  #latched: Moment | undefined;
  #outputs: JudgeOutput[] = [];

  constructor(proof: Proof, boot: BootSpec, index: number, expectation: Expectation) {
    const nevers = [...proof.never, ...boot.never];
    this.#boot = boot;
    this.#index = index;
    this.#speech = compileSpeech(proof.guest);
    this.#actions = ActionJudge.of({
      proof,
      boot,
      nevers: nevers.map((n) => n.text),
      say: (output) => this.#outputs.push(output),
      forbidden: (hit) => this.#course.terminalHit(hit),
    });
    this.#course = new Course({
      boot,
      nevers,
      requires: proof.requires,
      speech: this.#speech,
      expectation,
      actions: this.#actions,
      say: (output) => this.#said(output),
      onPhase: () => this.#meter.restart(this.#course.now),
    });
    const enumerated = proof.requires.enumerated ?? [];
    this.#reading = new LineReading(
      boot,
      this.#speech,
      enumerated,
      closedLabels(proof.closed),
      expectation.transport === "lossy",
    );
    this.#forbidden = new ForbiddenSearch(nevers.map((n) => n.text));
    this.#tears = new TearResolver(this.#reading, this.#forbidden, proof.foreign, (stretch) =>
      this.#course.commit(stretch),
    );
    this.#lines = new LineReader(
      { line: (line) => this.#line(line), piece: (piece) => this.#piece(piece) },
      this.#tears.marks,
    );
  }

  feed(input: BootInput): readonly JudgeOutput[] {
    this.#outputs = [];
    if (this.#latched !== undefined && !isSameMoment(this.#latched, input.at)) this.#settle(this.#latched);
    // A tick that is not kept must leave no trace.
    if (input.kind !== "tick") this.#course.now = input.at;
    switch (input.kind) {
      case "bytes":
        // A line may have waited in a pipe while the tool was kept from reading, so idle time before it is not
        // held against it; processor time is, for the guest has had it.
        this.#checkBudget(input.at);
        this.#latched = input.at;
        this.#excerpt.push(input.bytes);
        this.#forbidden.enter(input.bytes);
        this.#lines.push(input.bytes);
        this.#actions?.bytes("console", input.bytes, input.at);
        break;
      case "terminal":
        this.#actions?.bytes("terminal", input.bytes, input.at);
        break;
      case "control":
        this.#course.control(input.event);
        break;
      case "tick":
        if (this.#advance(input.at)) {
          this.#course.now = input.at;
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
    const { phase, awaited, next, now } = this.#course;
    if (phase === "over") return undefined;
    const spentMs = this.#meter.spent(now);
    return { phase, what: awaited, names: next.map((l) => l.name), spentMs, budgetMs: this.#budget().ms };
  }

  finish(): BootJudgement {
    this.#outputs = [];
    if (this.#latched !== undefined) this.#settle(this.#latched);
    this.#lines.finish();
    this.#tears.finish();
    return {
      ...this.#course.finish(),
      index: this.#index,
      last: this.#course.now,
      bytes: this.#lines.offset,
      excerpt: this.#excerpt.lines(),
    };
  }

  #line(line: Line): void {
    const { bytes, start, end } = line;
    const isClean = line.pieced ? this.#pieceHits.size === 0 : this.#forbidden.isClean(end);
    const isQuiet = !line.marked && !this.#tears.isOpen;
    if (isQuiet && isClean && (line.overlong || this.#reading.rejects(bytes, start, end))) return;
    const hits = isClean ? [] : line.pieced ? [...this.#pieceHits] : this.#forbidden.hitsIn(start, end);
    this.#pieceHits = noHits;
    for (const hit of hits) this.#course.physicalHit(hit, line.offset, this.#tears.isOpen);
    this.#tears.take(line, hits);
  }

  /** Forbidden text is reported as soon as it is complete: a prompt that nothing ends must not hide it. */
  #piece(piece: Piece): void {
    this.#pieceHits = this.#forbidden.piece(piece);
    // What may become a panic line is read to its end first, for a panic is the graver finding.
    if (this.#pieceHits.size === 0 || this.#isPanicBeginning(this.#lines.openLine)) return;
    for (const hit of this.#pieceHits) this.#course.physicalHit(hit, piece.offset, this.#tears.isOpen);
  }

  #isPanicBeginning(text: Uint8Array): boolean {
    return this.#speech.panic.some((pattern) => {
      const prefix = literalPrefix(pattern).subarray(0, text.length);
      return Buffer.compare(prefix, text.subarray(0, prefix.length)) === 0;
    });
  }

  /** Accounts for the moment of the last bytes, once time has moved on. */
  #settle(moment: Moment): void {
    this.#latched = undefined;
    this.#advance(moment);
    this.#checkBudget(moment);
  }

  /** Whether enough time has passed for any of what is awaited to be charged with it. */
  #advance(at: Moment): boolean {
    const isCharged = this.#meter.advance(at);
    return (this.#actions?.advance(at) ?? false) || isCharged;
  }

  #said(output: JudgeOutput): void {
    this.#outputs.push(output);
    if (output.type === "banner") this.#actions?.begin(output.offset, this.#course.now);
    if (output.type !== "landmark") return;
    const { name, offset, length } = output.landmark;
    this.#actions?.landmark(name, offset + length, this.#course.now);
  }

  #checkBudget(at: Moment): void {
    const overdue = this.#course.phase === "over" ? undefined : this.#actions?.overdue(at);
    if (overdue !== undefined) return this.#course.fail(overdue.kind, overdue.sentence);
    const { ms, landmark } = this.#budget();
    const spent = this.#meter.spent(at);
    if (spent <= ms) return;
    const what = landmark === undefined ? this.#course.awaited : `\`${landmark}\``;
    this.#course.fail(
      "deadline",
      `${what} did not come within ${showMs(ms)}${this.#besides()}`,
      landmark === undefined ? {} : { landmark },
    );
  }

  /** What else was awaited, which may be what the guest waits for. */
  #besides(): string {
    const awaited = this.#actions?.awaited;
    return awaited === undefined ? "" : `; ${awaited} was awaited as well`;
  }

  #budget(): { readonly ms: number; readonly landmark?: string } {
    const { phase, next } = this.#course;
    switch (phase) {
      case "over":
        return { ms: Infinity };
      case "firmware":
        return { ms: this.#boot.budgets.firmwareMs };
      case "end":
        return { ms: this.#boot.budgets.endMs };
      case "landmarks": {
        const [first, ...others] = next;
        if (first === undefined) return { ms: Infinity };
        const tightest = others.reduce((a, b) => (b.withinMs < a.withinMs ? b : a), first);
        return { ms: tightest.withinMs, landmark: tightest.name };
      }
      default:
        return unreachable(phase);
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

function showMs(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
