import {
  appendFileSync,
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inspectCase, openRunDirectory, packCase } from "./index.ts";
import { frozenClock, must, temporaryFolder, writeSampleCase } from "./testing.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

const start = () => ({
  runDir: folder.path,
  run: "r1",
  case: { id: "run-x@direct", proof: "run-x", path: "direct" },
  capos: "0.1.0",
  clock: frozenClock,
});
const bootStart = { name: "only", argv: ["qemu"], freshness: "none", identity: null } as const;

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

test("a damaged file is named as whoever asks names the directory", () => {
  const dir = writeSampleCase(folder.path);
  writeFileSync(join(dir, "started.json"), "{");
  const packed = packCase(dir, ".capos/runs/r1/run-x@direct");
  expect(packed).toMatchObject({
    ok: false,
    error: [{ code: "CAPOS_EVIDENCE_FORMAT", span: { file: ".capos/runs/r1/run-x@direct/started.json" } }],
  });
  rmSync(join(dir, "started.json"));
  expect(packCase(dir, "shown")).toMatchObject({ error: [{ message: "shown/started.json is not there" }] });
});

describe("the run directory", () => {
  test("holds what happened, in files that a person can read", () => {
    const dir = writeSampleCase(folder.path);
    expect(readdirSync(dir, { recursive: true }).map(String).toSorted()).toMatchInlineSnapshot(`
      [
        "boots",
        "boots/1-store",
        "boots/1-store/boot.json",
        "boots/1-store/console.raw",
        "boots/1-store/disks.json",
        "boots/1-store/timeline.jsonl",
        "boots/2-read-back",
        "boots/2-read-back/boot.json",
        "boots/2-read-back/console.raw",
        "boots/2-read-back/disks.json",
        "boots/2-read-back/timeline.jsonl",
        "inputs.json",
        "judgement.json",
        "started.json",
        "verdict.json",
      ]
    `);
    expect(readFileSync(join(dir, "boots/1-store/timeline.jsonl"), "utf8")).toMatchInlineSnapshot(`
      "{"at":{"cpuMs":0.5,"wallMs":1},"kind":"bytes","length":30}
      {"at":{"cpuMs":1,"wallMs":2},"kind":"bytes","length":26}
      {"at":{"cpuMs":2,"wallMs":3},"event":{"code":33,"signal":null,"type":"exit"},"kind":"control"}
      "
    `);
    expect(readFileSync(join(dir, "judgement.json"), "utf8")).toMatchInlineSnapshot(`
      "{
        "boots": [
          {
            "ended": "halted",
            "landmarks": [
              {
                "captures": {
                  "size": "4096"
                },
                "length": 16,
                "name": "object",
                "offset": 38,
                "torn": false
              }
            ],
            "name": "store",
            "verdict": "proved"
          },
          {
            "ended": "halted",
            "landmarks": [
              {
                "captures": {
                  "size": "4096"
                },
                "length": 16,
                "name": "object",
                "offset": 38,
                "torn": false
              }
            ],
            "name": "read-back",
            "verdict": "proved"
          }
        ],
        "cause": "",
        "judge": "1",
        "v": 1,
        "verdict": "proved"
      }
      "
    `);
  });

  test("is refused when it exists already", () => {
    must(openRunDirectory(start()));
    const again = openRunDirectory(start());
    expect(again.ok ? "" : again.error[0]?.code).toBe("CAPOS_EVIDENCE_WRITE");
    expect(must(openRunDirectory({ ...start(), attempt: 2 })).path).toMatch(/run-x@direct\.2$/u);
  });

  test("tells a running case from a dead one by its runner", () => {
    const dir = must(openRunDirectory(start())).path;
    expect(must(inspectCase(dir)).state).toBe("running");
    const file = join(dir, "started.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"ticks": "\d+"/u, '"ticks": "1"'));
    expect(must(inspectCase(dir)).state).toBe("dead");
    const packed = packCase(dir);
    expect(packed.ok ? "" : packed.error[0]?.code).toBe("CAPOS_EVIDENCE_UNFINISHED");
  });

  test("keeps what a crash in mid-boot left, byte for byte", () => {
    const dir = must(openRunDirectory(start()));
    const boot = must(dir.boot(bootStart));
    boot.append({ kind: "bytes", at: { wallMs: 1, cpuMs: 1 }, bytes: Buffer.from("half a li") });
    expect(readFileSync(join(boot.path, "console.raw"), "latin1")).toBe("half a li");
    expect(existsSync(join(dir.path, "verdict.json"))).toBe(false);
  });

  test("seals what exists when a run ends before its time", () => {
    const dir = must(openRunDirectory(start()));
    must(dir.boot(bootStart));
    must(dir.finish({ verdict: "host-error", cause: "interrupted", freshness: "none" }));
    const state = must(inspectCase(dir.path));
    expect(state.state === "ended" ? Object.keys(state.verdict.files) : []).toEqual([
      "boots/1-only/boot.json",
      "boots/1-only/console.raw",
      "boots/1-only/timeline.jsonl",
      "started.json",
    ]);
  });

  test("reports a failed write as a value, once, at the end of the boot", () => {
    const dir = must(openRunDirectory(start()));
    const boot = must(dir.boot(bootStart));
    for (const fd of readdirSync("/proc/self/fd")) {
      // As good as a full disk: every later write to this file fails.
      if (linkOf(fd).endsWith("/console.raw")) closeSync(Number(fd));
    }
    boot.append({ kind: "bytes", at: { wallMs: 1, cpuMs: 1 }, bytes: Buffer.from("lost") });
    boot.append({ kind: "bytes", at: { wallMs: 2, cpuMs: 2 }, bytes: Buffer.from("lost too") });
    const failed = boot.close({});
    expect(failed.ok ? [] : failed.error.map((p) => p.code)).toEqual(["CAPOS_EVIDENCE_WRITE"]);
    expect(readFileSync(join(boot.path, "timeline.jsonl"), "utf8")).toBe("");
  });

  test("reports a boot that cannot be opened", () => {
    const dir = must(openRunDirectory(start()));
    writeFileSync(join(dir.path, "boots"), "in the way");
    const boot = dir.boot(bootStart);
    expect(boot.ok ? "" : boot.error[0]?.code).toBe("CAPOS_EVIDENCE_WRITE");
  });
});

describe("packing a case", () => {
  test("ignores what was not sealed", () => {
    const dir = writeSampleCase(folder.path);
    const before = must(packCase(dir)).digest;
    writeFileSync(join(dir, "qemu.log"), "noise");
    expect(must(packCase(dir)).digest).toBe(before);
  });

  test.each(["started.json", "inputs.json", "judgement.json", "boots/2-read-back/console.raw"])(
    "refuses a case whose %s was changed after the verdict",
    (file) => {
      const dir = writeSampleCase(folder.path);
      appendFileSync(join(dir, file), " ");
      const packed = packCase(dir);
      expect(packed.ok ? [] : packed.error.map((p) => p.span?.file)).toEqual([join(dir, file)]);
    },
  );

  test("refuses a case of which a file is gone", () => {
    const dir = writeSampleCase(folder.path);
    rmSync(join(dir, "boots/1-store/disks.json"));
    const packed = packCase(dir);
    expect(packed.ok ? "" : packed.error[0]?.code).toBe("CAPOS_EVIDENCE_MISSING");
  });
});
