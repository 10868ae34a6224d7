import { describe, expect, it } from "vitest";
import { createBootJudge } from "./boot.ts";
import {
  any,
  banner,
  bootSpec,
  bytesAt,
  controlAt,
  exitWith,
  goodBoot,
  identity,
  judge,
  landmark,
  lines,
  one,
  proofOf,
} from "./testing.ts";
import type { BootInput, Proof } from "./types.ts";

const chain = [
  one("mounted", "[store] mounted generation=<gen:int>"),
  one("got", "[client] got <digest:hex32>"),
];
const proof = proofOf([bootSpec("only", chain)]);
const digest = "ab".repeat(16);
const good = goodBoot(1, "[store] mounted generation=7", `[client] got ${digest}`);

function verdictOf(p: Proof, ...inputs: readonly BootInput[]): string {
  const { verdict, cause } = judge(p, inputs);
  return cause === "" ? verdict : `${verdict}: ${cause.replace("boot `only`: ", "")}`;
}

const console = (...all: readonly string[]): BootInput => bytesAt(100, 100, lines(banner(), ...all));

describe("a boot", () => {
  it("is proved when the chain, the last line and the exit code are as declared", () => {
    const judgement = judge(proof, good);
    expect(judgement).toMatchObject({ verdict: "proved", cause: "", freshness: "echoed", report: [] });
    expect(judgement.captures).toEqual({ "only.mounted.gen": "7", "only.got.digest": digest });
  });

  it("tells its caller what happens while it happens", () => {
    const boot = createBootJudge(proof, 0, { freshness: "echoed", identity: identity() });
    expect(boot.awaiting()).toMatchObject({ phase: "firmware", what: "the banner", budgetMs: 20_000 });
    expect(boot.feed(bytesAt(1, 1, lines(banner()))).map((o) => o.type)).toEqual(["banner"]);
    expect(boot.awaiting()).toMatchObject({ phase: "landmarks", names: ["mounted"] });
    expect(boot.feed(bytesAt(2, 2, lines("[store] mounted generation=7")))).toMatchObject([
      { type: "landmark", landmark: { name: "mounted", captures: { gen: "7" } }, seen: 1, of: 2 },
    ]);
    expect(boot.feed(bytesAt(3, 3, lines(`[client] got ${digest}`))).map((o) => o.type)).toEqual([
      "landmark",
    ]);
    expect(boot.awaiting()).toMatchObject({ phase: "end", what: "the end (halt)" });
    expect(boot.feed(bytesAt(4, 4, lines("[kernel] halted status=0"))).map((o) => o.type)).toEqual([
      "halted",
    ]);
    expect(boot.feed(exitWith(33))).toEqual([]);
    expect(boot.finish().verdict).toBe("proved");
  });

  it("asks for its end once, at its failure", () => {
    const boot = createBootJudge(proof, 0, { freshness: "echoed", identity: identity() });
    const outputs = boot.feed(
      console("[kernel] panic: no memory (frame.rs:7)", "[kernel] panic: again (frame.rs:8)"),
    );
    expect(outputs).toMatchObject([{ type: "banner" }, { type: "decided", end: "cut", why: "decided" }]);
    expect(boot.awaiting()).toBeUndefined();
    boot.feed(controlAt(101, 101, { type: "ended-by-tool", why: "decided" }));
    expect(boot.finish()).toMatchObject({ verdict: "guest-died", cause: { kind: "panic" } });
  });

  it("refutes an order that is not the declared one", () => {
    expect(verdictOf(proof, console(`[client] got ${digest}`))).toBe(
      "refuted: `got` came while `mounted` was awaited",
    );
  });

  it("refutes a landmark that comes twice, and allows as often as declared", () => {
    const twice = ["[store] mounted generation=7", "[store] mounted generation=8", `[client] got ${digest}`];
    expect(verdictOf(proof, ...goodBoot(1, ...twice))).toBe("refuted: `mounted` came twice");
    const [first, ...rest] = chain;
    const relaxed = proofOf([
      bootSpec("only", [one("mounted", "[store] mounted generation=<gen:int>", { atMost: 2 }), ...rest]),
    ]);
    expect(first).toBeDefined();
    expect(verdictOf(relaxed, ...goodBoot(1, ...twice))).toBe("proved");
    expect(verdictOf(relaxed, ...goodBoot(1, ...twice, "[store] mounted generation=9"))).toBe(
      "refuted: `mounted` came 3 times, at most 2 are allowed",
    );
  });

  it("takes the members of a group in any order, all of them", () => {
    const group = proofOf([
      bootSpec("only", [any(landmark("a", "[a] up"), landmark("b", "[b] up")), one("c", "[c] up")]),
    ]);
    expect(verdictOf(group, ...goodBoot(1, "[b] up", "[a] up", "[c] up"))).toBe("proved");
    expect(verdictOf(group, ...goodBoot(1, "[b] up", "[c] up", "[a] up"))).toBe(
      "refuted: `c` came while `a` was awaited",
    );
  });

  it("refutes a halt before the last landmark, and a halt with another status", () => {
    expect(verdictOf(proof, ...goodBoot(1, "[store] mounted generation=7"))).toBe(
      "refuted: the guest halted, but `got` was never seen",
    );
    expect(
      verdictOf(proof, console("[store] mounted generation=7", "[kernel] halted status=3"), exitWith(35)),
    ).toBe("refuted: the guest halted with status=3 instead of 0, while `got` was awaited");
  });

  it("does not believe an exit code without the line, nor the line against the code", () => {
    const until = console("[store] mounted generation=7", `[client] got ${digest}`);
    expect(verdictOf(proof, until, exitWith(33))).toBe(
      "guest-died: the emulator exited with code 33 (halted with status 0) while the end (halt) was awaited",
    );
    const said = console(
      "[store] mounted generation=7",
      `[client] got ${digest}`,
      "[kernel] halted status=0",
    );
    expect(verdictOf(proof, said, exitWith(0))).toContain("refuted: the console says status=0");
    expect(verdictOf(proof, said, exitWith(37))).toContain("kernel panic");
  });

  it("knows another boot's console by its banner", () => {
    const { cause, verdict } = judge(proof, [bytesAt(1, 1, lines(banner(2)))]);
    expect(verdict).toBe("refuted");
    expect(cause).toContain("the banner says boot=2 where 1 was handed over");
  });

  it("dies of a second banner, a triple fault and an unplanned reset", () => {
    expect(verdictOf(proof, console(banner()))).toBe(
      "guest-died: a second banner: the machine was reset while `mounted` was awaited",
    );
    expect(verdictOf(proof, console(), controlAt(1, 1, { type: "triple-fault" }))).toBe(
      "guest-died: a triple fault while `mounted` was awaited",
    );
    expect(verdictOf(proof, console(), controlAt(1, 1, { type: "reset" }), exitWith(0))).toBe(
      "guest-died: the machine was reset while `mounted` was awaited",
    );
  });

  it("seeks nothing but the banner before the banner", () => {
    const early = bytesAt(
      1,
      1,
      lines("[kernel] panic: of the firmware", "\u001b[2J\u001b[1;1H", "[store] mounted generation=1"),
    );
    expect(verdictOf(proof, early, ...good)).toBe("proved");
    expect(verdictOf(proof, early, exitWith(1))).toContain("while the banner was awaited");
  });

  it("judges a last line that nothing ends", () => {
    const landing = proofOf([bootSpec("only", chain, { ends: { how: "landmark", at: "got" } })]);
    const text = lines(banner(), "[store] mounted generation=7") + `[client] got ${digest}`;
    expect(verdictOf(landing, bytesAt(1, 1, text))).toBe("proved");
  });

  it("does not count what comes behind a planned end", () => {
    const landing = proofOf([bootSpec("only", chain, { ends: { how: "power-cut", at: "got" } })]);
    const boot = createBootJudge(landing, 0, { freshness: "none" });
    const outputs = boot.feed(
      console("[store] mounted generation=7", `[client] got ${digest}`, "[kernel] panic: late"),
    );
    expect(outputs.at(-1)).toMatchObject({ type: "decided", end: "cut", why: "planned" });
    boot.feed(controlAt(101, 100, { type: "ended-by-tool", why: "planned" }));
    boot.feed(exitWith(null, "SIGKILL"));
    expect(boot.finish()).toMatchObject({ verdict: "proved", ended: "power-cut at got", freshness: "none" });
  });
});
