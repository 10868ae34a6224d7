/** A run without an emulator, a compiler or a tree: cases whose guests follow a script. Only *.test.ts import this. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, problem, sha256, systemClock } from "../../base/index.ts";
import type { BootInput, Proof } from "../../contract/index.ts";
import type { Event } from "../../events/index.ts";
import { type Machine, machineCodes } from "../../machine/index.ts";
import { createSupervisor } from "../../process/index.ts";
import type { Artifact } from "../artifacts.ts";
import { matrixOf, type PlacedCase } from "../plan.ts";
import { type RunContext, runCases, type RunResult } from "../run.ts";

/** What the guest of one boot does: as it should, says the wrong thing, dies without a word, or the host fails it. */
export type Act = "pass" | "wrong" | "silent" | "host";

export interface Lab {
  readonly root: string;
  readonly events: Event[];
  /** Names of the cases in the order in which their guests were powered on. */
  readonly booted: string[];
  place(proof: Proof, accelerator?: "tcg" | "kvm"): readonly PlacedCase[];
  run(cases: readonly PlacedCase[], more?: Partial<RunContext>): Promise<RunResult>;
  dispose(): void;
}

export function labProof(name: string, more: Partial<Proof> = {}): Proof {
  return {
    name,
    title: "A guest comes up",
    image: "test",
    tags: [],
    machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
    disks: {},
    boots: [
      {
        name: "only",
        chain: [{ kind: "one", landmark: { name: "up", line: "[guest] up", atMost: 1, withinMs: 5000 } }],
        ends: { how: "halt", status: 0 },
        never: [],
        budgets: { firmwareMs: 5000, endMs: 5000 },
      },
    ],
    same: [],
    bounds: [],
    never: [],
    requires: { devices: [] },
    foreign: "",
    closed: "",
    spans: new Map(),
    ...more,
  };
}

const systemDigest = sha256("the system");

/** `acts` gives each case, by name and accelerator, what its guests do, boot after boot; the last act stays. */
export function makeLab(acts: (proof: string, accelerator: string) => readonly Act[]): Lab {
  const root = mkdtempSync(join(tmpdir(), "capos-lab-"));
  const events: Event[] = [];
  const booted: string[] = [];
  const boots = new Map<string, number>();
  const supervisor = createSupervisor(`lab-${process.pid}`);
  const machine = (proof: string, accelerator: string): Machine => ({
    target: "qemu",
    freshness: "echoed",
    facts: () => Promise.resolve(ok({ target: "qemu", firmware: [] })),
    plan: (request) => ok({ request, argv: ["qemu"], firmware: [] }),
    start({ request: { identity } }) {
      const key = `${proof} ${accelerator}`;
      const count = boots.get(key) ?? 0;
      boots.set(key, count + 1);
      booted.push(proof);
      const script = acts(proof, accelerator);
      const act = script[count] ?? script.at(-1) ?? "pass";
      if (act === "host") {
        return Promise.resolve(fail(problem(machineCodes, "CAPOS_QEMU_START", "the host is out of order")));
      }
      const hello = `capos kernel starting nonce=${identity?.nonce} boot=${identity?.boot} system=${systemDigest}\r\n`;
      return Promise.resolve(ok(playing(inputsOf(act, hello))));
    },
    destroy: () => Promise.resolve(),
  });
  let runs = 0;
  return {
    root,
    events,
    booted,
    place: (proof, accelerator = "tcg") =>
      matrixOf(proof).map((one): PlacedCase => ({
        ...one,
        machine: machine(proof.name, accelerator),
        facts: { target: "qemu", firmware: [], accelerator: { accelerator, reason: "the lab says so" } },
      })),
    run(cases, more = {}) {
      const run = `180000000${runs++}-0001`;
      let seq = 0;
      return runCases(cases, {
        root,
        cacheDir: join(root, ".capos/cache"),
        runDir: join(root, ".capos/runs", run),
        run,
        capos: "0.1.0",
        artifacts: { get: () => Promise.resolve(ok(artifact)), hostTool: () => Promise.resolve(ok("")) },
        emit: (body) =>
          void events.push({ v: 1, seq: seq++, at: new Date().toISOString(), elapsedMs: 0, run, ...body }),
        supervisor,
        clock: systemClock,
        stopping: new AbortController().signal,
        day: "2026-02-01",
        host: { memoryBytes: 2 ** 32, cpus: 2 },
        ...more,
      });
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

const object = { sha256: sha256("object"), bytes: 6, path: "/nowhere" };

const artifact: Artifact = {
  model: {
    kind: "capos",
    name: "test",
    title: "",
    binaries: [],
    init: { binary: "init", span: { file: "", line: 1, col: 1 } },
    services: [],
    warnings: [],
    sources: [],
    span: { file: "", line: 1, col: 1 },
  },
  modelDigest: sha256("model"),
  built: {
    kind: "capos",
    name: "test",
    kernel: object,
    programs: {},
    bootManifest: object,
    bootModule: object,
    systemDigest,
    buildId: "",
    inputs: { kernel: sha256("sources") },
  },
  system: { path: "direct", kernel: "/nowhere" },
  image: { digest: sha256("image"), recipe: {} },
};

function inputsOf(act: Exclude<Act, "host">, hello: string): readonly BootInput[] {
  const said = { pass: "[guest] up\r\n", wrong: "[guest] down\r\n", silent: "" }[act];
  const text = act === "silent" ? "" : `${hello}${said}[kernel] halted status=0\r\n`;
  const at = { wallMs: 20, cpuMs: 15 };
  return [
    ...(text === "" ? [] : [{ kind: "bytes", at, bytes: Buffer.from(text) } as const]),
    { kind: "control", at, event: { type: "exit", code: act === "silent" ? 1 : 33, signal: null } },
  ];
}

function playing(inputs: readonly BootInput[]) {
  return {
    inputs: (async function* () {
      await Promise.resolve();
      yield* inputs;
    })(),
    end: () => {},
    act: () => Promise.resolve(ok(undefined)),
    note: () => {},
    ended: Promise.resolve({ wallMs: 20, cpuMs: 15, stderr: "" }),
  };
}
