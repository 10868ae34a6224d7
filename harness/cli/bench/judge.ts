import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { benchConsole, benchProof, type BootInput, judgeStored } from "../../contract/index.ts";
import { toolchainCodes } from "../../toolchain/index.ts";
import { type Figure, inTurns } from "./measure.ts";

/** 50 landmarks in a long stored console: our judge against pexpect on the same file. */
export function benchJudging(root: string, rounds: number): Result<Figure> {
  const python = spawnSync("/usr/bin/python3", ["-c", "import pexpect"], { cwd: root });
  if (python.status !== 0) {
    const next = "install python3-pexpect, or leave this figure out with --only";
    return fail(problem(toolchainCodes, "CAPOS_TOOLCHAIN_NO_PEER", "pexpect is not installed", { next }));
  }
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
