import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ok, type Result } from "../../base/index.ts";
import type { HttpServer, RequestExpectation } from "../../contract/index.ts";
import { bodyOf } from "./body.ts";
import type { Needs, RunningPeer } from "./peer.ts";
import { Received } from "./received.ts";
import { closed, listen, Sockets } from "./sockets.ts";
import type { Stage } from "./stage.ts";

/** Answers the guest's requests. What it asks for and nobody has declared is answered with 404. */
export class HttpServerPeer implements RunningPeer {
  readonly #spec: HttpServer;
  readonly #stage: Stage;
  readonly #server: Server;
  readonly #sockets = new Sockets();
  readonly #counts = new Map<string, number>();

  constructor(spec: HttpServer, stage: Stage) {
    this.#spec = spec;
    this.#stage = stage;
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.on("connection", (socket) => this.#sockets.add(socket));
    this.#server.on("clientError", (error, socket) => {
      stage.log("no-request", { why: error.message });
      socket.destroy();
    });
  }

  async prepare(): Promise<Result<Needs>> {
    const port = await listen(this.#server);
    return port.ok ? ok({ services: [{ guestPort: this.#spec.port, hostPort: port.value }] }) : port;
  }

  landmark(name: string): void {
    for (const expected of this.#spec.expects) {
      if (expected.from !== name) continue;
      const what = `was not asked ${expected.times} times for ${expected.method} ${expected.path}`;
      this.#stage.expectWithin(expected.name, expected.withinMs, what);
    }
  }

  settled(): Promise<void> {
    return this.#sockets.settled();
  }

  end(): Promise<void> {
    this.#sockets.destroy();
    return closed(this.#server);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "" } = request;
    const received = new Received();
    request.on("data", (bytes: Uint8Array) => received.add(bytes));
    request.once("end", () => {
      this.#stage.log("request", { method, path: url, ...received.facts() });
      this.#answer(method, url, response);
    });
    response.once("close", () => {
      const done = response.writableFinished;
      this.#stage.log(done ? "answered" : "cut", { method, path: url, status: response.statusCode });
      if (done) this.#count(method, url, received);
    });
  }

  #answer(method: string, url: string, response: ServerResponse): void {
    const { routes } = this.#spec;
    const route = routes.find((r) => r.path === url);
    const body = route === undefined ? Buffer.from("no such thing\n") : bodyOf(routes, route);
    response.sendDate = false;
    response.writeHead(route?.status ?? 404, {
      "content-type": "application/octet-stream",
      "content-length": body.length,
      ...route?.headers,
    });
    response.end(method === "HEAD" ? undefined : body);
  }

  #count(method: string, url: string, received: Received): void {
    for (const expected of this.#spec.expects) {
      if (expected.method !== method || expected.path !== url) continue;
      if (expected.body === undefined || received.is(expected.body)) this.#met(expected);
      else {
        const said = `${method} ${url} carried ${received.shown()} instead of ${JSON.stringify(expected.body)}`;
        this.#stage.failed(expected.name, said);
      }
    }
  }

  #met({ name, method, path, times }: RequestExpectation): void {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count === times)
      this.#stage.met(name, `answered ${method} ${path}${times > 1 ? `, ${times} times` : ""}`);
  }
}
