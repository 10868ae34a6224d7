import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HttpClient, HttpServer, Peer, Program, TcpClient } from "../../contract/index.ts";
import { survivors } from "../../process/index.ts";
import { bodyOf, digestOf } from "./body.ts";
import { PeerTest, until } from "./testing/stage.ts";

/** Each kind of peer against a guest that is played by real sockets, when it does what is expected and when not. */

let running: PeerTest | undefined;
beforeEach(() => {
  running = undefined;
});
afterEach(async () => {
  await running?.end();
  if (running !== undefined) expect(survivors({ run: running.supervisor.run })).toEqual([]);
});

async function play(
  peers: Readonly<Record<string, Peer>>,
  prepare?: (test: PeerTest) => Promise<void>,
): Promise<PeerTest> {
  running = new PeerTest(peers);
  await prepare?.(running);
  await running.start();
  return running;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function ask(port: number, method: string, path: string, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host: "127.0.0.1", port, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), headers: response.headers }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("an HTTP server", () => {
  const web: HttpServer = {
    kind: "http-server",
    port: 80,
    routes: [
      { path: "/hello", status: 203, headers: { "x-mark": "1" }, body: { is: "text", text: "hi\n" } },
      { path: "/blob", status: 200, headers: {}, body: { is: "pattern", bytes: 100_000 } },
      { path: "/sum", status: 200, headers: {}, body: { is: "digest", of: "/blob" } },
    ],
    expects: [
      { name: "twice", method: "GET", path: "/hello", times: 2, withinMs: 1000 },
      { name: "report", method: "POST", path: "/hello", times: 1, body: "ok", from: "ready", withinMs: 1000 },
    ],
  };

  test("answers what is declared, and nothing else, and says what it was asked", async () => {
    const test = await play({ web });
    const port = test.service(80);
    expect(await ask(port, "GET", "/hello")).toMatchObject({ status: 203, headers: { "x-mark": "1" } });
    const [blob, sum] = [await ask(port, "GET", "/blob"), await ask(port, "GET", "/sum")];
    expect(blob.body).toHaveLength(100_000);
    expect(sum.body.toString()).toBe(`${digestOf(blob.body)}\n`);
    expect((await ask(port, "GET", "/other")).status).toBe(404);
    expect(test.notes).toEqual([]);
    await ask(port, "GET", "/hello");
    expect(await test.noted()).toEqual(["met web.twice: answered GET /hello, 2 times"]);
    expect(test.log("web").slice(0, 2)).toEqual([
      { what: "request", method: "GET", path: "/hello", bytes: 0, sha256: digestOf(Buffer.alloc(0)) },
      { what: "answered", method: "GET", path: "/hello", status: 203 },
    ]);
  });

  test("refutes a request that carries something else, and one that does not come in time", async () => {
    const test = await play({ web });
    await ask(test.service(80), "POST", "/hello", "no");
    expect(await test.noted()).toEqual(['failed web.report: POST /hello carried "no" instead of "ok"']);
    await test.end();
    const other = await play({ web });
    other.landmark("ready");
    other.pass(900);
    expect(other.notes).toEqual([]);
    other.pass(200);
    expect(await other.noted()).toEqual([
      "failed web.report: was not asked 1 times for POST /hello within 1 s",
    ]);
  });

  test("bears a guest that does not speak HTTP, and closes its port at the end", async () => {
    const test = await play({ web });
    const port = test.service(80);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("\u0000\u0001 nonsense\r\n\r\n");
    await until(() => test.log("web").some((l) => l["what"] === "no-request"));
    await test.end();
    await expect(ask(port, "GET", "/hello")).rejects.toThrow("ECONNREFUSED");
  });

  test("bodies of a size are the same everywhere", () => {
    const [blob] = web.routes.filter((r) => r.path === "/blob");
    if (blob === undefined) throw new Error("no blob");
    expect(digestOf(bodyOf(web.routes, blob))).toMatchInlineSnapshot(
      `"2829a3ba2c9ded1c875ef2459600915f1e5a8f599b66815488f17cbdbaa164b6"`,
    );
    expect(bodyOf(web.routes, blob)).not.toEqual(bodyOf(web.routes, { ...blob, path: "/bolb" }));
  });
});

describe("an HTTP client", () => {
  const get: HttpClient = {
    kind: "http-client",
    to: 80,
    at: "ready",
    requests: [
      {
        name: "a",
        method: "GET",
        path: "/",
        headers: {},
        body: "",
        status: 200,
        answer: "page",
        withinMs: 1000,
      },
      {
        name: "b",
        method: "PUT",
        path: "/b",
        headers: { "x-y": "z" },
        body: "put",
        status: 404,
        withinMs: 1000,
      },
    ],
  };
  const answering =
    (status: string, body: string) =>
    (test: PeerTest): Promise<void> =>
      test.guest(80, (socket) =>
        socket.once("data", (asked) => {
          const found = asked.toString().startsWith("GET") ? status : "404 Not Found";
          socket.end(
            `HTTP/1.1 ${found}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
          );
        }),
      );

  test("asks at its landmark, one after the other", async () => {
    const test = await play({ get }, answering("200 OK", "page"));
    expect(test.network).toMatchObject({ forwards: [80], services: [], datagrams: false });
    expect(test.log("get")).toEqual([]);
    test.landmark("other");
    test.landmark("ready");
    test.landmark("ready");
    expect(await test.noted(2)).toEqual([
      `met get.a: GET / gave 200, 4 bytes, sha256=${digestOf(Buffer.from("page"))}`,
      expect.stringContaining("met get.b: PUT /b gave 404"),
    ]);
  });

  test.each([
    ["500 Oh", "page", "GET / gave status 500 instead of 200"],
    ["200 OK", "egap", 'GET / gave "egap" instead of "page"'],
  ])("refutes another answer: %s %s", async (status, body, why) => {
    const test = await play({ get }, answering(status, body));
    test.landmark("ready");
    expect(await test.noted()).toEqual([`failed get.a: ${why}`]);
  });

  test("refutes no answer, a broken one and a late one", async () => {
    const gone = await play({ get }, (t) => t.guest(80, (socket) => socket.destroy()));
    gone.landmark("ready");
    expect((await gone.noted())[0]).toMatch(/^failed get\.a: GET \/ was not answered: /u);
    await gone.end();
    const late = await play({ get }, (t) => t.guest(80, () => {}));
    late.landmark("ready");
    await until(() => late.log("get").length > 0);
    late.pass(1100);
    expect(await late.noted()).toEqual(["failed get.a: GET / was not answered within 1 s"]);
  });
});

describe("a TCP client", () => {
  const drip: TcpClient = {
    kind: "tcp-client",
    to: 7,
    at: "ready",
    send: "drip",
    drip: { bytes: 1, everyMs: 10 },
    answer: "drip",
    close: false,
    withinMs: 1000,
  };

  test("sends a few bytes at a time, and compares what comes back", async () => {
    const chunks: string[] = [];
    const test = await play({ drip }, (t) =>
      t.guest(7, (socket) =>
        socket.on("data", (bytes) => {
          chunks.push(bytes.toString());
          socket.write(bytes);
        }),
      ),
    );
    const began = performance.now();
    test.landmark("ready");
    expect(await test.noted()).toEqual(["met drip.answer: the 4 bytes of the answer came"]);
    // A busy host may read two pieces as one, but between four there are three pauses, less a timer's rounding.
    expect(chunks.join("")).toBe("drip");
    expect(performance.now() - began).toBeGreaterThanOrEqual(3 * (10 - 1));
  });

  test.each([
    ["other bytes", "no", 'failed drip.answer: "no" came instead of "drip"'],
    ["an early end", "dr", 'failed drip.answer: the guest closed the connection after "dr"'],
  ])("refutes %s", async (_, text, why) => {
    const test = await play({ drip }, (t) => t.guest(7, (socket) => socket.end(text)));
    test.landmark("ready");
    expect(await test.noted()).toEqual([why]);
  });

  test("without an answer, wants everything taken and the connection closed", async () => {
    const { answer: _, ...silent } = drip;
    const test = await play({ drip: silent }, (t) =>
      t.guest(7, (socket) => socket.resume().once("end", () => socket.end())),
    );
    test.landmark("ready");
    expect(await test.noted()).toEqual([
      "met drip.sent: the guest took everything and closed the connection",
    ]);
    await test.end();
    const broken = await play({ drip: silent }, (t) => t.guest(7, (socket) => socket.resetAndDestroy()));
    broken.landmark("ready");
    expect((await broken.noted())[0]).toMatch(/^failed drip\.sent: /u);
  });
});

describe("datagrams", () => {
  test("are echoed and counted", async () => {
    const test = await play({
      echo: {
        kind: "udp-server",
        port: 7,
        reply: { echo: true },
        expects: [{ name: "ping", text: "ping", times: 2, withinMs: 1000 }],
      },
    });
    expect(test.network?.datagrams).toBe(true);
    for (const text of ["ping", "pong", "ping"]) test.datagram(5000, 7, text);
    test.datagram(5000, 8, "ping");
    expect(test.sent.map((d) => [d.guestPort, d.peerPort, Buffer.from(d.bytes).toString()])).toEqual([
      [5000, 7, "ping"],
      [5000, 7, "pong"],
      [5000, 7, "ping"],
    ]);
    expect(await test.noted()).toEqual(['met echo.ping: received "ping", 2 times']);
    test.unread.set("udp-checksum", 2);
    await test.end();
    expect(test.log("echo").at(-1)).toEqual({ what: "unread", "udp-checksum": 2, unclaimed: 1 });
  });

  const tick: Peer = {
    kind: "udp-client",
    to: 514,
    at: "ready",
    send: "tick",
    times: 3,
    everyMs: 10,
    answer: "tock",
    withinMs: 1000,
  };

  test("are sent again until they are answered", async () => {
    const test = await play({ tick });
    test.landmark("ready");
    await until(() => test.sent.length === 2);
    const [first] = test.sent;
    test.datagram(514, first?.peerPort ?? 0, "tock");
    expect((await test.noted())[0]).toMatch(/^met tick\.answer: "tock" came back/u);
  });

  test("refute by another answer, or by none", async () => {
    const test = await play({ tick });
    test.landmark("ready");
    test.datagram(514, test.sent[0]?.peerPort ?? 0, "tack");
    expect(await test.noted()).toEqual(['failed tick.answer: "tack" came back instead of "tock"']);
    await test.end();
    const none = await play({ tick });
    none.landmark("ready");
    none.pass(1100);
    expect(await none.noted()).toEqual(['failed tick.answer: "tock" did not come back within 1 s']);
  });
});

describe("a program", () => {
  const program = (script: string, extra: Partial<Program> = {}): Program => ({
    kind: "program",
    argv: ["node", "-e", script],
    env: {},
    reaches: [],
    withinMs: 1000,
    ...extra,
  });

  test("is told where the guest is, and judged by its status", async () => {
    const script =
      "process.stdout.write(`${process.env.WORD} ${Number(process.env.CAPOS_GUEST_80) > 0}\\n`); process.exit(3)";
    const test = await play(
      { tool: program(script, { env: { WORD: "word" }, reaches: [80], status: 3 }) },
      (t) => t.guest(80, () => {}),
    );
    expect(await test.noted()).toEqual(["met tool.status: node ended with status 3"]);
    expect(test.log("tool")).toContainEqual({ what: "stdout", line: "word true" });
  });

  test("refutes by another status, by not ending, and by never listening", async () => {
    const wrong = await play({ tool: program("process.exit(1)", { status: 0 }) });
    expect(await wrong.noted()).toEqual(["failed tool.status: node ended with 1 instead of 0"]);
    await wrong.end();
    const stays = await play({ tool: program("setInterval(() => {}, 1000)", { status: 0 }) });
    await until(() => stays.log("tool").length > 0);
    stays.pass(1100);
    expect(await stays.noted()).toEqual(["failed tool.status: node did not end within 1 s"]);
    await stays.end();
    const deaf = await play({ tool: program("", { serves: { port: 9, ready: "port <port:int>" } }) });
    expect(await deaf.noted()).toEqual(["failed tool.ready: node ended with 0 before it listened"]);
  });

  test("serves the guest at a port that it chooses itself, also a guest that came too early", async () => {
    const script =
      'const s = require("net").createServer((c) => c.pipe(c)); setTimeout(() => s.listen(0, "127.0.0.1", () => console.log("port " + s.address().port)), 100)';
    const test = await play({ tool: program(script, { serves: { port: 9, ready: "port <port:int>" } }) });
    const socket = connect({ port: test.service(9), host: "127.0.0.1" });
    const said = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(bytes.toString())));
    socket.write("echo me");
    expect(await said).toBe("echo me");
    expect(await test.noted()).toEqual([expect.stringMatching(/^met tool\.ready: listens at port \d+$/u)]);
    socket.destroy();
  });

  test("is ended with its boot, with all that it has started, even when it will not", async () => {
    const script =
      'process.on("SIGTERM", () => {}); require("child_process").spawn("sleep", ["1000"], { detached: true }); setInterval(() => {}, 1000); console.log("up")';
    const test = await play({ tool: program(script) });
    await until(() => test.log("tool").some((l) => l["line"] === "up"));
    await test.end();
    expect(survivors({ run: test.supervisor.run })).toEqual([]);
  });

  test("that cannot be started is the host's failure", async () => {
    const test = await play({ tool: { ...program(""), argv: ["no-such-program"] } });
    await until(() => test.failures.length > 0);
    expect(test.failures).toEqual(["the peer `tool`: the program no-such-program was not found"]);
  });
});
