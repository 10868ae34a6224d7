import { describe, expect, it } from "vitest";
import { benchParts, benchProof } from "./bench.ts";
import { judgeStoredBoot } from "./run.ts";
import type { BootInput } from "./types.ts";

const at = { wallMs: 0, cpuMs: 0 };

/** A console of about this size, in pieces of 64 KiB that nobody holds. */
function* consoleOf(mib: number): Generator<BootInput> {
  const { first, stretch, lines, last } = benchParts();
  const copies = Math.round((mib << 20) / stretch.length / lines.length);
  const say = (text: string): BootInput => ({ kind: "bytes", at, bytes: Buffer.from(text) });
  yield say(first);
  for (const line of lines) {
    for (let i = 0; i < copies; i++) {
      for (let from = 0; from < stretch.length; from += 65_536) {
        yield { kind: "bytes", at, bytes: stretch.subarray(from, from + 65_536) };
      }
    }
    yield say(`${line}\r\n`);
  }
  yield say(last);
}

/** Peak of this process in MiB once such a console has been judged. */
function peakAfter(mib: number): number {
  const { verdict } = judgeStoredBoot(benchProof(), 0, {
    inputs: consoleOf(mib),
    expectation: { freshness: "none" },
  });
  expect(verdict).toBe("proved");
  return process.resourceUsage().maxRSS / 1024;
}

describe("a long console", () => {
  it("takes no more memory than a short one (1 GiB: `capos bench --only judge --gib`)", () => {
    const warm = peakAfter(8);
    expect(peakAfter(64) - warm).toBeLessThan(24);
  });

  it("takes none for a line that never ends, nor for lines that all look torn", () => {
    const endless = function* (piece: string, copies: number): Generator<BootInput> {
      yield { kind: "bytes", at, bytes: Buffer.from(benchParts().first) };
      const bytes = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
      for (let i = 0; i < copies; i++) yield { kind: "bytes", at, bytes };
    };
    const judge = (piece: string, copies: number): number => {
      const inputs = endless(piece, copies);
      judgeStoredBoot(benchProof(), 0, { inputs, expectation: { freshness: "none" } });
      return process.resourceUsage().maxRSS / 1024;
    };
    const torn = "[store] x[    1.234567] usb\n";
    const warm = Math.max(judge("x", 100), judge(torn, 1));
    expect(Math.max(judge("x", 1000), judge(torn, 8)) - warm).toBeLessThan(24);
  });
});
