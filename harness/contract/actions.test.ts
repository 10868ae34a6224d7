import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Send } from "./interaction.ts";
import type { HttpServer } from "./peers.ts";
import { banner, bootSpec, bytesAt, controlAt, exitWith, judge, lines, one, proofOf } from "./testing.ts";
import type { ActionEvent, BootInput, Proof } from "./types.ts";

/** What is done to a guest, as the judge sees it: nothing that was declared may be claimed, and nothing left out. */

const foreign = "[    1.234567] usb 1-1: new device";

function send(name: string, on: Send["on"], extra: Partial<Send> = {}): Send {
  return { name, on, text: "x\n", echo: false, port: "console", withinMs: 1000, ...extra };
}

function prompt(text: string): Send["on"] {
  return { on: "prompt", text };
}

function proofWith(sends: readonly Send[], extra: Partial<Proof> = {}): Proof {
  return proofOf(
    [bootSpec("main", [one("ready", "[app] ready"), one("done", "[app] done")], { sends })],
    extra,
  );
}

function done(name: string, ok = true, source: ActionEvent["source"] = "send"): BootInput {
  return controlAt(100, 100, { type: "action", source, name, detail: "as declared", ok });
}

function shows(text: string, wallMs = 100): BootInput {
  return bytesAt(wallMs, wallMs, text);
}

function onTerminal(text: string): BootInput {
  return { kind: "terminal", at: { wallMs: 100, cpuMs: 100 }, bytes: Buffer.from(text) };
}

const start = shows(lines(banner(1), "[app] ready"));
/** Behind the line in which something was typed. */
const halt = [shows(lines("", "[app] done", "[kernel] halted status=0")), exitWith(33)];

describe("sends", () => {
  const login = [send("user", prompt("login: "))];

  test("are proved when they were due and made", () => {
    expect(judge(proofWith(login), [start, shows("login: "), done("user"), ...halt]).verdict).toBe("proved");
  });

  test("that were due and never made are a fault of the tool, not a proof", () => {
    const late = [
      shows(lines("", "[app] done", "[kernel] halted status=0"), 3000),
      controlAt(3000, 3000, { type: "exit", code: 33, signal: null }),
    ];
    const judged = judge(proofWith(login), [start, shows("login: "), ...late]);
    expect(judged).toMatchObject({ verdict: "harness-error", kind: "harness" });
    expect(judged.cause).toContain("never typed `user`, which was due");
  });

  test("that a guest did not wait for are not the tool's fault", () => {
    const judged = judge(proofWith(login), [start, shows("login: "), ...halt]);
    expect(judged).toMatchObject({ verdict: "no-progress", kind: "silence" });
    expect(judged.cause).toContain("before `user` could be typed");
  });

  test("whose prompt never came are named with it", () => {
    const judged = judge(proofWith(login), [start, ...halt]);
    expect(judged).toMatchObject({ verdict: "no-progress", kind: "silence" });
    expect(judged.cause).toContain('the prompt "login: " of `user`');
  });

  test("cannot be claimed before their prompt, out of order, or twice", () => {
    const two = [...login, send("password", prompt("Password: "))];
    const claims: readonly (readonly [readonly BootInput[], string])[] = [
      [[done("user")], "before the prompt"],
      [[shows("login: "), done("password")], "not the next"],
      [[shows("login: "), done("user"), done("user")], "not the next"],
    ];
    for (const [inputs, words] of claims) {
      const judged = judge(proofWith(two), [start, ...inputs, ...halt]);
      expect(judged.verdict).toBe("harness-error");
      expect(judged.cause).toContain(words);
    }
  });

  test("end the boot when their prompt does not come in time", () => {
    const waits: BootInput[] = [1200, 1400, 2600].map((wallMs) => ({
      kind: "tick",
      at: { wallMs, cpuMs: 100 },
    }));
    const judged = judge(proofWith(login), [start, ...waits]);
    expect(judged).toMatchObject({ verdict: "no-progress", kind: "deadline" });
    expect(judged.cause).toContain('the prompt "login: " of `user` did not come within 1 s');
  });

  test("that the tool could not make are told with the reason", () => {
    const judged = judge(proofWith(login), [start, shows("login: "), done("user", false)]);
    expect(judged).toMatchObject({ verdict: "no-progress", kind: "send" });
  });

  test("come after a landmark, and after what a peer has seen", () => {
    const proof = proofWith([
      send("at", { on: "landmark", landmark: "ready" }),
      send("after", { on: "peer", expectation: "web.asked" }),
    ]);
    const met = done("web.asked", true, "peer");
    const good = [start, done("at"), met, done("after"), ...halt];
    expect(judge(proof, good).verdict).toBe("proved");
    expect(judge(proof, [start, done("at"), done("after"), ...halt]).verdict).toBe("harness-error");
  });

  test("a prompt counts once, and only behind the send before it", () => {
    const twice = proofWith([send("one", prompt("$ ")), send("two", prompt("$ "))]);
    expect(judge(twice, [start, shows("$ "), done("one"), done("two"), ...halt]).verdict).toBe(
      "harness-error",
    );
    expect(judge(twice, [start, shows("$ "), done("one"), shows("$ "), done("two"), ...halt]).verdict).toBe(
      "proved",
    );
  });

  test("what was shown before the banner is no prompt", () => {
    const early = [shows("login: "), start, done("user")];
    expect(judge(proofWith(login), [...early, ...halt]).verdict).toBe("harness-error");
  });
});

describe("echo", () => {
  const typed = [send("run", prompt("$ "), { text: "echo [app] done\n", echo: true })];

  test("is awaited piece by piece", () => {
    const good = [
      start,
      shows("$ "),
      shows("echo [ap"),
      shows("p] done"),
      done("run"),
      shows("\r\n"),
      ...halt,
    ];
    expect(judge(proofWith(typed), good).verdict).toBe("proved");
    const half = [start, shows("$ "), shows("echo [ap"), done("run"), shows("\r\n"), ...halt];
    expect(judge(proofWith(typed), half)).toMatchObject({ verdict: "harness-error" });
  });

  test("is no landmark, although it holds one (complaint 2)", () => {
    const echoed = [start, shows("$ echo [app] done"), done("run"), shows("\r\n")];
    const judged = judge(proofWith(typed), [
      ...echoed,
      shows(lines("[kernel] halted status=0")),
      exitWith(33),
    ]);
    expect(judged).toMatchObject({ verdict: "refuted", kind: "missing" });
  });

  test("that never comes is named (complaint 16)", () => {
    const waits: BootInput[] = [300, 1500, 2700].map((wallMs) => ({
      kind: "tick",
      at: { wallMs, cpuMs: 100 },
    }));
    const judged = judge(proofWith(typed), [start, shows("$ "), ...waits]);
    expect(judged).toMatchObject({ verdict: "no-progress", kind: "deadline" });
    expect(judged.cause).toContain("the echo of `run` did not come within 1 s");
  });

  test("and prompt are found where foreign lines tear them (complaint 1)", () => {
    const torn = shows(`lo${foreign}\r\ngin: ec${foreign}\r\n${foreign}\r\nho [app] d${foreign}\r\none`);
    const proof = proofWith([send("run", prompt("login: "), { text: "echo [app] done\n", echo: true })]);
    const judged = judge(proof, [start, torn, done("run"), shows("\r\n"), ...halt]);
    expect(judged.verdict).toBe("proved");
  });

  test("nothing depends on where chunks begin", () => {
    const text = `login: echo [ap${foreign}\r\np] done\r\nPassword: `;
    const proof = proofWith([
      send("run", prompt("login: "), { text: "echo [app] done\n", echo: true }),
      send("secret", prompt("Password: ")),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (borders) => {
        const cuts = [0, ...borders.toSorted((a, b) => a - b), text.length];
        const chunks = cuts.slice(1).map((cut, i) => shows(text.slice(cuts[i], cut)));
        const judged = judge(proof, [start, ...chunks, done("run"), done("secret"), shows("\r\n"), ...halt]);
        expect(judged.cause).toBe("");
      }),
    );
  });
});

describe("the terminal", () => {
  const machine = { ...proofOf([]).machine, terminal: true } as const;
  const proof = proofWith([send("type", prompt("# "), { port: "terminal" })], {
    machine,
    never: [{ text: "Oops" }],
  });

  test("has prompts of its own", () => {
    expect(judge(proof, [start, onTerminal("# "), done("type"), ...halt]).verdict).toBe("proved");
    expect(judge(proof, [start, shows("# "), done("type"), shows("\r\n"), ...halt]).verdict).toBe(
      "harness-error",
    );
  });

  test("shows no landmark", () => {
    const judged = judge(proof, [
      start,
      onTerminal("# \r\n[app] done\r\n"),
      done("type"),
      shows(lines("[kernel] halted status=0")),
      exitWith(33),
    ]);
    expect(judged).toMatchObject({ verdict: "refuted", kind: "missing" });
  });

  test("may not say what is forbidden, in any chunks, from the banner on", () => {
    const said = [onTerminal("# O"), onTerminal("ops\r\n")];
    const judged = judge(proof, [start, ...said, done("type"), ...halt]);
    expect(judged).toMatchObject({ verdict: "refuted", kind: "forbidden" });
    expect(judged.cause).toContain("on the terminal");
    expect(judge(proof, [...said, start, onTerminal("# "), done("type"), ...halt]).verdict).toBe("proved");
  });
});

describe("peers", () => {
  const web: HttpServer = {
    kind: "http-server",
    port: 80,
    routes: [],
    expects: [{ name: "asked", method: "GET", path: "/", times: 2, withinMs: 1000 }],
  };
  const proof = proofWith([], { peers: { web } });
  const met = (ok: boolean): BootInput => done("web.asked", ok, "peer");

  test("must have seen what they expect", () => {
    expect(judge(proof, [start, met(true), ...halt]).verdict).toBe("proved");
    const judged = judge(proof, [start, ...halt]);
    expect(judged).toMatchObject({ verdict: "refuted", kind: "peer" });
    expect(judged.cause).toContain("`web.asked` was not met: `web` must be asked 2 times for GET /");
  });

  test("refute by what they saw instead", () => {
    expect(judge(proof, [start, met(false), ...halt])).toMatchObject({ verdict: "refuted", kind: "peer" });
  });

  test("may say behind the end what they had seen, and no failure that the end itself has made", () => {
    expect(judge(proof, [start, ...halt, met(true)]).verdict).toBe("proved");
    const ended = proofOf(
      [bootSpec("main", [one("ready", "[app] ready")], { ends: { how: "landmark", at: "ready" } })],
      { peers: { web } },
    );
    const stop = controlAt(100, 100, { type: "ended-by-tool", why: "planned" });
    expect(judge(ended, [start, stop, met(false), met(true)]).verdict).toBe("proved");
    expect(judge(ended, [start, stop]).verdict).toBe("refuted");
    const interrupt = controlAt(100, 100, { type: "ended-by-tool", why: "interrupted" });
    expect(judge(proof, [start, interrupt, met(false)]).verdict).toBe("not-run");
  });

  test("of another boot expect nothing of this one", () => {
    const elsewhere = proofWith([], { peers: { web: { ...web, boot: "other" } } });
    expect(judge(elsewhere, [start, ...halt]).verdict).toBe("proved");
  });
});
