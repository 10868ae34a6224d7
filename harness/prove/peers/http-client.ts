import { request as open } from "node:http";
import { ok, type Result } from "../../base/index.ts";
import { type HttpClient, type HttpRequest, peerNetwork } from "../../contract/index.ts";
import type { Needs, RunningPeer } from "./peer.ts";
import { Received } from "./received.ts";
import { Sockets } from "./sockets.ts";
import type { Stage } from "./stage.ts";

/** Asks the guest, one request after the other, from its landmark on. */
export class HttpClientPeer implements RunningPeer {
  readonly #spec: HttpClient;
  readonly #stage: Stage;
  readonly #sockets = new Sockets();
  #begun = false;
  #ended = false;

  constructor(spec: HttpClient, stage: Stage) {
    this.#spec = spec;
    this.#stage = stage;
  }

  prepare(): Promise<Result<Needs>> {
    return Promise.resolve(ok({ forwards: [this.#spec.to] }));
  }

  landmark(name: string): void {
    if (name !== this.#spec.at || this.#begun) return;
    this.#begun = true;
    void this.#askAll();
  }

  settled(): Promise<void> {
    return this.#sockets.settled();
  }

  end(): Promise<void> {
    this.#ended = true;
    this.#sockets.destroy();
    return Promise.resolve();
  }

  async #askAll(): Promise<void> {
    const port = await this.#stage.network?.forwarded(this.#spec.to);
    if (this.#ended) return;
    if (port === undefined || !port.ok) return this.#stage.broken("no port leads to the guest");
    for (const request of this.#spec.requests) {
      const isMet = await this.#ask(port.value, request);
      if (!isMet || this.#ended) return;
    }
  }

  /** Settles when the answer has come, or will not. */
  #ask(port: number, spec: HttpRequest): Promise<boolean> {
    const { method, path, headers, body, withinMs, name } = spec;
    return new Promise((resolve) => {
      const asked = open({
        host: "127.0.0.1",
        port,
        method,
        path,
        agent: false,
        headers: {
          host: `${peerNetwork.guest}:${this.#spec.to}`,
          connection: "close",
          ...(body === "" ? {} : { "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      });
      this.#stage.expectWithin(name, withinMs, `${method} ${path} was not answered`, () => asked.destroy());
      const end = (why: string | undefined, detail: string): void => {
        this.#stage.log(why === undefined ? "answer" : "no-answer", { method, path, detail });
        if (why === undefined) this.#stage.met(name, detail);
        else this.#stage.failed(name, why);
        resolve(why === undefined);
      };
      this.#stage.log("request", { method, path, bytes: Buffer.byteLength(body) });
      asked.once("socket", (socket) => this.#sockets.add(socket));
      asked.once("error", (error) =>
        end(`${method} ${path} was not answered: ${error.message}`, error.message),
      );
      asked.once("response", (response) => {
        const received = new Received();
        response.on("data", (bytes: Uint8Array) => received.add(bytes));
        response.once("error", (error) =>
          end(`the answer to ${method} ${path} was cut: ${error.message}`, ""),
        );
        response.once("end", () => {
          const status = response.statusCode ?? 0;
          const { bytes, sha256 } = received.facts();
          end(
            differs(spec, status, received),
            `${method} ${path} gave ${status}, ${bytes} bytes, sha256=${sha256}`,
          );
        });
      });
      asked.end(body);
    });
  }
}

/** How an answer is not the declared one, as a clause. */
function differs(
  { method, path, status, answer, sha256 }: HttpRequest,
  got: number,
  received: Received,
): string | undefined {
  const what = `${method} ${path} gave`;
  if (got !== status) return `${what} status ${got} instead of ${status}`;
  if (answer !== undefined && !received.is(answer))
    return `${what} ${received.shown()} instead of ${JSON.stringify(answer)}`;
  if (sha256 !== undefined && received.sha256() !== sha256)
    return `${what} a body with sha256=${received.sha256()} instead of ${sha256}`;
  return undefined;
}
