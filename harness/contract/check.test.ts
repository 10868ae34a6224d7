import { describe, expect, it } from "vitest";
import type { Span } from "../base/index.ts";
import { checkProof } from "./check.ts";
import { any, bootSpec, landmark, one, proofOf } from "./testing.ts";
import type { BootSpec, Landmark, Proof } from "./types.ts";

/** A landmark whose line is not checked by the builder. */
function raw(name: string, line: string): { readonly kind: "one"; readonly landmark: Landmark } {
  return { kind: "one", landmark: { name, line, atMost: 1, withinMs: 1 } };
}

const store = bootSpec("store", [
  one("put", "[client] put sha256=<digest:hex64> bytes=<size:int>"),
  one("done", "[client] done in <ms:float> by <who:word>"),
]);

function problemsOf(proof: Proof): readonly string[] {
  return checkProof(proof).map((p) => `${p.code.replace("CAPOS_PROOF_", "")}: ${p.message}`);
}

function ref(text: string): { readonly boot: string; readonly landmark: string; readonly capture: string } {
  const [boot = "", name = "", capture = ""] = text.split(".");
  return { boot, landmark: name, capture };
}

function boot(extra: Partial<BootSpec>): Proof {
  return proofOf([{ ...store, ...extra }]);
}

describe("the check of a proof", () => {
  it("has nothing to say about a good one", () => {
    const proof = proofOf(
      [store, { ...store, name: "again", never: [{ text: "lost", from: "put", until: "done" }] }],
      {
        same: [[ref("store.put.digest"), ref("again.put.digest")]],
        bounds: [{ capture: ref("store.put.size"), min: 1, max: 32_768 }],
        never: [{ text: "CAP_ERR" }],
        closed: "client",
      },
    );
    expect(problemsOf(proof)).toEqual([]);
  });

  it.each<[string, Proof, string]>([
    [
      "a type that does not exist",
      proofOf([bootSpec("b", [raw("a", "x <n:integer>")])]),
      "PATTERN: `integer` is not a capture type",
    ],
    [
      "a guest whose words cannot be told apart",
      proofOf([store], { guest: { banner: "up <a:text>", trailer: "up <b:word>", panic: [], exit: "none" } }),
      "AMBIGUOUS: a line could be both `banner` and `trailer` of the guest",
    ],
    [
      "a status that is no number",
      proofOf([store], { guest: { banner: "up", trailer: "end <status:text>", panic: [], exit: "none" } }),
      "TYPES: the `status` of a halt is a number, and here it is `text`",
    ],
    [
      "a device that only the guest is asked for",
      proofOf([store], { requires: { devices: [], enumerated: [{ device: "virtio-blk", line: "disk" }] } }),
      "DEAD: the guest must find `virtio-blk`, but the machine is not asked whether it has one",
    ],
    [
      "one line for two devices",
      proofOf([store], {
        requires: {
          devices: ["virtio-blk"],
          enumerated: [
            { device: "virtio-blk", line: "disk" },
            { device: "virtio-blk", line: "disk" },
          ],
        },
      }),
      "DUPLICATE: the line of `virtio-blk` is required twice",
    ],
    [
      "a required line that is forbidden",
      proofOf([store], {
        requires: { devices: ["virtio-blk"], enumerated: [{ device: "virtio-blk", line: "disk <n:int>" }] },
        never: [{ text: "disk" }],
      }),
      "CONTRADICTION: `disk` is forbidden, and the required line of `virtio-blk` holds it",
    ],
    [
      "a required line that is none",
      proofOf([store], {
        requires: { devices: ["virtio-blk"], enumerated: [{ device: "virtio-blk", line: "" }] },
      }),
      "PATTERN: an empty line proves nothing",
    ],
    ["no landmark", proofOf([bootSpec("b", [])]), "DEAD: `run-test` has no landmark"],
    ["two boots of one name", proofOf([store, store]), "DUPLICATE: the boot `store` is declared twice"],
    [
      "two landmarks of one name",
      proofOf([bootSpec("b", [one("a", "x"), one("a", "y")])]),
      "DUPLICATE: the landmark `a` is declared twice",
    ],
    [
      "two landmarks in one line",
      proofOf([bootSpec("b", [one("a", "x <n:int>"), one("c", "x <w:word>")])]),
      "AMBIGUOUS: the line `x 0` would be both `a` and `c`",
    ],
    [
      "a landmark that is the banner",
      proofOf([bootSpec("b", [one("a", "capos <t:text>")])]),
      "CONTRADICTION: `a` may be the line `capos kernel starting",
    ],
    [
      "a landmark that is a panic",
      proofOf([bootSpec("b", [one("a", "[kernel] <t:text>")])]),
      "CONTRADICTION: `a` may be the line `[kernel] panic: ",
    ],
    [
      "an end that does not exist",
      boot({ ends: { how: "landmark", at: "dome" } }),
      "UNKNOWN_NAME: boot `store` has no landmark `dome`",
    ],
    [
      "a landmark behind the end",
      boot({ ends: { how: "power-cut", at: "put" } }),
      "DEAD: the boot ends at `put`, so `done` behind it can never be seen",
    ],
    [
      "an end in a group",
      proofOf([
        bootSpec("b", [any(landmark("a", "x"), landmark("c", "y"))], { ends: { how: "landmark", at: "a" } }),
      ]),
      "CONTRADICTION: the boot ends at `a`, which stands in a group",
    ],
    [
      "an end that may come twice",
      proofOf([bootSpec("b", [one("a", "x", { atMost: 2 })], { ends: { how: "landmark", at: "a" } })]),
      "DEAD: the boot ends when `a` first comes",
    ],
    ["an empty text", boot({ never: [{ text: "" }] }), "DEAD: an empty text stands in every line"],
    ["a text over two lines", boot({ never: [{ text: "a\nb" }] }), "DEAD: a text with a control character"],
    [
      "a text forbidden twice",
      { ...boot({ never: [{ text: "CAP_ERR_1" }] }), never: [{ text: "CAP_ERR" }] },
      "DEAD: `CAP_ERR_1` is forbidden for the whole run already",
    ],
    [
      "a window without a boot",
      proofOf([store], { never: [{ text: "x", from: "put" }] }),
      "UNKNOWN_NAME: a window between landmarks belongs to a boot",
    ],
    [
      "a window that does not exist",
      boot({ never: [{ text: "x", from: "pit" }] }),
      "UNKNOWN_NAME: boot `store` has no landmark `pit`",
    ],
    [
      "a window that never opens",
      boot({ never: [{ text: "x", from: "done", until: "put" }] }),
      "DEAD: `put` comes before `done`",
    ],
    [
      "a forbidden landmark",
      boot({ never: [{ text: "sha256" }] }),
      "CONTRADICTION: `sha256` is forbidden, and the landmark `put`",
    ],
    [
      "a forbidden end",
      boot({ never: [{ text: "halted" }] }),
      "CONTRADICTION: `halted` is forbidden, and the line with which boot `store` ends",
    ],
    [
      "an unknown boot",
      proofOf([store], { same: [[ref("store.put.size"), ref("stare.put.size")]] }),
      "UNKNOWN_NAME: there is no boot `stare`",
    ],
    [
      "an unknown capture",
      proofOf([store], { bounds: [{ capture: ref("store.put.sise"), min: 1 }] }),
      "UNKNOWN_NAME: the landmark `store.put` has no capture `sise`",
    ],
    [
      "captures of two kinds",
      proofOf([store], { same: [[ref("store.put.size"), ref("store.put.digest")]] }),
      "TYPES: `store.put.size` is `int` and `store.put.digest` is `hex64`",
    ],
    [
      "a capture and itself",
      proofOf([store], { same: [[ref("store.put.size"), ref("store.put.size")]] }),
      "DEAD: `store.put.size` is always the same as itself",
    ],
    [
      "a bound on a word",
      proofOf([store], { bounds: [{ capture: ref("store.done.who"), min: 1 }] }),
      "TYPES: `store.done.who` is `word`, and only",
    ],
    [
      "bounds that exclude each other",
      proofOf([store], { bounds: [{ capture: ref("store.put.size"), min: 2, max: 1 }] }),
      "CONTRADICTION: no number is at least 2 and at most 1",
    ],
    ["a broken expression", proofOf([store], { foreign: "[a" }), "EXPRESSION: `[` is not closed"],
    [
      "an expression that fits all",
      proofOf([store], { foreign: ".*" }),
      "EXPRESSION: `foreign` fits nearly every line",
    ],
    [
      "an expression without end",
      proofOf([store], { foreign: "a((x{100}){100}){100}" }),
      "EXPRESSION: the expression is too large",
    ],
    ["a label that nothing has", proofOf([store], { closed: "net" }), "DEAD: `closed` names no label"],
    [
      "a guest without words",
      proofOf([store], { guest: { banner: "<a>", trailer: "t", panic: [""], exit: "none" } }),
      "PATTERN: the capture `a` has no type",
    ],
  ])("finds %s", (_, proof, expected) => {
    expect(problemsOf(proof).map((p) => p.slice(0, expected.length))).toContain(expected);
  });

  it("points at the place, inside of a string where it can", () => {
    const span: Span = { file: "proofs/p.cue", line: 4, col: 20, endCol: 32 };
    const proof = {
      ...proofOf([bootSpec("b", [raw("a", "xx <n:nope>!")])]),
      spans: new Map([["boots.0.landmarks.0.line", { ...span, endCol: 34 }]]),
    };
    expect(checkProof(proof)[0]?.span).toEqual({ file: "proofs/p.cue", line: 4, col: 24, endCol: 32 });
    const multiline = { ...proof, spans: new Map([["boots.0", span]]) };
    expect(checkProof(multiline)[0]?.span).toEqual(span);
  });

  it("finds the place of an equality in a list of more than two", () => {
    const spans = new Map([0, 1, 2].map((j) => [`same.0.${j}`, { file: "p.cue", line: 9, col: j + 1 }]));
    const [a, b, c] = [ref("store.put.size"), ref("store.put.size"), ref("store.put.sizes")];
    const proof = {
      ...proofOf([store], {
        same: [
          [a, b],
          [a, c],
        ],
      }),
      spans,
    };
    expect(checkProof(proof).map((p) => p.span?.col)).toEqual([2, 3]);
  });
});
