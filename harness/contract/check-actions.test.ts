import { describe, expect, test } from "vitest";
import { checkProof } from "./check.ts";
import type { Send } from "./interaction.ts";
import type { Peer } from "./peers.ts";
import { bootSpec, one, proofOf } from "./testing.ts";
import type { BootSpec, Proof } from "./types.ts";

/** What is refused of sends and peers before anything boots. */

function send(name: string, on: Send["on"], extra: Partial<Send> = {}): Send {
  return { name, on, text: "x\n", echo: false, port: "console", withinMs: 1000, ...extra };
}

function found(
  sends: readonly Send[],
  extra: Partial<Proof> = {},
  boot: Partial<BootSpec> = {},
): readonly string[] {
  const chain = [one("ready", "[app] ready"), one("done", "[app] done <n:int>")];
  return checkProof(proofOf([bootSpec("main", chain, { sends, ...boot })], extra)).map(
    (p) => `${p.code.replace("CAPOS_PROOF_", "")}: ${p.message}`,
  );
}

function peers(all: Readonly<Record<string, Peer>>): readonly string[] {
  return found([], { peers: all });
}

const prompt = (text: string): Send["on"] => ({ on: "prompt", text });

describe("sends", () => {
  test("that can be made are sound", () => {
    const sound = [
      send("at", { on: "landmark", landmark: "ready" }),
      send("answer", prompt("name? ")),
      send("run", prompt("$ "), { echo: true, text: "echo done 7\n" }),
    ];
    expect(found(sound)).toEqual([]);
  });

  test("name what exists", () => {
    const wrong = [
      send("a", { on: "landmark", landmark: "raedy" }),
      send("b", { on: "peer", expectation: "web.asked" }),
      send("b", prompt("$ "), { port: "terminal" }),
    ];
    expect(found(wrong)).toEqual([
      "UNKNOWN_NAME: boot `main` has no landmark `raedy`",
      "UNKNOWN_NAME: no peer of boot `main` expects `web.asked`",
      "DUPLICATE: the send `b` is declared twice",
      "UNKNOWN_NAME: the machine has no terminal",
    ]);
  });

  test("come before the boot's end", () => {
    const ends = { how: "landmark", at: "done" } as const;
    expect(found([send("a", { on: "landmark", landmark: "done" })], {}, { ends })).toEqual([
      "DEAD: the boot ends at `done`: `a` would be typed at it and never read",
    ]);
  });

  test("are not landmarks by their own echo (complaint 2)", () => {
    const words = "whatever the guest does";
    expect(found([send("a", prompt("$ "), { text: "ls\n[app] done 7\n" })])).toEqual([
      `AMBIGUOUS: the echo of \`a\` would be the landmark \`done\`, ${words}`,
    ]);
    expect(found([send("a", prompt("[app] "), { text: "ready\n" })])).toEqual([
      `AMBIGUOUS: the echo of \`a\` would be the landmark \`ready\`, ${words}`,
    ]);
    expect(found([send("a", prompt("$ "), { text: "[kernel] halted status=0\n" })])[0]).toContain(
      "which only the kernel may say",
    );
  });

  test("do not hold the next prompt or what is forbidden, for both come back", () => {
    const asks = send("ask", prompt("$ "), { text: "printf 'name? '; read n\n" });
    expect(found([asks, send("answer", prompt("name? "))])).toEqual([
      "AMBIGUOUS: the prompt stands in what `ask` types before, so its echo would be taken for it",
    ]);
    expect(found([{ ...asks, echo: true }, send("answer", prompt("name? "))])).toEqual([]);
    expect(found([asks], { never: [{ text: "read n" }] })).toEqual([
      "CONTRADICTION: `read n` is forbidden, and what `ask` types holds it and comes back",
    ]);
  });

  test("say something, and what is echoed is one line", () => {
    expect(found([send("a", prompt(""), { text: "" })])).toEqual([
      "DEAD: nothing would be typed",
      "DEAD: an empty prompt has come before anything is shown",
    ]);
    for (const text of ["a\nb\n", "\u0003", "\n"]) {
      expect(found([send("a", prompt("$ "), { text, echo: true })])).toEqual([
        "CONTRADICTION: what is echoed is one line of printable ASCII, which a line end may follow",
      ]);
    }
  });
});

describe("peers", () => {
  const server: Peer = {
    kind: "http-server",
    port: 80,
    routes: [
      { path: "/a", status: 200, headers: {}, body: { is: "text", text: "a" } },
      { path: "/a.sum", status: 200, headers: {}, body: { is: "digest", of: "/a" } },
    ],
    expects: [{ name: "asked", method: "GET", path: "/a", times: 1, withinMs: 1000 }],
  };

  test("that can be played are sound", () => {
    expect(peers({ web: server })).toEqual([]);
  });

  test("name boots, landmarks and routes that exist", () => {
    const [expected] = server.expects;
    if (expected === undefined) throw new Error("it expects something");
    expect(
      peers({
        web: { ...server, boot: "mian" },
        get: { kind: "http-client", to: 80, at: "raedy", requests: [] },
        other: { ...server, port: 81, expects: [{ ...expected, path: "/b", from: "dnoe" }] },
        sum: {
          ...server,
          port: 82,
          routes: [
            ...server.routes,
            { path: "/s", status: 200, headers: {}, body: { is: "digest", of: "/a.sum" } },
          ],
        },
      }),
    ).toEqual([
      "UNKNOWN_NAME: there is no boot `mian`",
      "UNKNOWN_NAME: boot `main` has no landmark `raedy`",
      "DEAD: a client without requests does nothing",
      "UNKNOWN_NAME: boot `main` has no landmark `dnoe`",
      "UNKNOWN_NAME: there is no route `/b`",
      "CONTRADICTION: a digest is of a body, not of a digest",
    ]);
  });

  test("are not two at one port", () => {
    const program: Peer = {
      kind: "program",
      argv: ["true"],
      env: {},
      reaches: [],
      serves: { port: 80, ready: "port <port:int>" },
      withinMs: 1000,
    };
    expect(
      peers({ web: server, other: program, udp: { kind: "udp-server", port: 80, expects: [] } }),
    ).toEqual(["CONTRADICTION: `other` and `web` are both at TCP port 80"]);
  });

  test("can be told apart, say where they listen, and send what fits", () => {
    expect(
      peers({
        twice: { ...server, expects: [...server.expects, ...server.expects] },
        deaf: {
          kind: "program",
          argv: ["x"],
          env: {},
          reaches: [],
          serves: { port: 1, ready: "up" },
          withinMs: 1,
        },
        large: {
          kind: "udp-client",
          to: 1,
          at: "ready",
          send: "x".repeat(1473),
          times: 1,
          everyMs: 1,
          withinMs: 1,
        },
        mute: { kind: "tcp-client", to: 1, at: "ready", send: "", close: true, withinMs: 1 },
      }),
    ).toEqual([
      "DUPLICATE: `asked` is declared twice",
      "PATTERN: the line must say where the program listens, with the capture `<port:int>`",
      "CONTRADICTION: a datagram of 1473 bytes; 1472 go into a frame",
      "DEAD: a client that sends nothing and awaits nothing proves nothing",
    ]);
  });
});
