/** The debugger's port against one that keeps QEMU's rules about bytes, acknowledgements and pauses. */
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { ok, type Result } from "../../base/index.ts";
import { GdbStub } from "./gdb-stub.ts";

/** As `gdb_read_byte` does it: while the guest runs, every byte pauses it; a packet goes unsent until acknowledged. */
class Stub {
  running = true;
  readonly seen: string[] = [];
  readonly #delayMs: number;
  #server: Server | undefined;
  #command = "";
  #unacknowledged = false;
  #said = Promise.resolve();

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  execute(_: string, args: Readonly<Record<string, unknown>> = {}): Promise<Result<unknown, string>> {
    const name = /^gdbserver unix:([^,]+),/u.exec(String(args["command-line"]))?.[1];
    this.#server?.close();
    if (name === undefined) return Promise.resolve(ok(""));
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    return new Promise((resolve) => {
      server.listen(`\0${name}`, () => resolve(ok("")));
    });
  }

  close(): void {
    this.#server?.close();
  }

  #serve(socket: Socket): void {
    this.#pause(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      for (const byte of bytes.toString("latin1")) this.#take(socket, byte);
    });
  }

  #take(socket: Socket, byte: string): void {
    if (this.#unacknowledged) {
      if (byte === "+" || byte === "$") this.#unacknowledged = false;
      if (byte !== "$") return;
    }
    if (this.running) {
      this.seen.push(`pause by ${JSON.stringify(byte)}`);
      return this.#pause(socket);
    }
    if (this.#command === "" && byte !== "$") return;
    this.#command += byte;
    const [, body] = /^\$([^#]*)#[0-9a-f]{2}$/u.exec(this.#command) ?? [];
    if (body === undefined) return;
    this.#command = "";
    socket.write("+");
    this.seen.push(body);
    if (body === "vCont?") this.#say(socket, "vCont;c;C;s;S");
    else if (body === "D") this.#say(socket, "OK");
    if (body.startsWith("vCont;") || body === "D") this.running = true;
  }

  #pause(socket: Socket): void {
    this.running = false;
    this.#say(socket, "T02thread:p01.01;");
  }

  /** In two parts, and after a while: an answer comes when it comes. */
  #say(socket: Socket, body: string): void {
    this.#unacknowledged = true;
    const sum = [...Buffer.from(body)].reduce((a, b) => (a + b) & 0xff, 0);
    const packet = `$${body}#${sum.toString(16).padStart(2, "0")}`;
    const before = this.#said;
    this.#said = (async () => {
      await before;
      await sleep(this.#delayMs);
      socket.write(packet.slice(0, 3));
      await sleep(1);
      socket.write(packet.slice(3));
    })();
  }
}

let stub: Stub | undefined;
afterEach(() => stub?.close());

test.each([0, 1, 20])(
  "a processor stands still until it is resumed, answers coming after %i ms",
  async (ms) => {
    stub = new Stub(ms);
    const port = new GdbStub(stub);
    expect(await port.stop(0, 2)).toEqual(ok(undefined));
    await sleep(3 * ms + 20);
    // Had the report of the first pause been acknowledged late, it would have paused the other processor as well.
    expect(stub.seen).toEqual(["vCont?", "vCont;c:p1.2"]);
    expect(stub.running).toBe(true);
    expect(await port.resume(2)).toEqual(ok(undefined));
    expect(stub.seen.slice(2)).toEqual(['pause by "\\u0003"', "D"]);
    expect(stub.running).toBe(true);
  },
);

test("the only processor just stays paused", async () => {
  stub = new Stub(1);
  const port = new GdbStub(stub);
  expect(await port.stop(0, 1)).toEqual(ok(undefined));
  expect(stub.running).toBe(false);
  expect(await port.stop(0, 1)).toEqual({ ok: false, error: "a processor is stopped already" });
  expect(await port.resume(1)).toEqual(ok(undefined));
  expect(await port.resume(1)).toEqual({ ok: false, error: "no processor is stopped" });
});
