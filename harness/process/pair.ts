import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * Two ends of one connection that holds megabytes nobody has read yet, however small the writes; undefined on a host
 * without a loopback. A UNIX socket holds 278 writes of one byte, which is what an emulated serial port makes: it charges
 * each the size of its bookkeeping. TCP joins them.
 */
export async function connectedPair(): Promise<readonly [ours: Socket, theirs: Socket] | undefined> {
  const server = createServer({ pauseOnConnect: true });
  const opened = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => resolve(true));
  });
  if (!opened) return undefined;
  try {
    return await join(server);
  } finally {
    server.close();
  }
}

function join(server: Server): Promise<readonly [Socket, Socket] | undefined> {
  const address = server.address();
  if (address === null || typeof address === "string") return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const ours = connect({ host: "127.0.0.1", port: address.port, noDelay: true });
    ours.once("error", () => resolve(undefined));
    server.on("connection", (theirs) => {
      // The port is open for a moment, and anybody on this host may have found it.
      if (theirs.remotePort !== ours.localPort) return void theirs.destroy();
      theirs.setNoDelay(true);
      resolve([ours, theirs]);
    });
  });
}
