import { describe, expect, test } from "vitest";
import { canonicalJson } from "../base/index.ts";
import type { BootInput, Proof } from "../contract/index.ts";
import { decode } from "./decode.ts";
import { proofDecoder, proofOf, storedProof } from "./proof-form.ts";
import { joinTimeline, timelineLine } from "./timeline.ts";

/** What is typed and who talks with a guest, stored and read again. */

const proof: Proof = {
  name: "run-x",
  title: "t",
  image: "x",
  tags: [],
  machine: {
    type: "q35",
    cpu: "max",
    memoryBytes: 1 << 27,
    cpus: 1,
    accel: "tcg",
    boot: ["direct"],
    terminal: true,
    network: true,
  },
  disks: {},
  boots: [
    {
      name: "b",
      chain: [],
      ends: { how: "reset" },
      never: [],
      budgets: { firmwareMs: 1, endMs: 1 },
      sends: [
        {
          name: "a",
          on: { on: "landmark", landmark: "l" },
          text: "x\n",
          echo: true,
          port: "console",
          withinMs: 5,
        },
        {
          name: "b",
          on: { on: "prompt", text: "$ " },
          text: "y",
          echo: false,
          port: "terminal",
          withinMs: 5,
        },
        {
          name: "c",
          on: { on: "peer", expectation: "w.e" },
          text: "z",
          echo: false,
          port: "console",
          withinMs: 5,
        },
      ],
    },
  ],
  same: [],
  bounds: [],
  never: [],
  requires: { devices: [] },
  foreign: "",
  closed: "",
  spans: new Map(),
  peers: {
    web: {
      kind: "http-server",
      boot: "b",
      port: 80,
      routes: [
        { path: "/t", status: 200, headers: { a: "b" }, body: { is: "text", text: "t" } },
        { path: "/p", status: 200, headers: {}, body: { is: "pattern", bytes: 9 } },
        { path: "/d", status: 200, headers: {}, body: { is: "digest", of: "/p" } },
      ],
      expects: [{ name: "e", method: "GET", path: "/t", times: 1, body: "x", from: "l", withinMs: 5 }],
    },
    get: {
      kind: "http-client",
      to: 80,
      at: "l",
      requests: [
        {
          name: "r",
          method: "GET",
          path: "/",
          headers: {},
          body: "",
          status: 200,
          answer: "a",
          sha256: "0".repeat(64),
          withinMs: 5,
        },
      ],
    },
    drip: {
      kind: "tcp-client",
      to: 7,
      at: "l",
      send: "s",
      drip: { bytes: 1, everyMs: 20 },
      answer: "s",
      close: true,
      withinMs: 5,
    },
    echo: { kind: "udp-server", port: 7, reply: { echo: true }, expects: [] },
    say: {
      kind: "udp-server",
      port: 8,
      reply: { echo: false, text: "t" },
      expects: [{ name: "e", text: "t", times: 2, withinMs: 5 }],
    },
    tick: { kind: "udp-client", to: 9, at: "l", send: "t", times: 3, everyMs: 5, answer: "u", withinMs: 5 },
    tool: {
      kind: "program",
      argv: ["a", "b"],
      env: { C: "d" },
      at: "l",
      reaches: [80],
      serves: { port: 1, ready: "<port:int>" },
      status: 0,
      withinMs: 5,
    },
  },
};

test("a proof with all of it is stored and read as it was declared", () => {
  const stored = JSON.parse(canonicalJson(storedProof(proof)));
  const read = decode(proofDecoder, stored);
  if (!("value" in read)) throw new Error(`${read.at} ${read.message}`);
  expect(proofOf(read.value)).toEqual(proof);
});

test("a proof without any of it is stored as it always was, so that earlier evidence stays what it is", () => {
  const { peers: _, ...rest } = proof;
  const { terminal: _t, network: _n, ...machine } = proof.machine;
  const plain = { ...rest, machine, boots: rest.boots.map(({ sends: _s, ...boot }) => boot) };
  const text = canonicalJson(storedProof(plain));
  for (const word of ["peers", "sends", "terminal", "network"]) expect(text).not.toContain(`"${word}"`);
});

describe("the time index of two ports", () => {
  const at = (wallMs: number) => ({ wallMs, cpuMs: 0 });
  const inputs: readonly BootInput[] = [
    { kind: "bytes", at: at(1), bytes: Buffer.from("con") },
    { kind: "terminal", at: at(2), bytes: Buffer.from("ter") },
    { kind: "bytes", at: at(3), bytes: Buffer.from("sole") },
    { kind: "terminal", at: at(4), bytes: Buffer.from("minal") },
  ];
  const index = inputs.map(timelineLine).join("");
  const shown = { console: Buffer.from("console"), terminal: Buffer.from("terminal") };

  test("gives back what was shown, each in its place", () => {
    expect(joinTimeline(shown, index, "timeline.jsonl")).toEqual({ ok: true, value: inputs });
  });

  test("finds bytes that are missing, and bytes without a time", () => {
    const less = joinTimeline({ ...shown, terminal: Buffer.from("termina") }, index, "timeline.jsonl");
    const more = joinTimeline({ ...shown, terminal: Buffer.from("terminals") }, index, "timeline.jsonl");
    expect([less, more].map((r) => (r.ok ? "" : r.error[0]?.message))).toEqual([
      "the terminal ends at byte 7",
      "1 bytes of the terminal have no time",
    ]);
  });
});
