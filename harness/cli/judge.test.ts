import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const consoles = join(root, "harness/contract/corpus/foreign");
const [store, readBack] = ["store", "read-back"].map((boot) => join(consoles, `capos-uefi-${boot}.console`));
const bundle = readdirSync(join(root, "tasks/evidence")).find((name) =>
  readFileSync(join(root, "tasks/evidence", name), "latin1").includes("run-storage-persist@direct"),
);
const scratch = mkdtempSync(join(tmpdir(), "capos-judge-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function judge(argv: readonly (string | undefined)[], input?: string): Ran {
  const args = argv.filter((a) => a !== undefined);
  const options = { cwd: root, encoding: "utf8", ...(input === undefined ? {} : { input }) } as const;
  return spawnSync("node", ["bin/capos.mjs", "judge", ...args], options);
}

/** The console of the first boot, without its last landmark. */
const incomplete = readFileSync(store ?? "", "latin1").replace("committed", "comitted");

describe("judge", () => {
  it("judges raw consoles, one a boot, and says that this closes nothing", () => {
    const { status, stdout } = judge([store, readBack, "--proof", "run-storage-persist"]);
    expect(stdout).toContain("of unknown freshness: this closes nothing");
    expect(stdout).toMatch(/\n {2}store: halted with status=0\n +\d+ {2}mounted\n/u);
    expect(stdout).toMatch(/^proved: /u);
    expect(status).toBe(0);
  });

  it("knows that a boot is missing", () => {
    const { status, stdout } = judge([store, "--proof", "run-storage-persist"]);
    expect(stdout).toContain("not-run");
    expect(stdout).toContain("boot `read-back`: the boot was not run");
    expect(status).toBe(4);
  });

  it("judges one boot alone, from the standard input, too", () => {
    const text = readFileSync(readBack ?? "", "latin1");
    const { status, stdout } = judge(
      ["-", "--proof", "run-storage-persist", "--boot", "read-back", "--json"],
      text,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      proof: "run-storage-persist",
      verdict: "proved",
      freshness: "none",
      boots: [
        { name: "read-back", landmarks: [{ name: "mounted", captures: { gen: "2" } }, { name: "got" }] },
      ],
      captures: { "read-back.got.size": "4096" },
    });
    expect(status).toBe(0);
  });

  it("shows what came nearest", () => {
    const file = join(scratch, "console");
    writeFileSync(file, incomplete);
    const { status, stdout } = judge([file, "--proof", "run-storage-persist", "--boot", "store"]);
    expect(stdout).toContain("refuted");
    expect(stdout).toContain("awaited        committed: [store-client] committed");
    expect(stdout).toMatch(/nearest {8}\[store-client\] comitted\n +\^\n/u);
    expect(status).toBe(1);
  });

  it("judges a bundle by its own proof, and scores it", () => {
    const { status, stdout } = judge([join("tasks/evidence", bundle ?? ""), "--mutants"]);
    expect(stdout).toContain("proved: run-storage-persist@direct");
    expect(stdout).toMatch(/mutants: (\d+) of \1 were noticed/u);
    expect(status).toBe(0);
  });

  it.each<[string, readonly (string | undefined)[], string]>([
    ["no proof for a raw console", [store], "CAPOS_JUDGE_PROOF"],
    ["a console that does not exist", ["no-such-console"], "CAPOS_JUDGE_WHAT"],
    ["a run that is not stored", ["latest~100000"], "CAPOS_REPORT_UNKNOWN_RUN"],
    ["more consoles than boots", [store, store, "--proof", "run-smoke"], "CAPOS_JUDGE_BOOT"],
    [
      "a boot that is not declared",
      [store, "--proof", "run-smoke", "--boot", "smok"],
      "did you mean `smoke`?",
    ],
    ["a file that is not there", ["nowhere", "--proof", "run-smoke"], "CAPOS_JUDGE_WHAT"],
    ["a folder that is no run", ["harness"], "neither a case nor a run"],
    [
      "a case by a proof with fewer boots",
      [join("tasks/evidence", bundle ?? ""), "--proof", "run-smoke"],
      "has 2 boots, and `run-smoke` declares 1",
    ],
  ])("refuses %s", (_, argv, words) => {
    const { status, stderr } = judge(argv);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
});
