import { expect, test } from "vitest";
import type { EventBody } from "../../events/index.ts";
import { caseRef, finished, nearMiss, over, started, stream } from "../testing/events.ts";
import { ansiPaint, wantsColour } from "./paint.ts";
import { plainRenderer } from "./plain.ts";
import { verdictLine, wordOf } from "./words.ts";
import { verdicts } from "../../contract/index.ts";

function render(bodies: readonly EventBody[], env = {}): { out: string; progress: string } {
  let out = "";
  let progress = "";
  const streams = { out: (t: string) => void (out += t), progress: (t: string) => void (progress += t) };
  const renderer = plainRenderer(streams, env);
  const event = stream();
  for (const body of bodies) renderer.on(event(body));
  return { out, progress };
}

const persist = caseRef("run-storage-persist");

test("one proof is told step by step", () => {
  const { out, progress } = render([
    { type: "accelerator", accelerator: "tcg", reason: "there is no /dev/kvm" },
    started([persist]),
    {
      type: "case-started",
      case: persist,
      title: "A stored object survives a reboot",
      boots: ["store"],
      dir: "d",
    },
    { type: "build-action", image: "storage-persist", action: "cargo", cached: false, ms: 9731 },
    {
      type: "build-finished",
      image: "storage-persist",
      path: "direct",
      digest: "a4ae3680".repeat(8),
      ms: 32,
    },
    { type: "boot-started", case: persist, boot: "store", index: 0 },
    { type: "banner", case: persist, boot: "store", wallMs: 58.81 },
    {
      type: "landmark",
      case: persist,
      boot: "store",
      name: "put",
      captures: { size: "4096", note: "a\u001b[2Jb" },
      offset: 269,
      wallMs: 126.69,
      seen: 1,
      of: 2,
    },
    {
      type: "action",
      case: persist,
      boot: "store",
      source: "fault",
      name: "cut",
      detail: "power cut at put",
      ok: true,
      offset: 300,
      wallMs: 130,
    },
    { type: "slow", case: persist, boot: "store", awaiting: "committed", ms: 2500 },
    finished(persist),
    over({ ms: 428 }),
  ]);
  expect(progress).toMatchInlineSnapshot(`
    "       ACCEL tcg: there is no /dev/kvm
             RUN 1800000000-0001: run-storage-persist@direct
           PROOF run-storage-persist@direct: A stored object survives a reboot
           BUILT [   9.731s] cargo
           IMAGE [   0.032s] storage-persist for direct, a4ae3680a4ae3680
            BOOT run-storage-persist@direct store
          BANNER [   0.059s] run-storage-persist@direct store
            SEEN [   0.127s] run-storage-persist@direct store put size=4096 note=a\\x1b[2Jb
           FAULT [   0.130s] run-storage-persist@direct store cut: power cut at put
            SLOW [>    2.5s] run-storage-persist@direct store awaits committed
    "
  `);
  expect(out).toMatchInlineSnapshot(`
    "      PROVED [   0.428s] run-storage-persist@direct
         SUMMARY [   0.428s] 1 proved (1 slow)
    "
  `);
});

test("many proofs are told case by case, failures in full where they happen", () => {
  const cases = ["a", "b", "c", "d", "e"].map((name) => caseRef(`run-${name}`));
  const { out, progress } = render([
    started(cases),
    { type: "boot-started", case: cases[0]!, boot: "only", index: 0 },
    finished(cases[0]!),
    finished(cases[1]!, { verdict: "refuted", cause: "read-back: got never came", report: nearMiss }),
    finished(cases[2]!, { verdict: "harness-error", cause: "the disk is full" }),
    finished(cases[3]!, { verdict: "filtered", cause: "needs kvm" }),
    over({ exit: 70, ms: 1234 }),
  ]);
  expect(progress).toBe("         RUN 1800000000-0001: 5 cases\n");
  expect(out).toMatchInlineSnapshot(`
    "      PROVED [   0.428s] (1/5) run-a@direct
         REFUTED [   0.428s] (2/5) run-b@direct: read-back: got never came
        boot           read-back (2 of 2), refuted
        last landmark  mounted  (byte 167, 0.10 s)
        awaited        got: [client] got bytes=<size:int>
        nearest        [client] gat bytes=4096
                                 ^
                       (byte 197)

        last lines of the console:
          [client] gat bytes=4096

        artefacts: .capos/runs/1800000000-0001/run-b@direct
        again:     capos prove run-b --boot direct

     HARNESS-ERR [   0.428s] (3/5) run-c@direct: the disk is full
        artefacts: .capos/runs/1800000000-0001/run-c@direct
        again:     capos prove run-c --boot direct

        FILTERED [   0.428s] (4/5) run-d@direct: needs kvm
         SUMMARY [   1.234s] 1 proved, 1 refuted, 1 harness-error, 1 filtered, 1 not run
         REFUTED [   0.428s] run-b@direct: read-back: got never came
     HARNESS-ERR [   0.428s] run-c@direct: the disk is full
    "
  `);
});

test("every verdict has a word that fits its column", () => {
  for (const verdict of verdicts) {
    expect(wordOf(verdict).length).toBeLessThanOrEqual(12);
    const plain = verdictLine(finished(persist, { verdict }));
    // oxlint-disable-next-line no-control-regex
    expect(verdictLine(finished(persist, { verdict }), ansiPaint).replace(/\u001b\[\d+m/gu, "")).toBe(plain);
  }
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
])("colour with %o on a terminal (%s): %s", (env, isTTY, wanted) => {
  expect(wantsColour(env, isTTY)).toBe(wanted);
});

test("colour is only added: the text is the same without", () => {
  const bodies = [
    started([persist]),
    finished(persist, { verdict: "refuted", report: nearMiss }),
    over({ exit: 1 }),
  ];
  const painted = render(bodies, { FORCE_COLOR: "1" }).out;
  expect(painted).toContain("\u001b[31m");
  // oxlint-disable-next-line no-control-regex
  expect(painted.replace(/\u001b\[\d+m/gu, "")).toBe(render(bodies).out);
});
