import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Judgement } from "./judgement.ts";
import { any, banner, bootSpec, bytesAt, exitWith, judge, landmark, lines, one, proofOf } from "./testing.ts";
import type { BootInput, Proof } from "./types.ts";

const digest = "0123456789abcdef".repeat(4);
const proof = proofOf(
  [
    bootSpec("only", [
      one("mounted", "[store] mounted generation=<gen:int>"),
      any(landmark("a", "[a] up"), landmark("b", "[b] up")),
      one("got", "[client] got sha256=<digest:hex64> bytes=<size:int>"),
      one("done", "[client] done: <words:text>"),
    ]),
  ],
  { never: [{ text: "CAP_ERR" }], closed: "store|client" },
);

const body = [
  "[kernel] memory 126 MiB",
  "[other] said [store] mounted generation=8",
  "[store] mounted generation=7",
  "[b] up",
  "[a] up",
  `[client] got sha256=${digest} bytes=4096`,
  "[client] done: all well",
  "[kernel] halted status=0",
];
const good = `SeaBIOS\r\n\u001b[2J\r\n${lines(banner(), ...body)}`;
const f1 = "[    1.234567] usb 1-1: new device";
const f2 = "[    1.234601] usb 1-1: found";

function judgeText(p: Proof, text: string | Uint8Array, ...more: readonly BootInput[]): Judgement {
  return judge(p, [bytesAt(1, 1, text), ...more, exitWith(33)]);
}

/** Cuts `line` behind `head` by these foreign lines. */
function torn(text: string, head: string, ...foreign: readonly string[]): string {
  const at = text.indexOf(head) + head.length;
  expect(at).toBeGreaterThan(head.length - 1);
  return text.slice(0, at) + foreign.map((f) => `${f}\n`).join("") + text.slice(at);
}

describe("a torn line", () => {
  it("is put together and reported as torn", () => {
    const judgement = judgeText(proof, torn(good, "\n[store] moun", f1, f2));
    expect(judgement.verdict).toBe("proved");
    expect(judgement.captures["only.mounted.gen"]).toBe("7");
    expect(judgement.boots[0]?.landmarks.map((l) => [l.name, l.torn])).toEqual([
      ["mounted", true],
      ["b", false],
      ["a", false],
      ["got", false],
      ["done", false],
    ]);
  });

  it.each([
    ["the banner", "capos kernel start"],
    ["the last line", "[kernel] halted sta"],
    ["a digest", "got sha256=0123456789ab"],
    ["the end of a line", "bytes=4096"],
    ["between CR and LF", "bytes=4096\r"],
    ["a label", "[clie"],
  ])("is put together in %s", (_, head) => {
    expect(judgeText(proof, torn(good, head, f1)).cause).toBe("");
  });

  it("is put together when it was cut twice", () => {
    const twice = torn(torn(good, "bytes=4", f2), "got sha", f1);
    expect(judgeText(proof, twice).cause).toBe("");
  });

  it("is unclear when its text can be read in two ways", () => {
    const judgement = judgeText(proof, torn(good, "done: all", f1));
    expect(judgement).toMatchObject({ verdict: "refuted", kind: "unclear" });
    expect(judgement.cause).toContain(
      "`done` with words=all[    1.234567] usb 1-1: new device, or `done` with words=all well",
    );
  });

  it("does not make a landmark of the end of another line", () => {
    const without = good
      .replace("[store] mounted generation=7\r\n", "")
      .replace("generation=8", "generation=7");
    expect(judgeText(proof, without)).toMatchObject({ kind: "order" });
    expect(judgeText(proof, torn(without, "said ", f1))).toMatchObject({
      verdict: "refuted",
      kind: "unclear",
    });
  });

  it("does not hide forbidden text, nor a panic", () => {
    const bad = good.replace("memory 126 MiB", "memory CAP_ERR_7");
    expect(judgeText(proof, torn(bad, "CAP_E", f1))).toMatchObject({ verdict: "refuted", kind: "forbidden" });
    const panic = good.replace("memory 126 MiB", "panic: no (a.rs:1)");
    expect(judgeText(proof, torn(panic, "[kernel] pan", f1))).toMatchObject({
      verdict: "guest-died",
      kind: "panic",
    });
  });

  it("is not waited for when the console ends", () => {
    const landing = proofOf([
      bootSpec("only", [one("up", "[a] up")], { ends: { how: "landmark", at: "up" } }),
    ]);
    expect(judgeText(landing, `${lines(banner())}[a] up${f1}\n`).verdict).toBe("proved");
    expect(judgeText(landing, `${lines(banner())}[a] u${f1}\n`)).toMatchObject({
      verdict: "guest-died",
      kind: "exit",
    });
  });

  it("is followed for a bounded time only", () => {
    const noise = Array.from({ length: 3000 }, (_, i) => `kern: [    ${i}.000000] line ${i}`);
    const text = good.replace("[a] up", lines(...noise, "last", "[a] up").trimEnd());
    expect(judgeText(proof, text).verdict).toBe("proved");
  });
});

/** Inserts whole foreign lines at places of a text, each place counted in the text without them. */
function insert(text: string, cuts: readonly (readonly [number, string])[]): string {
  const bytes = Buffer.from(text, "latin1");
  const sorted = cuts.map(([at, f]) => [at % (bytes.length + 1), f] as const).toSorted((a, b) => a[0] - b[0]);
  let from = 0;
  const parts: string[] = [];
  for (const [at, foreign] of sorted) {
    parts.push(bytes.subarray(from, at).toString("latin1"), `${foreign}\n`);
    from = at;
  }
  parts.push(bytes.subarray(from).toString("latin1"));
  return parts.join("");
}

describe("foreign lines at any place", () => {
  const stamp = fc
    .tuple(fc.nat(99_999), fc.nat(999_999))
    .map(([s, us]) => `[${String(s).padStart(5)}.${String(us).padStart(6, "0")}] `);
  const words = fc.constantFrom(
    "usb 1-1: new device",
    "",
    "a",
    "[store] mounted generation=9",
    "ok\r",
    "[    2.000000] twice",
  );
  const foreign = fc.tuple(stamp, words).map(([s, w]) => s + w);
  const cuts = fc.array(fc.tuple(fc.nat(), foreign), { minLength: 1, maxLength: 4 });
  const open = { ...proof, closed: "" };
  /** Consoles that fail, each for a reason that a tear might seem to mend. */
  const bad = [
    good.replace("[b] up\r\n", ""),
    good.replace("[b] up", "x[b] up"),
    good.replace("[b] up", "[b] up\r\n[b] up"),
    good.replace("bytes=4096", "bytes=4096x"),
    good.replace("all well", "all CAP_ERR"),
    good.replace("mounted generation=7\r\n", "mounted \r\ngeneration=7\r\n"),
    good.replace("system=", "system=0"),
    torn(good, "said ", f1).replace("[store] mounted generation=7\r\n", ""),
    good.replace("[kernel] halted status=0\r\n", ""),
  ];

  it("leave what is proved proved, or make it unclear", () => {
    fc.assert(
      fc.property(cuts, fc.boolean(), (places, isClosed) => {
        const judgement = judgeText(isClosed ? proof : open, insert(good, places));
        if (judgement.verdict !== "proved") expect(judgement.cause).toMatch(/cut by foreign/u);
        else expect(judgement.captures).toEqual(judgeText(proof, good).captures);
      }),
      { numRuns: 800 },
    );
  });

  it("never make a proof of what is none", () => {
    fc.assert(
      fc.property(fc.constantFrom(...bad), cuts, fc.boolean(), (text, places, isClosed) => {
        const p = isClosed ? proof : open;
        expect(judgeText(p, text).verdict).not.toBe("proved");
        expect(judgeText(p, insert(text, places)).verdict).not.toBe("proved");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("chunk borders", () => {
  const texts = [
    good,
    torn(good, "\n[store] moun", f1, f2),
    torn(good, "done: all", f1),
    good.replace("126 MiB", "CAP_ERR\r\n[kernel] panic: x"),
  ];

  it("never change a judgement", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(), { maxLength: 20 }), (text, places) => {
        const all = Buffer.from(text, "latin1");
        const borders = [0, ...places.map((p) => p % (all.length + 1)).toSorted((a, b) => a - b), all.length];
        const chunks = borders.slice(1).map((end, i) => bytesAt(1, 1, all.subarray(borders[i] ?? 0, end)));
        expect(judge(proof, [...chunks, exitWith(33)])).toEqual(
          judge(proof, [bytesAt(1, 1, all), exitWith(33)]),
        );
      }),
      { numRuns: 300 },
    );
  });
});
