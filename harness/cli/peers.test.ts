/** A real Linux guest that is typed at and that talks with its peers: proved, refuted, interrupted. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCases, judgeAgain, verifyCase } from "../evidence/index.ts";
import { type ScratchTree, scratchTree, until, whyNoForeign } from "./testing.ts";

const project = join(import.meta.dirname, "../..");

const reason = whyNoForeign();

const program = "tools/peers/shout.mjs";
let tree: ScratchTree;
beforeAll(() => {
  tree = scratchTree();
  tree.write(program, readFileSync(join(project, program), "utf8"));
});
afterAll(() => {
  expect(tree.leftovers()).toEqual([]);
  tree.dispose();
});

/** The newest case of a proof, which must pass every check of its evidence; its judgement is made again. */
function evidenceOf(proof: string) {
  const [dir = ""] = findCases(join(tree.root, ".capos/runs"), proof, "direct");
  const report = verifyCase(tree.root, dir.slice(tree.root.length + 1), judgeAgain);
  if (report.case === undefined) throw new Error(JSON.stringify(report.problems));
  expect(report.problems).toEqual([]);
  return { ...report.case, dir };
}

/** Proves with some places of the proof changed. */
function changed(proof: string, ...places: readonly (readonly [string, string])[]): string {
  const file = `proofs/${proof}.cue`;
  const before = tree.read(file);
  for (const [from, to] of places) tree.edit(file, (text) => text.replace(from, () => to));
  const ran = tree.capos("prove", proof);
  tree.write(file, before);
  expect(ran.status, ran.stdout + ran.stderr).toBe(1);
  return ran.stdout;
}

describe.skipIf(reason !== undefined)("run-linux-shell", () => {
  test("is proved, and its evidence holds what was typed and what the terminal showed", () => {
    const ran = tree.capos("prove", "run-linux-shell");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .* run-linux-shell@direct\n/mu);
    const { boots, dir } = evidenceOf("run-linux-shell");
    const [boot] = boots;
    const sends = boot?.inputs.flatMap((i) =>
      i.kind === "control" && i.event.type === "action" ? [i.event] : [],
    );
    expect(sends?.map((s) => s.name)).toEqual(["add", "ask", "answer", "tell", "leave"]);
    const shown = boot?.inputs.flatMap((i) => (i.kind === "terminal" ? [Buffer.from(i.bytes)] : []));
    const transcript = readFileSync(join(dir, "boots/1-shell/attached/terminal.raw"));
    expect(Buffer.concat(shown ?? [])).toEqual(transcript);
    expect(transcript.toString()).toContain("linux# ");
  });

  test("a prompt that never comes is named", () => {
    const told = changed("run-linux-shell", ['prompt: "your name? "', 'within: "2s", prompt: "your nmae? "']);
    expect(told).toMatch(/^ +NO-PROGRESS .*the prompt "your nmae\? " of `answer` did not come within 2 s/mu);
  });

  test("an echo that never comes is named", () => {
    const mute = String.raw`{name: "mute", prompt: "linux# ", text: "stty -echo; printf 'quiet %s' now; sleep 100\n"}`;
    const told = changed("run-linux-shell", [
      '{name: "leave", at: "told",',
      `${mute}, {name: "leave", prompt: "quiet now", echo: true, within: "3s",`,
    ]);
    expect(told).toMatch(/^ +NO-PROGRESS .*the echo of `leave` did not come within 3 s/mu);
  });

  test("forbidden text is found on the terminal, too", () => {
    const told = changed(
      "run-linux-shell",
      [String.raw`> /dev/ttyS0\n"`, String.raw`> /dev/ttyS0; echo bad$((6 * 7))\n"`],
      ['{text: "Oops"}', '{text: "bad42"}'],
    );
    expect(told).toMatch(/^ +REFUTED .*the forbidden text `bad42` was printed on the terminal/mu);
  });
});

describe.skipIf(reason !== undefined)("run-linux-peers", () => {
  test("is proved, and each peer's log is part of the evidence", () => {
    const ran = tree.capos("prove", "run-linux-peers");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .* run-linux-peers@direct\n/mu);
    const { boots, dir } = evidenceOf("run-linux-peers");
    expect(boots[0]?.boot.argv.join(" ")).not.toContain(tree.root);
    const attached = join(dir, "boots/1-talk/attached");
    expect(readdirSync(attached).toSorted()).toEqual(
      ["drip", "echo", "get", "shout", "web"].map((name) => `peer-${name}.jsonl`),
    );
    const web = readFileSync(join(attached, "peer-web.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(web[0] ?? "")).toMatchObject({ what: "request", method: "GET", path: "/blob" });
  });

  test.each([
    ["a request that never comes", 'path: "/blob"}', 'path: "/blob", times: 2}', "`web.blob` was not met"],
    ["another body", 'body: "size=1048576"', 'body: "size=1"', '"size=1048576" instead of "size=1"'],
    ["another page", 'answer: "a page\\n"', 'answer: "a pgae\\n"', "GET / gave"],
    ["another status", "status: 404", "status: 200", "status 404 instead of 200"],
    ["another echo", 'answer: "drop by drop\\n"', 'answer: "drop by prod\\n"', "came instead of"],
    ["a datagram that never comes", 'text: "ping"}', 'text: "pong"}', "`echo.ping` was not met"],
  ])("%s refutes", (_, from, to, words) => {
    const told = changed("run-linux-peers", [from, to]);
    expect(told).toMatch(/^ +REFUTED /mu);
    expect(told).toContain(words);
  });

  test.each([
    ["SIGINT", [130, null]],
    ["SIGKILL", [null, "SIGKILL"]],
  ] as const)(
    "%s in the middle of the talk leaves no emulator, no relay and no program",
    async (signal, end) => {
      const child = tree.start("prove", "run-linux-peers", "--reporter", "json");
      let text = "";
      for await (const chunk of child.stdout ?? []) {
        text += String(chunk);
        // The drip takes a while: an emulator, a program and connections are there now.
        if (text.includes('"name":"echoing"')) break;
      }
      expect(tree.leftovers().length).toBeGreaterThan(1);
      const exited = once(child, "exit");
      child.kill(signal);
      expect(await exited).toEqual(end);
      await until(() => tree.leftovers().length === 0);
      expect(tree.leftovers()).toEqual([]);
    },
  );
});

describe.skipIf(reason !== undefined)("run-linux-udp", () => {
  const logOf = (dir: string, peer: string): readonly Record<string, unknown>[] =>
    readFileSync(join(dir, `boots/1-talk/attached/peer-${peer}.jsonl`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("is proved, and the peers' logs hold what went both ways", () => {
    const ran = tree.capos("prove", "run-linux-udp");
    expect(ran.stdout, ran.stderr).toMatch(/^ +PROVED .* run-linux-udp@direct\n/mu);
    const { boots, dir } = evidenceOf("run-linux-udp");
    const actions = boots[0]?.inputs.flatMap((i) =>
      i.kind === "control" && i.event.type === "action" ? [i.event] : [],
    );
    expect(actions?.every((a) => a.ok)).toBe(true);
    // Whether the cable is back before or after the answer is nobody's claim.
    const names = new Set(actions?.map((a) => a.name));
    expect([...names].toSorted()).toEqual(["cable", "on", "pilot.question", "sounder.answer"]);
    const heard = logOf(dir, "sounder").find((line) => line["what"] === "datagram");
    expect(heard).toMatchObject({ from: 5000, bytes: 10, text: "heard ahoy" });
    const asked = logOf(dir, "pilot").find((line) => line["what"] === "datagram");
    expect(asked).toMatchObject({ bytes: 21, text: "how deep is the water" });
  });

  test("with another answer it is refuted", () => {
    const ran = tree.capos("prove", "run-linux-udp-altered");
    expect(ran.status, ran.stderr).toBe(1);
    expect(ran.stdout).toMatch(/^ +REFUTED .* run-linux-udp-altered@direct/mu);
    expect(ran.stdout).toContain("[udp] answer=four fathoms");
  });

  test.each([
    ["another answer of the guest", 'answer: "heard ahoy"', 'answer: "ahoy"', 'came back instead of "ahoy"'],
    ["a question that never comes", 'text: "how deep', 'text: "how wide', "`pilot.question` was not met"],
  ])("%s refutes", (_, from, to, words) => {
    const told = changed("run-linux-udp", [from, to]);
    expect(told).toMatch(/^ +REFUTED /mu);
    expect(told).toContain(words);
  });
});
