import type {
  Body,
  DatagramExpectation,
  HttpClient,
  HttpRequest,
  HttpServer,
  Peer,
  Program,
  Proof,
  RequestExpectation,
  Route,
  TcpClient,
  UdpClient,
  UdpServer,
} from "../contract/index.ts";
import { readDuration, readSize } from "./proof-values.ts";
import type { Cursor } from "./reader.ts";

/** What peers mean when they do not say. docs/peers.md repeats them. */
const within = "10s";
const programWithin = "30s";

/** The peers of a proof; nothing where none are declared. */
export function readPeers(proof: Cursor): Pick<Proof, "peers"> {
  const peers = proof.field("peers");
  if (!peers.present) return {};
  return { peers: Object.fromEntries(peers.entries().map(([name, peer]) => [name, readPeer(peer)])) };
}

function readPeer(peer: Cursor): Peer {
  const boot = peer.field("boot");
  const inBoot = boot.present ? { boot: boot.string() } : {};
  const kind = peer
    .field("kind")
    .word(["http-server", "http-client", "tcp-client", "udp-server", "udp-client", "program"]);
  switch (kind) {
    case "http-server":
      return { kind, ...inBoot, ...readHttpServer(peer) };
    case "http-client":
      return { kind, ...inBoot, ...readHttpClient(peer) };
    case "tcp-client":
      return { kind, ...inBoot, ...readTcpClient(peer) };
    case "udp-server":
      return { kind, ...inBoot, ...readUdpServer(peer) };
    case "udp-client":
      return { kind, ...inBoot, ...readUdpClient(peer) };
    case "program":
      return { kind, ...inBoot, ...readProgram(peer) };
  }
}

function readHttpServer(peer: Cursor): Omit<HttpServer, "kind" | "boot"> {
  const routes = peer.field("routes").entries();
  return {
    port: peer.field("port").number(80),
    routes: routes.map(([path, route]): Route => ({
      path,
      status: route.field("status").number(200),
      headers: readStrings(route.field("headers")),
      body: readBody(route),
    })),
    expects: peer
      .field("expects")
      .list()
      .map((expected): RequestExpectation => ({
        ...readExpected(expected),
        method: expected.field("method").string("GET"),
        path: expected.field("path").string(),
        ...optional("body", expected),
      })),
  };
}

function readBody(route: Cursor): Body {
  const [text, size, digestOf] = [route.field("body"), route.field("size"), route.field("digestOf")];
  if ([text, size, digestOf].filter((f) => f.present).length > 1) {
    route.refuse("an answer has one of `body`, `size` and `digestOf`");
  }
  if (size.present) return { is: "pattern", bytes: readSize(size) };
  if (digestOf.present) return { is: "digest", of: digestOf.string() };
  return { is: "text", text: text.string("") };
}

function readHttpClient(peer: Cursor): Omit<HttpClient, "kind" | "boot"> {
  return {
    to: peer.field("to").number(),
    at: peer.field("at").string(),
    requests: peer
      .field("requests")
      .list()
      .map((request): HttpRequest => ({
        name: request.field("name").string(),
        method: request.field("method").string("GET"),
        path: request.field("path").string(),
        headers: readStrings(request.field("headers")),
        body: request.field("body").string(""),
        status: request.field("status").number(200),
        withinMs: readDuration(request.field("within"), within),
        ...optional("answer", request),
        ...optional("sha256", request),
      })),
  };
}

function readTcpClient(peer: Cursor): Omit<TcpClient, "kind" | "boot"> {
  const drip = peer.field("drip");
  return {
    to: peer.field("to").number(),
    at: peer.field("at").string(),
    send: peer.field("send").string(),
    ...(drip.present
      ? {
          drip: {
            bytes: drip.field("bytes").number(1),
            everyMs: readDuration(drip.field("every"), "20ms"),
          },
        }
      : {}),
    ...optional("answer", peer),
    close: peer.field("close").boolean(false),
    withinMs: readDuration(peer.field("within"), within),
  };
}

function readUdpServer(peer: Cursor): Omit<UdpServer, "kind" | "boot"> {
  const [echo, answer] = [peer.field("echo"), peer.field("answer")];
  if (echo.boolean(false) && answer.present) answer.refuse("`echo` answers already");
  return {
    port: peer.field("port").number(),
    ...(answer.present
      ? { reply: { echo: false, text: answer.string() } }
      : echo.boolean(false)
        ? { reply: { echo: true } }
        : {}),
    expects: peer
      .field("expects")
      .list()
      .map((expected): DatagramExpectation => ({
        ...readExpected(expected),
        text: expected.field("text").string(),
      })),
  };
}

function readUdpClient(peer: Cursor): Omit<UdpClient, "kind" | "boot"> {
  return {
    to: peer.field("to").number(),
    at: peer.field("at").string(),
    send: peer.field("send").string(),
    times: peer.field("times").number(1),
    everyMs: readDuration(peer.field("every"), "200ms"),
    ...optional("answer", peer),
    withinMs: readDuration(peer.field("within"), within),
  };
}

function readProgram(peer: Cursor): Omit<Program, "kind" | "boot"> {
  const [serves, status] = [peer.field("serves"), peer.field("status")];
  const argv = peer.field("argv");
  const [program, ...rest] = argv.list().map((word) => word.string());
  return {
    argv: [program ?? argv.refuse("a program is named by the first word of `argv`", ""), ...rest],
    env: readStrings(peer.field("env")),
    ...optional("at", peer),
    reaches: peer
      .field("reaches")
      .list()
      .map((port) => port.number()),
    ...(serves.present
      ? { serves: { port: serves.field("port").number(), ready: serves.field("ready").string() } }
      : {}),
    ...(status.present ? { status: status.number() } : {}),
    withinMs: readDuration(peer.field("within"), programWithin),
  };
}

/** What expectations of servers have in common. */
function readExpected(expected: Cursor): Pick<RequestExpectation, "name" | "times" | "from" | "withinMs"> {
  return {
    name: expected.field("name").string(),
    times: expected.field("times").number(1),
    ...optional("from", expected),
    withinMs: readDuration(expected.field("within"), within),
  };
}

function readStrings(struct: Cursor): Readonly<Record<string, string>> {
  return Object.fromEntries(struct.entries().map(([name, value]) => [name, value.string()]));
}

/** A text that need not be given. */
function optional<const N extends string>(name: N, of: Cursor): { readonly [K in N]?: string } {
  const field = of.field(name);
  const given: { [K in N]?: string } = {};
  if (field.present) given[name] = field.string();
  return given;
}
