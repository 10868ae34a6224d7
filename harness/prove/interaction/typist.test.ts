import { describe, expect, test } from "vitest";
import { ok } from "../../base/index.ts";
import {
  type ActionEvent,
  type BootInput,
  type BootJudgement,
  type BootSpec,
  createBootJudge,
  type Proof,
  type Send,
} from "../../contract/index.ts";
import { typistOf } from "./typist.ts";

/** A typist at a guest that does not always hear: the judge beside it is the real one, time is the test's. */

const send: Send = {
  name: "run",
  on: { on: "prompt", text: "$ " },
  text: "echo [app] done\n",
  echo: true,
  port: "console",
  withinMs: 10_000,
};

function proofOf(sends: readonly Send[]): Proof {
  const landmark = { name: "done", line: "[app] done", atMost: 1, withinMs: 30_000 };
  const boot: BootSpec = {
    name: "main",
    chain: [{ kind: "one", landmark }],
    ends: { how: "landmark", at: "done" },
    never: [],
    budgets: { firmwareMs: 1000, endMs: 1000 },
    sends,
  };
  return {
    name: "run-test",
    title: "",
    image: "test",
    tags: [],
    machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
    disks: {},
    boots: [boot],
    same: [],
    bounds: [],
    never: [],
    requires: { devices: [] },
    foreign: "",
    closed: "",
    guest: { banner: "hello", trailer: "bye", panic: [], exit: "none" },
    spans: new Map(),
  };
}

/** What a guest does with a piece that is typed: the text that comes back, and after how many milliseconds. */
type Guest = (piece: string, count: number) => readonly { readonly text: string; readonly afterMs: number }[];

interface Told {
  readonly judgement: BootJudgement;
  readonly typed: readonly string[];
  readonly notes: readonly Omit<ActionEvent, "type">[];
}

/** Lets an idle guest live for so long, or until the boot is decided. */
async function live(guest: Guest, sends: readonly Send[] = [send], forMs = 60_000): Promise<Told> {
  const judge = createBootJudge(proofOf(sends), 0, { freshness: "none" });
  const typist = typistOf(sends);
  const typed: string[] = [];
  const notes: Omit<ActionEvent, "type">[] = [];
  const coming: { readonly at: number; readonly text: string }[] = [{ at: 1, text: "hello\r\n$ " }];
  const noted: BootInput[] = [];
  let now = 0;
  const state = { decided: false };
  typist.started?.({
    act: (action) => {
      if (action.type !== "send") throw new Error(action.type);
      const piece = Buffer.from(action.bytes).toString();
      typed.push(piece);
      for (const { text, afterMs } of guest(piece, typed.length)) coming.push({ at: now + afterMs, text });
      return Promise.resolve(ok(undefined));
    },
    note: (event) => {
      notes.push(event);
      noted.push({ kind: "control", at: { wallMs: now, cpuMs: 0 }, event: { type: "action", ...event } });
    },
    attach: () => {},
    fail: (why) => {
      throw new Error(why);
    },
    takeOver: () => {},
    trace: undefined,
    network: undefined,
  });
  const feed = (input: BootInput): void => {
    const said = judge.feed(input);
    state.decided ||= said.some((s) => s.type === "decided");
    typist.saw?.(input, said);
  };
  for (now = 1; now <= forMs && !state.decided; now++) {
    const at = { wallMs: now, cpuMs: 0 };
    for (const event of noted.splice(0)) feed(event);
    for (const { text } of coming.filter((c) => c.at === now))
      feed({ kind: "bytes", at, bytes: Buffer.from(text) });
    if (now % 50 === 0) feed({ kind: "tick", at });
    // What the typist does behind an answered action.
    await Promise.resolve();
    await Promise.resolve();
  }
  for (const event of noted.splice(0)) feed(event);
  return { judgement: judge.finish(), typed, notes };
}

/** Echoes like a terminal, and does what the line says when it is ended. */
const attentive: Guest = (piece) =>
  piece === "\n" ? [{ text: "\r\n[app] done\r\n", afterMs: 5 }] : [{ text: piece, afterMs: 5 }];

describe("a typist", () => {
  test("types piece by piece, each when the one before has come back, and the line end last", async () => {
    const { judgement, typed, notes } = await live(attentive);
    expect(typed).toEqual(["echo [ap", "p] done", "\n"]);
    expect(notes).toEqual([
      { source: "send", name: "run", detail: 'typed "echo [app] done\\n" at the console', ok: true },
    ]);
    expect(judgement.verdict).toBe("proved");
  });

  test("types a piece again that was lost whole (complaint 16)", async () => {
    const { judgement, typed, notes } = await live((piece, count) =>
      count === 1 ? [] : attentive(piece, count),
    );
    expect(typed).toEqual(["echo [ap", "echo [ap", "p] done", "\n"]);
    expect(notes[0]?.detail).toContain(", 1 piece again");
    expect(judgement.verdict).toBe("proved");
  });

  test("does not type again what has come back in part, and says what was awaited", async () => {
    const { judgement, typed } = await live((piece) => [{ text: piece.slice(0, 3), afterMs: 5 }]);
    expect(typed).toEqual(["echo [ap"]);
    expect(judgement.cause).toMatchObject({ kind: "deadline" });
    expect(judgement.cause?.sentence).toContain("the echo of `run` did not come within 10 s");
  });

  test("gives up typing at a guest that never echoes", async () => {
    const { judgement, typed, notes } = await live(() => []);
    expect(typed).toEqual(Array.from({ length: 4 }, () => "echo [ap"));
    expect(notes).toEqual([]);
    expect(judgement).toMatchObject({ verdict: "no-progress", cause: { kind: "deadline" } });
  });

  test.each([101, 150, 400])(
    "never ends a line in which something stands twice, because it came late (%i ms)",
    async (ms) => {
      const { judgement, typed, notes } = await live((piece, count) =>
        count <= 2 ? [{ text: piece, afterMs: count === 1 ? 1700 : ms }] : attentive(piece, count),
      );
      expect(typed.slice(0, 2)).toEqual(["echo [ap", "echo [ap"]);
      expect(typed).not.toContain("\n");
      expect(notes).toMatchObject([{ name: "run", ok: false }]);
      expect(judgement).toMatchObject({ verdict: "no-progress", cause: { kind: "send" } });
    },
  );

  test("types what is not echoed at once and whole", async () => {
    const plain = { ...send, echo: false };
    const { judgement, typed } = await live(() => [{ text: "\r\n[app] done\r\n", afterMs: 5 }], [plain]);
    expect(typed).toEqual(["echo [app] done\n"]);
    expect(judgement.verdict).toBe("proved");
  });
});
