import { randomUUID } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { fail, ok, problem } from "../../../base/index.ts";
import type { ActionEvent, BootSpec, Peer } from "../../../contract/index.ts";
import type { BootRequest, Datagram, NetworkRequest } from "../../../machine/index.ts";
import { createSupervisor, type Supervisor } from "../../../process/index.ts";
import { proveCodes } from "../../codes.ts";
import type { Companion, CompanionContext } from "../../companion.ts";
import { peersIn } from "../company.ts";

const boot: BootSpec = {
  name: "main",
  chain: [],
  ends: { how: "halt", status: 0 },
  never: [],
  budgets: { firmwareMs: 1, endMs: 1 },
};

/** Peers in a boot whose machine is the test: real sockets and programs, and no emulator. */
export class PeerTest {
  readonly supervisor: Supervisor = createSupervisor(`test-${randomUUID()}`);
  readonly notes: Omit<ActionEvent, "type">[] = [];
  readonly failures: string[] = [];
  /** Frames that the wire could not make out. */
  readonly unread = new Map<string, number>();
  /** Datagrams that peers have sent. */
  readonly sent: Datagram[] = [];
  readonly #companion: Companion;
  readonly #logs = new Map<string, string>();
  readonly #guests: Server[] = [];
  readonly #forwards = new Map<number, number>();
  #network: NetworkRequest | undefined;
  #receive: ((datagram: Datagram) => void) | undefined;
  #wallMs = 0;

  constructor(peers: Readonly<Record<string, Peer>>, root = process.cwd()) {
    const unused = (): never => {
      throw new Error("no machine of a peer's concern");
    };
    const context: CompanionContext = {
      root,
      proof: Object.freeze({ ...emptyProof, peers }),
      boot,
      index: 0,
      disks: [],
      scratch: "",
      supervisor: this.supervisor,
      stopping: new AbortController().signal,
      get lab() {
        return unused();
      },
    };
    this.#companion = peersIn(context, peers);
  }

  /** A TCP service inside the guest. */
  async guest(port: number, serve: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#guests.push(server);
    this.#forwards.set(port, portOf(server.address()));
  }

  /** Powers the machine on. */
  async start(): Promise<void> {
    const asked = await this.#companion.prepare?.(request);
    if (asked === undefined || !asked.ok) throw new Error(JSON.stringify(asked));
    this.#network = asked.value.network;
    this.#companion.started?.({
      act: () => Promise.resolve(ok(undefined)),
      note: (event) => this.notes.push(event),
      attach: (name, bytes) =>
        this.#logs.set(name, (this.#logs.get(name) ?? "") + Buffer.from(bytes).toString()),
      fail: (why) => this.failures.push(why),
      takeOver: () => {},
      trace: undefined,
      network: {
        forwarded: (port) => {
          const to = this.#forwards.get(port);
          const gone = (): ReturnType<typeof fail> =>
            fail(problem(proveCodes, "CAPOS_PEER_START", "no such port"));
          return Promise.resolve(to === undefined ? gone() : ok(to));
        },
        onDatagram: (listener) => (this.#receive = listener),
        unread: this.unread,
        sendDatagram: (datagram) => this.sent.push(datagram),
      },
    });
  }

  /** The host's port behind a TCP port of the peers' address. */
  service(guestPort: number): number {
    const found = this.#network?.services.find((s) => s.guestPort === guestPort);
    if (found === undefined) throw new Error(`nobody serves at ${guestPort}`);
    return found.hostPort;
  }

  get network(): NetworkRequest | undefined {
    return this.#network;
  }

  landmark(name: string): void {
    const at = { wallMs: this.#wallMs, cpuMs: 0 };
    const landmark = { name, captures: {}, offset: 0, length: 0, at, torn: false };
    this.#companion.saw?.({ kind: "tick", at }, [{ type: "landmark", landmark, seen: 1, of: 1 }]);
  }

  /** The guest is idle for so long. */
  pass(ms: number): void {
    this.#wallMs += ms;
    this.#companion.saw?.({ kind: "tick", at: { wallMs: this.#wallMs, cpuMs: 0 } }, []);
  }

  datagram(guestPort: number, peerPort: number, text: string): void {
    this.#receive?.({ guestPort, peerPort, bytes: Buffer.from(text) });
  }

  /** Waits until something has been noted, or so long that nothing will be. */
  async noted(count = 1): Promise<readonly string[]> {
    await until(() => this.notes.length >= count);
    return this.notes.map((n) => `${n.ok ? "met" : "failed"} ${n.name}: ${n.detail}`);
  }

  log(peer: string): readonly Record<string, unknown>[] {
    const lines = (this.#logs.get(`peer-${peer}.jsonl`) ?? "").split("\n").slice(0, -1);
    return lines.map((line) => {
      const { wallMs, ...rest }: Record<string, unknown> = JSON.parse(line);
      if (typeof wallMs !== "number") throw new Error(line);
      return rest;
    });
  }

  /** The machine is gone: whatever the guest had open is closed, then the peers end. */
  async end(): Promise<void> {
    for (const server of this.#guests) server.close();
    const ended = await this.#companion.ended?.();
    if (ended !== undefined && !ended.ok) throw new Error(JSON.stringify(ended.error));
    await this.supervisor.close();
  }
}

export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("it does not listen");
  return address.port;
}

const machine: BootRequest["machine"] = {
  type: "q35",
  cpu: "max",
  memoryBytes: 1 << 27,
  cpus: 1,
  accel: "tcg",
  boot: ["direct"],
};

const request: BootRequest = { name: "main", machine, system: { path: "direct", kernel: "k" }, disks: [] };

const emptyProof: CompanionContext["proof"] = {
  name: "run-test",
  title: "",
  image: "test",
  tags: [],
  machine,
  disks: {},
  boots: [boot],
  same: [],
  bounds: [],
  never: [],
  requires: { devices: [] },
  foreign: "",
  closed: "",
  spans: new Map(),
};
