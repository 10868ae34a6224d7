import fc from "fast-check";
import { expect, test } from "vitest";
import { checkProof } from "./check.ts";
import { parseFork, withFork } from "./snapshot.ts";
import {
  any,
  banner,
  bootSpec,
  bytesAt,
  exitWith,
  goodBoot,
  judge,
  landmark,
  lines,
  one,
  proofOf,
} from "./testing.ts";
import type { Proof } from "./types.ts";

const shared = proofOf(
  [
    bootSpec("up", [
      one("init", "[init] up"),
      any(landmark("a", "[a]"), landmark("b", "[b]")),
      one("ready", "[init] ready"),
    ]),
    bootSpec("again", [one("init", "[init] up")]),
  ],
  { name: "run-shared" },
);
const own = proofOf([bootSpec("ask", [one("asked", "[x] asked"), one("told", "[x] told n=<n:int>")])], {
  name: "run-own",
  bounds: [{ capture: { boot: "ask", landmark: "told", capture: "n" }, min: 7 }],
  spans: new Map([
    ["from", { file: "own.cue", line: 3, col: 1 }],
    ["image", { file: "own.cue", line: 2, col: 1 }],
    ["boots.0.landmarks.0.line", { file: "own.cue", line: 9, col: 1 }],
  ]),
});
const from = { proof: "run-shared", landmark: "ready" };

function composed(changes: Partial<Proof> = {}, other: Proof = shared) {
  return withFork({ ...own, ...changes }, from, other, false);
}

test("what a proof goes on from is a proof and a landmark", () => {
  expect(parseFork("run-smoke@hello")).toEqual({ proof: "run-smoke", landmark: "hello" });
  for (const bad of ["run-smoke", "@hello", "run-smoke@", "a@b@c", "Run@x", ""])
    expect(parseFork(bad)).toBe(undefined);
});

test("the shared landmarks come first, up to the fork, and each is found where it is declared", () => {
  const { proof, problems } = composed();
  expect(problems).toEqual([]);
  expect(checkProof(proof)).toEqual([]);
  const names = proof.boots[0]?.chain.map((item) => (item.kind === "one" ? item.landmark.name : "group"));
  expect(names).toEqual(["init", "group", "ready", "asked", "told"]);
  expect(proof.from).toEqual({ ...from, shared: 3 });
  expect(proof.spans.get("boots.0.landmarks.3.line")?.line).toBe(9);
  expect(proof.spans.get("boots.0.landmarks.0.line")).toBe(undefined);
});

test("the same console is judged alike whether it was printed in one go or goes on from a stored state", () => {
  const { proof } = composed();
  const all = ["[init] up", "[b]", "[a]", "[init] ready", "[x] asked", "[x] told n=8"];
  const whole = judge(proof, goodBoot(1, ...all));
  expect(whole.verdict).toBe("proved");
  fc.assert(
    fc.property(fc.nat(all.length), (cut) => {
      const before = lines(banner(1), ...all.slice(0, cut));
      const after = lines(...all.slice(cut), "[kernel] halted status=0");
      const forked = judge(proof, [bytesAt(50, 50, before), bytesAt(90, 90, after), exitWith(33)]);
      expect(forked.verdict).toBe("proved");
      expect(forked.captures).toEqual(whole.captures);
    }),
  );
});

test("what is missing or wrong before the fork refutes", () => {
  const { proof } = composed();
  const without = judge(proof, goodBoot(1, "[init] up", "[a]", "[b]", "[x] asked", "[x] told n=8"));
  expect(without.verdict).toBe("refuted");
  const never = composed({ never: [{ text: "oops" }] }).proof;
  const said = judge(
    never,
    goodBoot(1, "oops", "[init] up", "[a]", "[b]", "[init] ready", "[x] asked", "[x] told n=8"),
  );
  expect(said.kind).toBe("forbidden");
});

test.each<[string, Partial<Proof>, Proof, RegExp, number]>([
  ["another image", { image: "other" }, shared, /the image is `other`/u, 2],
  ["another machine", { machine: { ...own.machine, cpus: 2 } }, shared, /machine is not that/u, 3],
  [
    "a path whose disk cannot be stored",
    { machine: { ...own.machine, boot: ["bios"] } },
    shared,
    /path direct only/u,
    3,
  ],
  [
    "other disks",
    { disks: { d: { bytes: 512, bus: "virtio-blk", content: "blank" } } },
    shared,
    /disks are not/u,
    3,
  ],
  [
    "a landmark of a group",
    {},
    { ...shared, boots: [bootSpec("up", [any(landmark("ready", "r"))])] },
    /outside of a group/u,
    3,
  ],
  [
    "no such landmark",
    {},
    { ...shared, boots: [bootSpec("up", [one("init", "[init] up")])] },
    /no landmark `ready`/u,
    3,
  ],
  ["other foreign lines", { foreign: "x" }, shared, /`foreign` is not what/u, 3],
  ["itself", {}, { ...shared, name: "run-own" }, /from itself/u, 3],
  [
    "a power cut",
    { boots: [bootSpec("ask", [one("asked", "[x] asked")], { ends: { how: "power-cut", at: "asked" } })] },
    shared,
    /`run-own` has faults/u,
    3,
  ],
])("a proof does not go on from %s", (_, changes, other, why, line) => {
  const { problems, proof } = composed(changes, other);
  expect(problems.map((p) => p.message).join("\n")).toMatch(why);
  expect(problems.every((p) => p.code === "CAPOS_PROOF_FORK")).toBe(true);
  expect(problems.find((p) => why.test(p.message))?.span?.line).toBe(line);
  expect(proof.from).toBe(undefined);
});

test("shared boots are not chained", () => {
  const { problems } = withFork(own, from, shared, true);
  expect(problems.map((p) => p.message)).toEqual(["`run-shared` goes on from another boot itself"]);
});
