import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splice } from "./edit.ts";
import { mutants, scoreMutants } from "./mutants.ts";
import { judgeStored, type StoredBoot } from "./run.ts";
import { any, bootSpec, bytesAt, exitWith, goodBoot, identity, landmark, one, proofOf } from "./testing.ts";
import type { Proof } from "./types.ts";

const digest = "5e".repeat(32);
const put = { boot: "store", landmark: "put", capture: "digest" };
const got = { boot: "read-back", landmark: "got", capture: "digest" };
const proof = proofOf(
  [
    bootSpec("store", [
      one("mounted", "[store] formatted blank volume"),
      one("put", "[client] put sha256=<digest:hex64> bytes=<size:int>"),
      any(landmark("a", "[a] up"), landmark("b", "[b] up")),
    ]),
    bootSpec("read-back", [
      one("mounted", "[store] mounted generation=<gen:int>", { atMost: 3 }),
      one("got", "[client] got sha256=<digest:hex64>"),
    ]),
  ],
  {
    same: [[put, got]],
    bounds: [{ capture: { ...put, capture: "size" }, max: 32_768 }],
    never: [{ text: "CAP_ERR" }],
  },
);

function stored(...boots: readonly StoredBoot["inputs"][]): readonly StoredBoot[] {
  return boots.map((inputs, i) => ({
    inputs,
    expectation: { freshness: "echoed", identity: identity(i + 1) },
  }));
}

const run = stored(
  goodBoot(
    1,
    "[store] formatted blank volume",
    `[client] put sha256=${digest} bytes=4096`,
    "[b] up",
    "[a] up",
  ),
  goodBoot(2, "[store] mounted generation=2", `[client] got sha256=${digest}`),
);

describe("mutants of a proved run", () => {
  it("are all refuted by a proof that checks what it says", () => {
    expect(scoreMutants(proof, run)).toEqual({
      total: 34,
      killed: 34,
      survivors: [],
      dead: [],
      untried: [],
      loose: ["read-back.mounted.gen"],
    });
  });

  it("are of every kind", () => {
    const kinds = [...mutants(proof, run)].map((m) => m.kind);
    expect([...new Set(kinds)].toSorted()).toEqual([
      "alter",
      "drop",
      "duplicate",
      "end",
      "forbid",
      "replay",
      "swap",
    ]);
  });

  it("survive where a proof looks away, and are named", () => {
    // Nothing says which boot a console is from, and both boots show the same.
    const blind: Proof = proofOf([
      bootSpec("one", [one("up", "[a] up")]),
      bootSpec("two", [one("up", "[a] up")]),
    ]);
    const boots = [goodBoot(1, "[a] up"), goodBoot(2, "[a] up")].map((inputs): StoredBoot => ({
      inputs,
      expectation: { freshness: "none" },
    }));
    expect(scoreMutants(blind, boots).survivors.map((s) => s.mutant.what)).toEqual([
      "boot `one` with the console of boot `two`",
      "boot `two` with the console of boot `one`",
    ]);
  });

  it("unsay a required device, wherever and however often it was said", () => {
    const line = "[kernel] device virtio-blk serial=data";
    const blk = { device: "virtio-blk", line };
    const p = proofOf([bootSpec("only", [one("up", "[a] up")])], {
      requires: { devices: [], enumerated: [blk] },
    });
    const devices = [...mutants(p, stored(goodBoot(1, line, "[a] up", line)))].filter((m) =>
      m.what.includes("virtio-blk"),
    );
    expect(devices.map((m) => m.what)).toEqual(["boot `only` of a guest that never names `virtio-blk`"]);
    expect(devices.map((m) => judgeStored(p, m.boots))).toMatchObject([{ kind: "device" }]);
  });

  it("are not made of a run that is not proved", () => {
    expect(() => scoreMutants(proof, run.slice(0, 1))).toThrow("not-run");
  });
});

describe("a splice", () => {
  it("changes the console as it would change one piece of text", () => {
    const parts = fc.array(fc.string({ maxLength: 5, unit: "grapheme-ascii" }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(parts, fc.nat(), fc.nat(), fc.string({ unit: "grapheme-ascii" }), (texts, a, b, by) => {
        const all = texts.join("");
        const [from, until] = [a % (all.length + 1), b % (all.length + 1)].toSorted((x, y) => x - y);
        const boot: StoredBoot = {
          inputs: [...texts.map((t) => bytesAt(1, 1, t)), exitWith(33)],
          expectation: { freshness: "none" },
        };
        const changed = [...splice(boot, from ?? 0, until ?? 0, Buffer.from(by)).inputs];
        const text = changed.map((i) => (i.kind === "bytes" ? Buffer.from(i.bytes).toString() : "")).join("");
        expect(text).toBe(all.slice(0, from) + by + all.slice(until));
        expect(changed).toHaveLength(texts.length + 1);
      }),
    );
  });
});
