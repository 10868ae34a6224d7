import { rmSync } from "node:fs";
import { join } from "node:path";
import { err, fail, ok, problem, type Result } from "../../base/index.ts";
import type { BootInput, JudgeOutput } from "../../contract/index.ts";
import type { BootRequest, Monitor } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { Companion, CompanionContext, Decided, Hand } from "../companion.ts";
import { giveWay, Inspector } from "../inspect/inspector.ts";
import { knownPrograms, type LinkedPrograms, linkedPrograms } from "../inspect/programs.ts";
import { debuggerSocket } from "../inspect/socket.ts";
import { symbolsFor, whereabouts } from "../inspect/where.ts";

/** When a machine is to stand still: before the kernel's first instruction, at its banner, or at a landmark. */
export interface DebugWish {
  readonly boot: string;
  readonly at: string;
  /** Works with the machine that stands still, which is ended when this settles. */
  readonly attach: (stopped: Stopped) => Promise<void>;
}

/** A machine that stands still for a debugger. */
export interface Stopped {
  /** Where it stands, for a person. */
  readonly title: string;
  readonly monitor: Monitor;
  readonly linked: LinkedPrograms;
  /** The linked file whose symbols fit where it stands. */
  readonly symbols: string | undefined;
  /** Of the debugger's port, from the root. */
  readonly socket: string;
  /** What the debugger must do to get to where the machine is wanted. */
  readonly first: readonly string[];
  /** Fires when the machine has gone by itself. */
  readonly gone: AbortSignal;
}

/** The first instruction of our kernel that runs in long mode; what is before it debuggers do not understand. */
const entry = "rust_entry";

export function pauserOf(context: CompanionContext, wish: DebugWish): Companion {
  return new Pauser(context, wish);
}

class Pauser implements Companion {
  readonly #context: CompanionContext;
  readonly #wish: DebugWish;
  readonly #socket: string;
  readonly #gone = new AbortController();
  #hand: Hand | undefined;
  /** Somebody has the machine, or has had it. */
  #working: Promise<void> | undefined;
  /** Where the machine was to be stopped, but was gone before it heard of it. */
  #missed: string | undefined;

  constructor(context: CompanionContext, wish: DebugWish) {
    this.#context = context;
    this.#wish = wish;
    this.#socket = debuggerSocket(context);
  }

  prepare(request: BootRequest): Promise<Result<BootRequest>> {
    return Promise.resolve(ok(this.#wish.at === "entry" ? { ...request, paused: true } : request));
  }

  started(hand: Hand): void {
    this.#hand = hand;
    if (this.#wish.at !== "entry") {
      if (hand.monitor !== undefined) void giveWay(hand.monitor);
      return;
    }
    const knowsKernel = this.#linked().kernel !== undefined;
    const first = knowsKernel ? [`hbreak ${entry}`, "continue", "delete"] : [];
    this.#take(knowsKernel ? "at the kernel's entry" : "before its first instruction", first);
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    if (input.kind === "control" && input.event.type === "exit") this.#gone.abort();
    const { at } = this.#wish;
    for (const what of said) {
      if (what.type === "banner" && at === "banner") this.#take("behind its banner", []);
      if (what.type === "landmark" && what.landmark.name === at) this.#take(`behind \`${at}\``, []);
    }
  }

  /** The landmark will not come any more; where the boot has failed is the next best place. */
  failed({ cause }: Decided): Promise<void> | undefined {
    if (this.#working !== undefined) return undefined;
    const why = cause?.sentence ?? "the boot has failed";
    this.#working = this.#work(`where it failed, before \`${this.#wish.at}\`: ${why}`, []);
    return this.#working;
  }

  /** A debugger may have more to say when the machine has already gone. */
  async ended(): Promise<Result<undefined>> {
    this.#gone.abort();
    await this.#working;
    rmSync(join(this.#context.root, this.#socket), { force: true });
    const { boot, at } = this.#wish;
    if (this.#missed === undefined && this.#working !== undefined) return ok(undefined);
    const message =
      this.#missed === undefined
        ? `boot \`${boot}\` ended before \`${at}\` came, and its machine was gone`
        : `boot \`${boot}\` went on to its end before it could be stopped ${this.#missed}`;
    return fail(problem(proveCodes, "CAPOS_DEBUG_MISSED", message));
  }

  #take(where: string, first: readonly string[]): void {
    if (this.#working !== undefined) return;
    this.#working = this.#work(where, first);
    this.#hand?.takeOver(this.#working);
  }

  async #work(where: string, first: readonly string[]): Promise<void> {
    const monitor = this.#hand?.monitor;
    if (monitor === undefined) return;
    const inspector = new Inspector(monitor);
    const paused = await inspector.pause();
    const opened = paused.ok ? await inspector.openGdb(this.#socket) : err(paused.error);
    if (!opened.ok) {
      if (!paused.ok) this.#missed = where;
      this.#hand?.fail(`the debugger's port could not be opened: ${opened.error}`);
      return;
    }
    const { lab, boot, root } = this.#context;
    const linked = this.#linked();
    const registers = await inspector.registers();
    const known = knownPrograms(linked, (file) => join(root, file));
    const places = registers.ok ? await whereabouts(inspector, registers.value, known) : [];
    await this.#wish.attach({
      title: `${lab.ref.id} ${boot.name}, ${where}`,
      monitor,
      linked,
      symbols: symbolsFor(linked, places),
      socket: this.#socket,
      first,
      gone: this.#gone.signal,
    });
  }

  #linked(): LinkedPrograms {
    const { root, lab } = this.#context;
    return linkedPrograms(root, lab.cacheDir, lab.programs);
  }
}
