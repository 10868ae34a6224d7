import { unreachable } from "../base/index.ts";

/**
 * The network of a machine with peers, as the guest sees it: its own address, the one address at which all its peers
 * are, and the gateway, at which nothing is. The guest may set its own by hand or ask for it by DHCP.
 */
export const peerNetwork = {
  guest: "10.0.2.15",
  prefix: 24,
  gateway: "10.0.2.2",
  peers: "10.0.2.100",
  guestMac: "52:54:00:ca:70:05",
} as const;

/** Something of the host that talks with the guest while it runs: declared, logged, and gone when the boot is. */
export type Peer = HttpServer | HttpClient | TcpClient | UdpServer | UdpClient | Program;

interface PeerFields {
  /** The boot that it takes part in; every boot unless declared. */
  readonly boot?: string;
}

/** Answers requests of the guest. */
export interface HttpServer extends PeerFields {
  readonly kind: "http-server";
  /** At which the guest finds it. */
  readonly port: number;
  readonly routes: readonly Route[];
  readonly expects: readonly RequestExpectation[];
}

export interface Route {
  /** With the query, as it must be asked for. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export type Body =
  | { readonly is: "text"; readonly text: string }
  /** Bytes of this size that are the same everywhere, and different for each path. */
  | { readonly is: "pattern"; readonly bytes: number }
  /** The SHA-256 of another route's body, in hexadecimal digits and LF. */
  | { readonly is: "digest"; readonly of: string };

export interface RequestExpectation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Requests that must have come. */
  readonly times: number;
  /** What each must carry. */
  readonly body?: string;
  /** The landmark from which it must be met in time; without it, by the boot's end. */
  readonly from?: string;
  readonly withinMs: number;
}

/** Asks the guest, one request after the other. */
export interface HttpClient extends PeerFields {
  readonly kind: "http-client";
  /** Port of the guest. */
  readonly to: number;
  /** Landmark at which it begins. */
  readonly at: string;
  readonly requests: readonly HttpRequest[];
}

export interface HttpRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the answer must be. */
  readonly status: number;
  readonly answer?: string;
  readonly sha256?: string;
  readonly withinMs: number;
}

/** Sends bytes to the guest, a few at a time. */
export interface TcpClient extends PeerFields {
  readonly kind: "tcp-client";
  readonly to: number;
  readonly at: string;
  readonly send: string;
  /** So many bytes every so many milliseconds; all at once without it. */
  readonly drip?: { readonly bytes: number; readonly everyMs: number };
  /** What must come back; without it, the guest must take everything. */
  readonly answer?: string;
  /** Closes its direction of the connection when all is sent. */
  readonly close: boolean;
  /** From the last byte sent. */
  readonly withinMs: number;
}

/** Receives datagrams. */
export interface UdpServer extends PeerFields {
  readonly kind: "udp-server";
  readonly port: number;
  /** Sent back for each datagram: itself, or this. */
  readonly reply?: { readonly echo: true } | { readonly echo: false; readonly text: string };
  readonly expects: readonly DatagramExpectation[];
}

export interface DatagramExpectation {
  readonly name: string;
  /** All of a datagram. */
  readonly text: string;
  readonly times: number;
  readonly from?: string;
  readonly withinMs: number;
}

/** Sends a datagram to the guest, again and again where nothing comes back: datagrams may be lost. */
export interface UdpClient extends PeerFields {
  readonly kind: "udp-client";
  readonly to: number;
  readonly at: string;
  readonly send: string;
  readonly times: number;
  readonly everyMs: number;
  /** What must come back; without it, nothing need. */
  readonly answer?: string;
  readonly withinMs: number;
}

/** A program of the host. It runs in the tree's root and is ended with the boot. */
export interface Program extends PeerFields {
  readonly kind: "program";
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Landmark at which it is started; before the machine without it. */
  readonly at?: string;
  /** Ports of the guest that it may reach, at 127.0.0.1 and the port that `CAPOS_GUEST_<port>` tells it. */
  readonly reaches: readonly number[];
  /** The guest reaches it at `port`; `ready` is the line by which it says where it listens, with the capture `port`. */
  readonly serves?: { readonly port: number; readonly ready: string };
  /** The status with which it must end by itself; without it, it need not end. */
  readonly status?: number;
  readonly withinMs: number;
}

/** Something that a peer must see happen, under the name by which evidence and sends know it. */
export interface PeerExpectation {
  /** `peer.expectation` */
  readonly name: string;
  /** What it is, as a clause: `web was asked 2 times for GET /blob`. */
  readonly words: string;
}

/** What the peers of one boot must see; all of it must stand in its record. */
export function expectationsOf(
  peers: Readonly<Record<string, Peer>>,
  boot: string,
): readonly PeerExpectation[] {
  return peersOf(peers, boot).flatMap(([name, peer]) =>
    expected(peer).map((e) => ({ name: `${name}.${e.name}`, words: `\`${name}\` ${e.words}` })),
  );
}

/** The peers that take part in a boot, with their names. */
export function peersOf(
  peers: Readonly<Record<string, Peer>>,
  boot: string,
): readonly (readonly [string, Peer])[] {
  return Object.entries(peers).filter(([, peer]) => peer.boot === undefined || peer.boot === boot);
}

function expected(peer: Peer): readonly PeerExpectation[] {
  switch (peer.kind) {
    case "http-server":
      return peer.expects.map(({ name, method, path, times }) => ({
        name,
        words: `must be asked ${count(times)} for ${method} ${path}`,
      }));
    case "http-client":
      return peer.requests.map(({ name, method, path, status }) => ({
        name,
        words: `must get ${status} for ${method} ${path}`,
      }));
    case "tcp-client":
      return [
        peer.answer === undefined
          ? { name: "sent", words: `must send ${peer.send.length} bytes to port ${peer.to}` }
          : { name: "answer", words: `must be answered by port ${peer.to}` },
      ];
    case "udp-server":
      return peer.expects.map(({ name, text, times }) => ({
        name,
        words: `must receive ${count(times)} the datagram ${JSON.stringify(text)}`,
      }));
    case "udp-client":
      return peer.answer === undefined
        ? []
        : [{ name: "answer", words: `must be answered by port ${peer.to}` }];
    case "program":
      return [
        ...(peer.serves === undefined ? [] : [{ name: "ready", words: "must say where it listens" }]),
        ...(peer.status === undefined
          ? []
          : [{ name: "status", words: `must end with status ${peer.status}` }]),
      ];
    default:
      return unreachable(peer);
  }
}

function count(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}
