import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "../../base/index.ts";
import type { TcpClient } from "../../contract/index.ts";
import type { Needs, RunningPeer } from "./peer.ts";
import { Received } from "./received.ts";
import { Sockets } from "./sockets.ts";
import type { Stage } from "./stage.ts";

/** Sends bytes to a port of the guest, a few at a time, and compares what comes back. */
export class TcpClientPeer implements RunningPeer {
  readonly #spec: TcpClient;
  readonly #stage: Stage;
  readonly #sockets = new Sockets();
  /** The one thing that it expects. */
  readonly #expectation: "answer" | "sent";
  readonly #ended = new AbortController();
  #begun = false;

  constructor(spec: TcpClient, stage: Stage) {
    this.#spec = spec;
    this.#stage = stage;
    this.#expectation = spec.answer === undefined ? "sent" : "answer";
  }

  prepare(): Promise<Result<Needs>> {
    return Promise.resolve(ok({ forwards: [this.#spec.to] }));
  }

  landmark(name: string): void {
    if (name !== this.#spec.at || this.#begun) return;
    this.#begun = true;
    void this.#talk();
  }

  settled(): Promise<void> {
    return this.#sockets.settled();
  }

  end(): Promise<void> {
    this.#ended.abort();
    this.#sockets.destroy();
    return Promise.resolve();
  }

  async #talk(): Promise<void> {
    const { to, send, close, answer, withinMs } = this.#spec;
    const port = await this.#stage.network?.forwarded(to);
    if (this.#ended.signal.aborted) return;
    if (port === undefined || !port.ok) return this.#stage.broken("no port leads to the guest");
    const socket = connect({ host: "127.0.0.1", port: port.value, allowHalfOpen: true });
    this.#sockets.add(socket);
    this.#listen(socket);
    const isSent = await this.#drip(socket, Buffer.from(send));
    this.#stage.log("sent", { bytes: Buffer.byteLength(send), all: isSent });
    if (!isSent) return;
    if (close || answer === undefined) socket.end();
    const what = answer === undefined ? "the guest did not close the connection" : "the answer did not come";
    this.#stage.expectWithin(this.#expectation, withinMs, what, () => socket.destroy());
  }

  #listen(socket: Socket): void {
    const { answer } = this.#spec;
    const received = new Received();
    socket.on("data", (bytes: Uint8Array) => {
      this.#stage.log("received", { bytes: bytes.length });
      received.add(bytes);
      if (answer !== undefined) this.#compare(received, Buffer.from(answer));
    });
    socket.once("error", (error) =>
      this.#stage.failed(this.#expectation, `the connection broke: ${error.message}`),
    );
    socket.once("end", () => {
      this.#stage.log("closed-by-guest", received.facts());
      if (answer === undefined)
        this.#stage.met("sent", "the guest took everything and closed the connection");
      else this.#stage.failed("answer", `the guest closed the connection after ${received.shown()}`);
      socket.end();
    });
  }

  #compare(received: Received, answer: Buffer): void {
    const so = received.kept.subarray(0, answer.length);
    if (!so.equals(answer.subarray(0, so.length))) {
      this.#stage.failed(
        "answer",
        `${received.shown()} came instead of ${JSON.stringify(this.#spec.answer)}`,
      );
    } else if (so.length === answer.length) {
      this.#stage.met("answer", `the ${answer.length} bytes of the answer came`);
    }
  }

  /** Whether everything was handed over. */
  async #drip(socket: Socket, bytes: Buffer): Promise<boolean> {
    const { drip = { bytes: Math.max(1, bytes.length), everyMs: 0 } } = this.#spec;
    // Small packets are the point.
    socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += drip.bytes) {
      if (at > 0) await sleep(drip.everyMs);
      if (this.#ended.signal.aborted || socket.destroyed) return false;
      socket.write(bytes.subarray(at, at + drip.bytes));
    }
    return true;
  }
}
