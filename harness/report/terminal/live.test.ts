import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBody } from "../../events/index.ts";
import type { Renderer } from "../renderer.ts";
import { caseRef, finished, nearMiss, over, started, stream } from "../testing/events.ts";
import { Screen } from "../testing/screen.ts";
import { type LiveClock, liveRenderer } from "./live.ts";

interface Stage {
  readonly screen: Screen;
  readonly renderer: Renderer;
  readonly bytes: () => number;
  /** Tells the renderer, then lets 100 ms pass. */
  say(body: EventBody): void;
  resize(columns: number, rows: number): void;
}

function stage(columns: number, rows: number, reflows = true): Stage {
  const screen = new Screen(columns, rows, reflows);
  let now = 0;
  let tick = (): void => {};
  let resized = (): void => {};
  let bytes = 0;
  const clock: LiveClock = {
    now: () => now,
    every: (_ms, then) => {
      tick = then;
      return () => (tick = () => {});
    },
  };
  const streams = {
    out: (text: string) => {
      bytes += text.length;
      screen.write(text);
    },
    progress: (text: string) => screen.write(text),
    isTTY: { out: true, progress: true },
    size: () => ({ columns: screen.columns, rows: screen.lines }),
    onResize: (then: () => void) => {
      resized = then;
      return () => (resized = () => {});
    },
  };
  const env = reflows ? { TERM: "xterm-256color" } : { TERM: "xterm", XTERM_VERSION: "XTerm(379)" };
  const renderer = liveRenderer(streams, env, clock);
  const event = stream();
  return {
    screen,
    renderer,
    bytes: () => bytes,
    say(body) {
      renderer.on(event(body));
      now += 100;
      tick();
    },
    resize(wide, high) {
      screen.resize(wide, high);
      resized();
    },
  };
}

const persist = caseRef("run-storage-persist", "uefi");

function bootOf(ref = persist): EventBody[] {
  return [
    { type: "case-started", case: ref, title: "A title", boots: ["store", "read-back"], dir: "d" },
    { type: "boot-started", case: ref, boot: "store", index: 0 },
    { type: "banner", case: ref, boot: "store", wallMs: 58.8 },
    {
      type: "landmark",
      case: ref,
      boot: "store",
      name: "put",
      captures: { size: "4096" },
      offset: 10,
      wallMs: 70,
      seen: 1,
      of: 3,
    },
  ];
}

test("a window below, failures at once and in full above it", () => {
  const { screen, say } = stage(80, 24);
  const failing = caseRef("run-wrong-object");
  say(started([persist, failing, caseRef("run-smoke")]));
  for (const body of [...bootOf(), ...bootOf(failing)]) say(body);
  say(finished(failing, { verdict: "refuted", cause: "read-back: got never came", report: nearMiss }));
  expect(screen.shown().join("\n")).toMatchInlineSnapshot(`
    "         RUN 1800000000-0001: run-storage-persist@uefi, run-wrong-object@direct,
     run-smoke@direct
         REFUTED [   0.428s] (1/3) run-wrong-object@direct: read-back: got never cam
    e
        boot           read-back (2 of 2), refuted
        last landmark  mounted  (byte 167, 0.10 s)
        awaited        got: [client] got bytes=<size:int>
        nearest        [client] gat bytes=4096
                                 ^
                       (byte 197)

        last lines of the console:
          [client] gat bytes=4096

        artefacts: .capos/runs/1800000000-0001/run-wrong-object@direct
        again:     capos prove run-wrong-object --boot direct

    ────────────────────────────────────────────────────────────
         Running [ 00:00:01] 1/3 cases, 1 running: 0 proved, 1 refuted
                 [     0.9s] run-storage-persist@uefi store: put (1/3)
    "
  `);
});

test("at the end the window is gone and only what matters is said again", async () => {
  const { screen, say, renderer } = stage(100, 40);
  const cases = [persist, caseRef("run-wrong-object"), caseRef("run-smoke"), caseRef("run-late")];
  say(started(cases));
  say({ type: "slow", case: persist, boot: "store", awaiting: "put", ms: 5000 });
  say({ type: "slow", case: persist, boot: "store", awaiting: "put", ms: 10_000 });
  say(finished(persist, { ms: 12_000 }));
  say(finished(caseRef("run-wrong-object"), { verdict: "guest-died", cause: "read-back: a panic" }));
  say(finished(caseRef("run-smoke")));
  say(over({ exit: 1, ms: 12_345 }));
  await renderer.close();
  expect(screen.all().join("\n")).toMatchInlineSnapshot(`
    "         RUN 1800000000-0001: run-storage-persist@uefi, run-wrong-object@direct, run-smoke@direct, run-late@direct
            SLOW [>    5.0s] run-storage-persist@uefi store awaits put
            SLOW [>   10.0s] run-storage-persist@uefi store awaits put
          PROVED [  12.000s] (1/4) run-storage-persist@uefi
      GUEST-DIED [   0.428s] (2/4) run-wrong-object@direct: read-back: a panic
        artefacts: .capos/runs/1800000000-0001/run-wrong-object@direct
        again:     capos prove run-wrong-object --boot direct

          PROVED [   0.428s] (3/4) run-smoke@direct
         SUMMARY [  12.345s] 2 proved (1 slow), 1 guest-died, 1 not run
      GUEST-DIED [   0.428s] run-wrong-object@direct: read-back: a panic
            SLOW [>   10.0s] run-storage-persist@uefi"
  `);
});

test.each([
  [24, 8],
  [40, 10],
  [80, 24],
])(
  "a hundred cases on %i columns and %i rows leave each verdict once and nothing else",
  async (wide, high) => {
    const { screen, say, renderer, bytes } = stage(wide, high);
    const cases = Array.from({ length: 100 }, (_, i) => caseRef(`run-claim-${i}`));
    say(started(cases));
    for (const [i, ref] of cases.entries()) {
      for (const body of bootOf(ref)) say(body);
      for (const row of screen.shown()) expect(row.length).toBeLessThanOrEqual(wide);
      expect(screen.shown().length).toBeLessThanOrEqual(high);
      if (i > 2) say(finished(cases[i - 3]!));
    }
    for (const ref of cases.slice(-3)) say(finished(ref));
    say(over());
    await renderer.close();
    const lines = screen.all();
    expect(lines.filter((l) => /^ +PROVED /u.test(l))).toHaveLength(100);
    expect(lines).toHaveLength(102);
    // A hundred cases of seven events and a tick each.
    expect(bytes()).toBeLessThan(700 * 6 * (wide + 40));
  },
);

// Smaller ones wrap the window to more rows than there are: its oldest rows are then history, and stay there.
const sizes = fc.array(fc.tuple(fc.integer({ min: 30, max: 120 }), fc.integer({ min: 12, max: 40 })), {
  minLength: 1,
  maxLength: 6,
});

test("whatever the terminal is resized to, no printed line is lost and no row of the window stays", () => {
  fc.assert(
    fc.property(sizes, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (changes, when) => {
      const { screen, say, resize, renderer } = stage(100, 30);
      const cases = Array.from({ length: 12 }, (_, i) => caseRef(`run-claim-${i}`));
      say(started(cases));
      const left = changes.values();
      for (const [i, ref] of cases.entries()) {
        for (const body of bootOf(ref)) say(body);
        const size = when[i % 6] === true ? left.next().value : undefined;
        if (size !== undefined) resize(...size);
        say(finished(ref));
      }
      void renderer.close();
      const text = screen.all().join("\n");
      for (const ref of cases) expect(text).toMatch(new RegExp(` PROVED .*${ref.id}$`, "mu"));
      expect(text).not.toContain("running");
    }),
    { numRuns: 60 },
  );
});

test("a terminal that cuts old lines off loses nothing either", () => {
  const { screen, say, resize, renderer } = stage(100, 30, false);
  say(started([persist, caseRef("run-smoke")]));
  say(finished(caseRef("run-smoke")));
  for (const body of bootOf()) say(body);
  resize(40, 30);
  resize(100, 30);
  void renderer.close();
  expect(screen.all().at(-1)).toMatch(/PROVED .*run-smoke/u);
});

test("what the guest prints cannot steer the terminal", async () => {
  const { screen, say, renderer } = stage(80, 24);
  say(started([persist]));
  for (const body of bootOf()) say(body);
  const evil = "\u001b[2J\u001b[H\u0007\u202egnp.exe\r\nPROVED";
  say({ type: "boot-started", case: persist, boot: evil, index: 1 });
  say(finished(persist, { verdict: "refuted", cause: evil, report: [evil] }));
  await renderer.close();
  const text = screen.all().join("\n");
  expect(text).toContain("\\x1b[2J\\x1b[H\\x07\\u{202e}gnp.exe\\x0d\\x0aPROVED");
  expect(text).not.toMatch(/^PROVED/mu);
});
