import { describe, expect, it } from "vitest";
import { align, shapeOf } from "./near-line.ts";
import { mustParsePattern } from "./pattern.ts";
import {
  banner,
  bootSpec,
  bytesAt,
  exitWith,
  goodBoot,
  identity,
  judge,
  lines,
  one,
  proofOf,
} from "./testing.ts";

const digest = "5e".repeat(32);
const store = bootSpec("store", [
  one("mounted", "[store] formatted blank volume"),
  one("put", "[client] put sha256=<digest:hex64> bytes=<size:int>"),
]);
const readBack = bootSpec("read-back", [
  one("mounted", "[store] mounted generation=<gen:int>"),
  one("got", "[client] got sha256=<digest:hex64> bytes=<size:int>"),
]);
const proof = proofOf([store, readBack]);
const first = goodBoot(1, "[store] formatted blank volume", `[client] put sha256=${digest} bytes=4096`);

describe("a report on a miss", () => {
  it("shows the nearest line with the difference marked", () => {
    const second = goodBoot(2, "[store] mounted generation=2", `[client] gat sha256=${digest} bytes=4096`);
    expect(judge(proof, first, second).report.join("\n")).toMatchInlineSnapshot(`
      "boot           read-back (2 of 2), refuted
      last landmark  mounted  (byte 167, 0.10 s)
      found          [kernel] halted status=0
                     (byte 294, 0.10 s)
      awaited        got: [client] got sha256=<digest:hex64> bytes=<size:int>
      nearest        [client] gat sha256=5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e bytes=4096
                               ^
                     (byte 197)"
    `);
  });

  it("finds the awaited text in another boot", () => {
    const report = judge(proof, first, goodBoot(2, "[store] formatted blank volume")).report.join("\n");
    expect(report).toMatchInlineSnapshot(`
      "boot           read-back (2 of 2), refuted
      last landmark  none
      found          [kernel] halted status=0
                     (byte 199, 0.10 s)
      seen           [store] formatted blank volume
                     \`mounted\` of boot \`store\`  (byte 167)
      awaited        mounted: [store] mounted generation=<gen:int>"
    `);
    const swapped = judge(proof, goodBoot(1, "[store] mounted generation=2")).report.join("\n");
    expect(swapped).toContain("awaited        mounted: [store] formatted blank volume");
  });

  it("finds the awaited text before the banner and in the wrong order", () => {
    const early = bytesAt(1, 1, lines("[store] formatted blank volume"));
    const { report } = judge(proof, [early, ...goodBoot(1, `[client] put sha256=${digest} bytes=1`)]);
    expect(report.join("\n")).toContain("seen           before the banner, when nothing counts yet");
    expect(report.join("\n")).toContain(`found          [client] put sha256=${digest} bytes=1`);
  });

  it("says what stands where a banner was awaited", () => {
    const torn = banner().replace("capos", "xcapos");
    const { report } = judge(proof, [bytesAt(1, 1, lines("SeaBIOS", torn)), exitWith(1)]);
    expect(report.join("\n")).toContain("not a banner as it stands");
    expect(judge(proof, [exitWith(1)]).report.join("\n")).toContain("console        empty");
  });

  it("does not let a console speak to the terminal", () => {
    const evil = "[client] got \u001b[2J\u0007 sha256";
    const second = goodBoot(2, "[store] mounted generation=2", evil);
    expect(judge(proof, first, second).report.every((l) => !/\p{Cc}/u.test(l))).toBe(true);
  });

  it("takes time in proportion to a long console", () => {
    /** Processor time in microseconds. */
    const time = (length: number): number => {
      const noise = Array.from(
        { length },
        (_, i) => `[client] get sha256=${String(i).padStart(64, "0")} byte=${i}`,
      );
      const second = bytesAt(1, 1, lines(banner(2), "[store] mounted generation=2", ...noise));
      const began = process.cpuUsage();
      const { report } = judge(proof, first, [second, exitWith(1)]);
      const { user, system } = process.cpuUsage(began);
      expect(report.join("\n")).toContain("nearest");
      return user + system;
    };
    time(5000);
    // Each line held against each would make it sixty-four times as much.
    expect(time(40_000) / time(5000)).toBeLessThan(12);
    expect(identity().boot).toBe(1);
  });
});

describe("an alignment", () => {
  it.each([
    ["a <n:int> b", "a 12 b", 0, "       "],
    ["a <n:int> b", "a 12 c", 1, "     ^ "],
    ["abc", "ac", 1, " ^ "],
    ["abc", "abxc", 1, "  ^  "],
    ["n=<n:int>", "n=", 1, "  ^"],
    ["[x] <w:word> up", "[y] word up", 1, " ^          "],
  ])("of %s and %s costs %i", (pattern, text, distance, marks) => {
    expect(align(shapeOf(mustParsePattern(pattern)), text, 9)).toEqual({ distance, marks });
  });
});
