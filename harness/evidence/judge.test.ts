import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BootInput, judgeRun, judgeStoredBoot, type Proof } from "../contract/index.ts";
import { sha256 } from "../base/index.ts";
import {
  type BootStart,
  declaredInputs,
  judgeAgain,
  openRunDirectory,
  packCase,
  storedJudgement,
  storedProof,
  verifyCase,
} from "./index.ts";
import { must, sampleProof, temporaryFolder } from "./testing.ts";
import { compareJudgements, verifyBundleBytes } from "./verify.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

const system = sha256("system");

/** What a whole boot of the sample feeds its judge, as the kernel and the emulator would. */
function boot(index: number, size: number, status = 0): readonly BootInput[] {
  const at = (ms: number) => ({ wallMs: ms, cpuMs: ms });
  const nonce = String(index).repeat(32);
  const lines = [
    `capos kernel starting nonce=${nonce} boot=${index} system=${system}`,
    `[store] object size=${size}`,
    `[kernel] halted status=${status}`,
  ];
  return [
    { kind: "control", at: at(0), event: { type: "devices", present: ["virtio-blk"] } },
    ...lines.map((line, i): BootInput => ({
      kind: "bytes",
      at: at(i + 1),
      bytes: Buffer.from(`${line}\r\n`),
    })),
    { kind: "control", at: at(9), event: { type: "exit", code: status === 0 ? 33 : 35, signal: null } },
  ];
}

/** Runs the sample as the tool does: judged while it is stored. */
function run(proof: Proof, boots: readonly (readonly BootInput[])[]): string {
  const start = {
    runDir: folder.path,
    run: "r",
    case: { id: `${proof.name}@direct`, proof: proof.name, path: "direct" },
    capos: "0.1.0",
  };
  const dir = must(openRunDirectory(start));
  const file = { bytes: 1, sha256: sha256("x") };
  must(
    dir.inputs({
      proof: storedProof(proof),
      manifest: { model: sha256("model"), sources: {} },
      kernel: file,
      programs: {},
      bootManifest: file,
      systemDigest: system,
      image: { digest: sha256("image"), recipe: {} },
      firmware: {},
      tools: {},
      target: "qemu",
      accelerator: { used: "tcg", reason: "asked for" },
      host: {},
      declared: declaredInputs({}),
    }),
  );
  const judged = boots.map((inputs, i) => {
    const identity = { nonce: String(i + 1).repeat(32), boot: i + 1, systemDigest: system };
    const name = proof.boots[i]?.name ?? "";
    const started: BootStart = { name, argv: ["qemu"], freshness: "echoed", identity };
    const stored = must(dir.boot(started));
    for (const input of inputs) stored.append(input);
    must(stored.close({}));
    return judgeStoredBoot(proof, i, { inputs, expectation: { freshness: "echoed", identity } });
  });
  const judgement = judgeRun(proof, judged);
  must(dir.finish(judgement, storedJudgement(judgement)));
  return dir.path;
}

describe("a case judged by the contract", () => {
  test("is proved, and stays proved in its bundle", () => {
    const dir = run(sampleProof, [boot(1, 4096), boot(2, 4096)]);
    const report = verifyCase("/", dir, judgeAgain);
    expect(report.problems).toEqual([]);
    expect(report.case?.verdict.verdict).toBe("proved");
    expect(report.case?.judgement.boots[1]?.landmarks[0]?.captures).toEqual({ size: "4096" });
    const packed = must(packCase(dir));
    expect(verifyBundleBytes(packed.bytes, `${packed.digest}.tar`, judgeAgain).problems).toEqual([]);
  });

  test.each<[string, readonly (readonly BootInput[])[], string]>([
    ["another object on the second boot", [boot(1, 4096), boot(2, 512)], "refuted"],
    ["a first boot that failed, and no second", [boot(1, 4096, 1)], "refuted"],
    ["a console that stops", [boot(1, 4096), boot(2, 4096).slice(0, 2)], "no-progress"],
    ["another boot's console", [boot(1, 4096), boot(1, 4096)], "refuted"],
  ])("is judged the same again: %s", (_, boots, verdict) => {
    const report = verifyCase("/", run(sampleProof, boots), judgeAgain);
    expect(report.problems).toEqual([]);
    expect(report.case?.verdict.verdict).toBe(verdict);
    expect(report.case?.verdict.cause).not.toBe("");
  });

  test("with a proof that no judge can use is refused and not judged", () => {
    const [first, second] = sampleProof.boots;
    if (first === undefined || second === undefined) throw new Error("the sample has two boots");
    const dir = run(sampleProof, [boot(1, 4096), boot(2, 4096)]);
    const unfit = (proof: Proof) => {
      const stored = must(packCase(dir)).case;
      return { ...stored, inputs: { ...stored.inputs, proof: storedProof(proof) } };
    };
    const landmark = { name: "object", line: "size=<size:", atMost: 1, withinMs: 1 };
    const broken: readonly Proof[] = [
      { ...sampleProof, boots: [{ ...first, chain: [{ kind: "one", landmark }] }, second] },
    ];
    for (const proof of broken) {
      const compared = compareJudgements(unfit(proof), judgeAgain, join(dir, "judgement.json"));
      expect(compared.problems.length).toBeGreaterThan(0);
    }
  });
});
