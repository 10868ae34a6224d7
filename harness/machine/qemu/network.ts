import type { Socket } from "node:net";
import { type Result, fail, ok, problem } from "../../base/index.ts";
import { peerNetwork } from "../../contract/index.ts";
import { machineCodes } from "../codes.ts";
import type { Datagram, Network, NetworkRequest } from "../types.ts";
import { quoted } from "./block-graph.ts";
import type { Option } from "./argv.ts";
import type { Qmp } from "./qmp.ts";
import { datagramFrame, hereFrame, readFrame } from "./wire/frames.ts";
import { framed, FrameReader } from "./wire/framing.ts";

/** The address that the emulator gives to the services' side of the network, by its own rule. */
const ends = {
  guest: { ip: peerNetwork.guest, mac: peerNetwork.guestMac },
  peers: { ip: peerNetwork.peers, mac: "52:55:0a:00:02:64" },
} as const;

/**
 * Joins a connection of the guest, which the emulator hands it as its standard input, to a port of the host's
 * loopback. One for each connection; it ends when both sides have, or with the emulator.
 */
const relay = [
  'const { connect, Socket } = require("node:net");',
  "const guest = new Socket({ fd: 0, readable: true, writable: true, allowHalfOpen: true });",
  'const peer = connect({ host: "127.0.0.1", port: Number(process.argv[1]), allowHalfOpen: true });',
  'for (const end of [guest, peer]) end.on("error", () => process.exit(1));',
  "guest.pipe(peer);",
  "peer.pipe(guest);",
].join(" ");

/** What a machine has of channels for its network, in order. */
export function networkChannels(request: NetworkRequest | undefined): readonly string[] {
  return request?.datagrams === true ? ["wire-out", "wire-in"] : [];
}

/**
 * A virtio card on the emulator's own TCP stack, from which nothing leads anywhere (`restrict`) but to what is named:
 * ports of the host that lead to the guest, and ports of the peers' address that lead to the host. That stack drops
 * all datagrams of a restricted guest, so those go by a copy of what the card sends, and are put in on its other side.
 */
export function networkOptions(
  request: NetworkRequest,
  fdOf: (channel: string) => number,
): readonly Option[] {
  const { forwards, services, datagrams } = request;
  const netdev = [
    `user,id=net,net=10.0.2.0/${peerNetwork.prefix},restrict=on,ipv6=off`,
    // Port 0: the system chooses, and the emulator is asked which.
    ...forwards.map((port) => `hostfwd=tcp:127.0.0.1:0-${peerNetwork.guest}:${port}`),
    ...services.map(({ guestPort, hostPort }) => {
      const command = `node -e '${relay}' ${hostPort}`;
      return `guestfwd=tcp:${peerNetwork.peers}:${guestPort}-cmd:${quoted(command)}`;
    }),
  ];
  const card = `virtio-net-pci,id=net-device,netdev=net,mac=${peerNetwork.guestMac},disable-legacy=on,romfile=`;
  const wire: readonly Option[] = [
    ["-chardev", `socket,id=wire-out,fd=${datagrams ? fdOf("wire-out") : 0}`],
    ["-chardev", `socket,id=wire-in,fd=${datagrams ? fdOf("wire-in") : 0}`],
    ["-object", "filter-mirror,id=wire-copy,netdev=net,queue=rx,outdev=wire-out"],
    ["-object", "filter-redirector,id=wire-put,netdev=net,queue=tx,indev=wire-in"],
  ];
  return [["-netdev", netdev.join(",")], ["-device", card], ...(datagrams ? wire : [])];
}

/** The network of a running machine. */
export class QemuNetwork implements Network {
  readonly #qmp: Qmp;
  readonly #wireIn: Socket | undefined;
  /** Until somebody listens, datagrams wait: a guest that goes on from a stored state may be quick. */
  readonly #early: Datagram[] = [];
  readonly #unread = new Map<string, number>();
  #listener = (datagram: Datagram): void => void this.#early.push(datagram);

  constructor(qmp: Qmp, wire: { readonly out: Socket; readonly in: Socket } | undefined) {
    this.#qmp = qmp;
    this.#wireIn = wire?.in;
    const reader = new FrameReader();
    wire?.out.on("data", (bytes: Uint8Array) => {
      for (const frame of reader.add(bytes)) this.#take(frame);
    });
    // Nothing comes on it; it is read so that its end is seen.
    wire?.in.resume();
  }

  async forwarded(guestPort: number): Promise<Result<number>> {
    const answer = await this.#qmp.execute("human-monitor-command", { "command-line": "info usernet" });
    const said = answer.ok ? String(answer.value) : answer.error;
    const hostPort = forwardIn(said, guestPort);
    return hostPort === undefined
      ? fail(
          problem(machineCodes, "CAPOS_MACHINE_ACTION", `no port leads to the guest's ${guestPort}: ${said}`),
        )
      : ok(hostPort);
  }

  onDatagram(listener: (datagram: Datagram) => void): void {
    this.#listener = listener;
    for (const datagram of this.#early.splice(0)) listener(datagram);
  }

  get unread(): ReadonlyMap<string, number> {
    return this.#unread;
  }

  sendDatagram(datagram: Datagram): void {
    this.#put(datagramFrame(ends, datagram));
  }

  #take(bytes: Uint8Array): void {
    const frame = readFrame(ends, bytes);
    if (!frame.ok) this.#unread.set(frame.error, (this.#unread.get(frame.error) ?? 0) + 1);
    else if (frame.value.kind === "who-has") this.#put(hereFrame(ends));
    else this.#listener(frame.value.datagram);
  }

  #put(frame: Uint8Array): void {
    this.#wireIn?.write(framed(frame));
  }
}

/** The host's port that leads to a TCP port of the guest, in what the emulator prints about its connections. */
export function forwardIn(table: string, guestPort: number): number | undefined {
  for (const line of table.split(/\r?\n/u)) {
    const found = /^\s*TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s/u.exec(line);
    if (found !== null && Number(found[2]) === guestPort) return Number(found[1]);
  }
  return undefined;
}
