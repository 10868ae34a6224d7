import { ok, type Result } from "../../base/index.ts";
import type { UdpClient, UdpServer } from "../../contract/index.ts";
import type { Datagram } from "../../machine/index.ts";
import type { Needs, RunningPeer } from "./peer.ts";
import type { Stage } from "./stage.ts";

/** Receives the guest's datagrams, and answers where it is told to. */
export class UdpServerPeer implements RunningPeer {
  readonly #spec: UdpServer;
  readonly #stage: Stage;
  readonly #counts = new Map<string, number>();

  constructor(spec: UdpServer, stage: Stage) {
    this.#spec = spec;
    this.#stage = stage;
  }

  prepare(): Promise<Result<Needs>> {
    return Promise.resolve(ok({ datagrams: true }));
  }

  landmark(name: string): void {
    for (const { name: expectation, from, withinMs, text } of this.#spec.expects) {
      if (from !== name) continue;
      this.#stage.expectWithin(expectation, withinMs, `the datagram ${JSON.stringify(text)} did not come`);
    }
  }

  datagram({ guestPort, peerPort, bytes }: Datagram): boolean {
    const { port, reply, expects } = this.#spec;
    if (peerPort !== port) return false;
    this.#stage.log("datagram", { from: guestPort, bytes: bytes.length, ...shown(bytes) });
    if (reply !== undefined) {
      const answer = reply.echo ? bytes : Buffer.from(reply.text);
      this.#stage.network?.sendDatagram({ guestPort, peerPort, bytes: answer });
      this.#stage.log("answered", { to: guestPort, bytes: answer.length });
    }
    for (const { name, text, times } of expects) {
      if (!Buffer.from(text).equals(bytes)) continue;
      const count = (this.#counts.get(name) ?? 0) + 1;
      this.#counts.set(name, count);
      if (count === times)
        this.#stage.met(name, `received ${JSON.stringify(text)}${times > 1 ? `, ${times} times` : ""}`);
    }
    return true;
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

/** Sends the guest a datagram, again while nothing comes back. */
export class UdpClientPeer implements RunningPeer {
  readonly #spec: UdpClient;
  readonly #stage: Stage;
  /** Its own port, at the peers' address. */
  readonly #port: number;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(spec: UdpClient, stage: Stage, port: number) {
    this.#spec = spec;
    this.#stage = stage;
    this.#port = port;
  }

  prepare(): Promise<Result<Needs>> {
    return Promise.resolve(ok({ datagrams: true }));
  }

  landmark(name: string): void {
    const { at, answer, withinMs, everyMs } = this.#spec;
    if (name !== at || this.#timer !== undefined) return;
    if (answer !== undefined) {
      this.#stage.expectWithin("answer", withinMs, `${JSON.stringify(answer)} did not come back`);
    }
    this.#timer = setInterval(() => this.#send(), everyMs);
    this.#send();
  }

  datagram({ guestPort, peerPort, bytes }: Datagram): boolean {
    if (peerPort !== this.#port || guestPort !== this.#spec.to) return false;
    this.#stage.log("datagram", { from: guestPort, bytes: bytes.length, ...shown(bytes) });
    const { answer } = this.#spec;
    if (answer === undefined) return true;
    clearInterval(this.#timer);
    if (Buffer.from(answer).equals(bytes)) {
      this.#stage.met("answer", `${JSON.stringify(answer)} came back for datagram ${this.#sent}`);
    } else {
      const came = JSON.stringify(Buffer.from(bytes).toString("latin1"));
      this.#stage.failed("answer", `${came} came back instead of ${JSON.stringify(answer)}`);
    }
    return true;
  }

  end(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  #send(): void {
    const { to, send, times } = this.#spec;
    if (this.#sent >= times) return clearInterval(this.#timer);
    this.#sent++;
    const bytes = Buffer.from(send);
    this.#stage.network?.sendDatagram({ guestPort: to, peerPort: this.#port, bytes });
    this.#stage.log("sent", { to, bytes: bytes.length });
  }
}

function shown(bytes: Uint8Array): { readonly text: string } {
  return { text: Buffer.from(bytes.subarray(0, 80)).toString("latin1") };
}
