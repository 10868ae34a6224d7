import { nearest, unreachable } from "../base/index.ts";
import type { PlacedBoot, Report } from "./check.ts";
import { checkReached } from "./check-interaction.ts";
import { parsePattern } from "./pattern.ts";
import type { HttpServer, Peer, Program } from "./peers.ts";
import type { Proof } from "./types.ts";

/** Peers: that boots and landmarks that they name exist, that no two are at one port, that what they expect can come. */
export function checkPeers(proof: Proof, boots: readonly PlacedBoot[], report: Report): void {
  const peers = Object.entries(proof.peers ?? {});
  for (const [name, peer] of peers) {
    const path = `peers.${name}`;
    const own = boots.filter((b) => peer.boot === undefined || b.boot.name === peer.boot);
    if (own.length === 0 && peer.boot !== undefined) {
      const meant = nearest(
        peer.boot,
        boots.map((b) => b.boot.name),
      );
      const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
      report("CAPOS_PROOF_UNKNOWN_NAME", `there is no boot \`${peer.boot}\``, `${path}.boot`, next);
    }
    for (const [field, landmark, otherwise] of landmarksOf(peer)) {
      for (const boot of own) checkReached(boot, landmark, `${path}.${field}`, report, otherwise);
    }
    checkNames(peer, path, report);
    checkKind(peer, path, report);
  }
  for (const { boot } of boots) {
    const here = peers.filter(([, peer]) => peer.boot === undefined || peer.boot === boot.name);
    for (const [i, [name, peer]] of here.entries()) {
      const at = placeOf(peer);
      const other = here.slice(0, i).find(([, earlier]) => at !== undefined && placeOf(earlier) === at);
      if (other === undefined) continue;
      const message = `\`${name}\` and \`${other[0]}\` are both at ${at}`;
      report("CAPOS_PROOF_CONTRADICTION", message, `peers.${name}`, "give one of them another port");
    }
  }
}

/** Where the guest finds a peer, if it does. */
function placeOf(peer: Peer): string | undefined {
  switch (peer.kind) {
    case "http-server":
      return `TCP port ${peer.port}`;
    case "udp-server":
      return `UDP port ${peer.port}`;
    case "program":
      return peer.serves === undefined ? undefined : `TCP port ${peer.serves.port}`;
    case "http-client":
    case "tcp-client":
    case "udp-client":
      return undefined;
    default:
      return unreachable(peer);
  }
}

/** Landmarks that a peer names: where, which, and what is wrong if the boot ends there. */
function landmarksOf(peer: Peer): readonly (readonly [string, string, string])[] {
  switch (peer.kind) {
    case "http-server":
    case "udp-server":
      return peer.expects.flatMap(({ from }, i) =>
        from === undefined ? [] : [[`expects.${i}.from`, from, "nothing comes behind it"] as const],
      );
    case "http-client":
    case "tcp-client":
    case "udp-client":
      return [["at", peer.at, "nobody would be there to answer"]];
    case "program":
      return peer.at === undefined ? [] : [["at", peer.at, "the program would not be started"]];
    default:
      return unreachable(peer);
  }
}

function checkNames(peer: Peer, path: string, report: Report): void {
  const [field, named] =
    peer.kind === "http-client"
      ? (["requests", peer.requests] as const)
      : (["expects", peer.kind === "http-server" || peer.kind === "udp-server" ? peer.expects : []] as const);
  for (const [i, { name }] of named.entries()) {
    if (named.findIndex((other) => other.name === name) < i) {
      report("CAPOS_PROOF_DUPLICATE", `\`${name}\` is declared twice`, `${path}.${field}.${i}.name`);
    }
  }
}

function checkKind(peer: Peer, path: string, report: Report): void {
  switch (peer.kind) {
    case "http-server":
      return checkServer(peer, path, report);
    case "http-client":
      if (peer.requests.length === 0)
        report("CAPOS_PROOF_DEAD", "a client without requests does nothing", path);
      return;
    case "tcp-client":
      if (peer.send === "" && peer.answer === undefined) {
        report(
          "CAPOS_PROOF_DEAD",
          "a client that sends nothing and awaits nothing proves nothing",
          `${path}.send`,
        );
      }
      return;
    case "udp-server":
      for (const [i, { text }] of peer.expects.entries())
        checkDatagram(text, `${path}.expects.${i}.text`, report);
      return;
    case "udp-client":
      return checkDatagram(peer.send, `${path}.send`, report);
    case "program":
      return checkProgram(peer, path, report);
    default:
      return unreachable(peer);
  }
}

/** Bodies are held in memory. */
const bodyCap = 64 << 20;

function checkServer({ routes, expects }: HttpServer, path: string, report: Report): void {
  const find = (route: string, at: string): void => {
    if (routes.some((r) => r.path === route)) return;
    const meant = nearest(
      route,
      routes.map((r) => r.path),
    );
    const next = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
    report("CAPOS_PROOF_UNKNOWN_NAME", `there is no route \`${route}\``, at, next);
  };
  for (const { path: route, body } of routes) {
    const at = `${path}.routes.${route}`;
    if (body.is === "digest") find(body.of, `${at}.digestOf`);
    if (body.is === "pattern" && body.bytes > bodyCap) {
      report("CAPOS_PROOF_CONTRADICTION", "a body may be of 64Mi at most", `${at}.size`);
    }
    if (routes.some((r) => body.is === "digest" && r.path === body.of && r.body.is === "digest")) {
      report("CAPOS_PROOF_CONTRADICTION", "a digest is of a body, not of a digest", `${at}.digestOf`);
    }
  }
  for (const [i, expected] of expects.entries()) find(expected.path, `${path}.expects.${i}.path`);
}

/** What fits into one frame of the network, which is never taken apart. */
const datagramCap = 1472;

function checkDatagram(text: string, at: string, report: Report): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > datagramCap) {
    report(
      "CAPOS_PROOF_CONTRADICTION",
      `a datagram of ${bytes} bytes; ${datagramCap} go into a frame`,
      at,
      "make it shorter",
    );
  }
}

function checkProgram({ serves }: Program, path: string, report: Report): void {
  if (serves === undefined) return;
  const at = `${path}.serves.ready`;
  const parsed = parsePattern(serves.ready);
  if (!parsed.ok) report("CAPOS_PROOF_PATTERN", parsed.error.message, at);
  else if (!parsed.value.captures.some((c) => c.name === "port" && c.type === "int")) {
    const message = "the line must say where the program listens, with the capture `<port:int>`";
    report("CAPOS_PROOF_PATTERN", message, at);
  }
}
