import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { benchConsole, benchParts, benchProof, type BootInput, judgeStored } from "../../contract/index.ts";
import { toolchainCodes } from "../../toolchain/index.ts";
import { rawConsole } from "../run/judge-sources.ts";
import { type Figure, inTurns } from "./measure.ts";

/** 50 landmarks in a long stored console: our judge against pexpect on the same file. */
export function benchJudging(root: string, rounds: number): Result<Figure> {
  const missing = peerMissing(root);
  if (missing !== undefined) return missing;
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  try {
    const { bytes, lines } = benchConsole();
    const file = join(scratch, "console");
    const script = join(scratch, "peer.py");
    writeFileSync(file, bytes);
    writeFileSync(script, peer(file, lines));
    const proof = benchProof();
    const parts = inTurns(rounds, {
      ours: () => {
        const began = process.hrtime.bigint();
        const judged = judgeStored(proof, [{ inputs: chunks(bytes), expectation: { freshness: "none" } }]);
        const ms = Number(process.hrtime.bigint() - began) / 1e6;
        if (judged.boots[0]?.landmarks.length !== lines.length)
          throw new Error(`judged as ${judged.verdict}: ${judged.cause}`);
        return ms;
      },
      pexpect: () => {
        const ran = spawnSync("/usr/bin/python3", [script], { encoding: "utf8" });
        if (ran.status !== 0) throw new Error(ran.stderr);
        return Number(ran.stdout);
      },
    });
    const of = `pexpect / judge on ${bytes.length >> 20} MiB`;
    return ok({ name: "judge", of, measured: parts.pexpect / parts.ours, budget: 4, better: "more", parts });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/**
 * A console of 1 GiB, read from its file as `capos judge` reads it: its speed against pexpect's, and the peak of
 * this whole process against what one of 64 MiB takes. Each is judged once, for a minute of pexpect says enough.
 */
export function benchLongConsole(root: string): readonly Result<Figure>[] {
  const missing = peerMissing(root);
  if (missing !== undefined) return [missing];
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  try {
    const script = join(scratch, "peer.py");
    const [short, long] = [64, 1024].map((mib) => {
      const file = join(scratch, `console-${mib}`);
      const lines = writeConsole(file, mib);
      const ours = judgeFile(file, lines.length);
      return { file, lines, ours, peak: process.resourceUsage().maxRSS / 1024 };
    });
    if (short === undefined || long === undefined) return [];
    writeFileSync(script, peer(long.file, long.lines));
    const ran = spawnSync("/usr/bin/python3", [script], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(ran.stderr);
    const pexpect = Number(ran.stdout);
    return [
      ok({
        name: "gib",
        of: "pexpect / judge on 1 GiB",
        measured: pexpect / long.ours,
        budget: 4,
        better: "more",
        parts: { ours: long.ours, pexpect },
      }),
      ok({
        name: "memory",
        of: "peak MiB, judge of 1 GiB / of 64 MiB",
        measured: long.peak / short.peak,
        budget: 1.25,
        better: "less",
        parts: { "1 GiB": long.peak, "64 MiB": short.peak },
      }),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Writes a bench console of about this size without holding it; returns its landmark lines. */
function writeConsole(file: string, mib: number): readonly string[] {
  const fd = openSync(file, "w");
  try {
    const { stretch, first, lines, last } = benchParts();
    const copies = Math.max(1, Math.round((mib << 20) / stretch.length / lines.length));
    writeSync(fd, first);
    for (const line of lines) {
      for (let i = 0; i < copies; i++) writeSync(fd, stretch);
      writeSync(fd, `${line}\r\n`);
    }
    writeSync(fd, last);
    return lines;
  } finally {
    closeSync(fd);
  }
}

/** Milliseconds to judge the console in a file. */
function judgeFile(file: string, landmarks: number): number {
  const console = rawConsole(file);
  if (!console.ok) throw new Error(`${file} cannot be read`);
  const began = process.hrtime.bigint();
  const judged = judgeStored(benchProof(), [{ inputs: console.value, expectation: { freshness: "none" } }]);
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  if (judged.boots[0]?.landmarks.length !== landmarks) throw new Error(`judged as ${judged.verdict}`);
  return ms;
}

function peerMissing(root: string): Result<never> | undefined {
  const python = spawnSync("/usr/bin/python3", ["-c", "import pexpect"], { cwd: root });
  if (python.status === 0) return undefined;
  const next = "install python3-pexpect, or leave this figure out with --only";
  return fail(problem(toolchainCodes, "CAPOS_TOOLCHAIN_NO_PEER", "pexpect is not installed", { next }));
}

function* chunks(bytes: Uint8Array): Iterable<BootInput> {
  const size = 65_536;
  for (let at = 0; at < bytes.length; at += size) {
    yield { kind: "bytes", at: { wallMs: 0, cpuMs: 0 }, bytes: bytes.subarray(at, at + size) };
  }
}

/** pexpect's own idiom: wait for one line after the other on a stream; its time alone, without Python's start. */
function peer(file: string, lines: readonly string[]): string {
  return [
    "import os, re, time",
    "from pexpect import fdpexpect",
    `began = time.monotonic()`,
    `child = fdpexpect.fdspawn(os.open(${JSON.stringify(file)}, os.O_RDONLY), timeout=600, maxread=65536)`,
    ...lines.map((line) => `child.expect(re.compile(re.escape(${JSON.stringify(line)}.encode())))`),
    "print((time.monotonic() - began) * 1000)",
  ].join("\n");
}
