import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { proveCodes } from "../codes.ts";

/** How long what a machine has sent before its end may take to be read here. */
const settleMs = 1_000;

/** Listens on a port of the loopback that the system chooses. */
export function listen(server: Pick<Server, "listen" | "address" | "once">): Promise<Result<number>> {
  return new Promise((resolve) => {
    server.once("error", (error: Error) =>
      resolve(
        fail(problem(proveCodes, "CAPOS_PEER_START", `no port could be opened for a peer: ${error.message}`)),
      ),
    );
    server.listen(0, "127.0.0.1", () => resolve(ok(portOf(server.address()))));
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The open connections of a peer. */
export class Sockets {
  readonly #open = new Set<Socket>();

  add(socket: Socket): void {
    this.#open.add(socket);
    // An end like any other; who needs to know why listens on its own.
    socket.on("error", () => {});
    socket.once("close", () => this.#open.delete(socket));
  }

  /** Settles when all have closed, or have been given the time to. */
  async settled(): Promise<void> {
    const until = performance.now() + settleMs;
    while (this.#open.size > 0 && performance.now() < until) await sleep(5);
  }

  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** A listener that hands its connections to `serve`, and its end. */
export class Listener {
  readonly sockets = new Sockets();
  readonly #server: Server;

  constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.add(socket);
      serve(socket);
    });
  }

  listen(): Promise<Result<number>> {
    return listen(this.#server);
  }

  end(): Promise<void> {
    this.sockets.destroy();
    return closed(this.#server);
  }
}

/** Settles when a server has let go of its port, also when it never had one. */
export function closed(server: Pick<Server, "close" | "listening">): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => void server.close(() => resolve()));
}
