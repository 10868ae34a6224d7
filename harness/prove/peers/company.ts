import { ok, type Result, unreachable } from "../../base/index.ts";
import { type BootInput, type JudgeOutput, type Peer, peersOf } from "../../contract/index.ts";
import type { BootRequest, NetworkRequest } from "../../machine/index.ts";
import type { Companion, CompanionContext, Hand } from "../companion.ts";
import { HttpClientPeer } from "./http-client.ts";
import { HttpServerPeer } from "./http-server.ts";
import type { RunningPeer } from "./peer.ts";
import { ProgramPeer } from "./program.ts";
import { Stage } from "./stage.ts";
import { TcpClientPeer } from "./tcp-client.ts";
import { UdpClientPeer, UdpServerPeer } from "./udp.ts";

/** UDP ports of the peers' address at which clients are; above those that anybody serves at. */
const firstClientPort = 61_000;

/** The peers that take part in a boot, as one companion of it. */
export function peersIn(context: CompanionContext, peers: Readonly<Record<string, Peer>>): Companion {
  return new Peers(
    peersOf(peers, context.boot.name).map(([name, spec], i) => {
      const stage = new Stage(name);
      return { stage, peer: make(context, spec, stage, i) };
    }),
  );
}

function make(context: CompanionContext, spec: Peer, stage: Stage, index: number): RunningPeer {
  switch (spec.kind) {
    case "http-server":
      return new HttpServerPeer(spec, stage);
    case "http-client":
      return new HttpClientPeer(spec, stage);
    case "tcp-client":
      return new TcpClientPeer(spec, stage);
    case "udp-server":
      return new UdpServerPeer(spec, stage);
    case "udp-client":
      return new UdpClientPeer(spec, stage, firstClientPort + index);
    case "program":
      return new ProgramPeer(spec, stage, context.root, context.supervisor);
    default:
      return unreachable(spec);
  }
}

interface Member {
  readonly peer: RunningPeer;
  readonly stage: Stage;
}

class Peers implements Companion {
  readonly #members: readonly Member[];
  #hand: Hand | undefined;
  /** Datagrams to ports at which no peer is. */
  #unclaimed = 0;

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  async prepare(request: BootRequest): Promise<Result<BootRequest>> {
    const forwards = new Set<number>();
    const services: NetworkRequest["services"][number][] = [];
    let datagrams = false;
    for (const { peer } of this.#members) {
      const needs = await peer.prepare?.();
      if (needs === undefined) continue;
      if (!needs.ok) return needs;
      for (const port of needs.value.forwards ?? []) forwards.add(port);
      services.push(...(needs.value.services ?? []));
      datagrams ||= needs.value.datagrams === true;
    }
    return ok({ ...request, network: { forwards: [...forwards], services, datagrams } });
  }

  started(hand: Hand): void {
    this.#hand = hand;
    for (const { stage } of this.#members) stage.started(hand);
    hand.network?.onDatagram((datagram) => {
      const taken = this.#members.filter(({ peer }) => peer.datagram?.(datagram) === true);
      if (taken.length === 0) this.#unclaimed++;
    });
    for (const { peer } of this.#members) peer.started?.();
  }

  saw(input: BootInput, said: readonly JudgeOutput[]): void {
    for (const { stage } of this.#members) stage.passed(input.at);
    for (const what of said) {
      if (what.type !== "landmark") continue;
      for (const { peer } of this.#members) peer.landmark?.(what.landmark.name);
    }
  }

  async ended(): Promise<Result<undefined>> {
    for (const { stage } of this.#members) stage.over();
    if (this.#hand !== undefined) {
      await Promise.all(this.#members.map(({ peer }) => peer.settled?.()));
      this.#tellUnread(this.#hand);
    }
    await Promise.all(this.#members.map(({ peer }) => peer.end()));
    return ok(undefined);
  }

  /** Closes the log of each peer that gets datagrams with what nobody got: all of them share one wire. */
  #tellUnread({ network }: Hand): void {
    const unread = [...(network?.unread ?? []), ["unclaimed", this.#unclaimed] as const];
    const facts = Object.fromEntries(unread.filter(([, frames]) => frames > 0));
    if (Object.keys(facts).length === 0) return;
    for (const { peer, stage } of this.#members) {
      if (peer.datagram !== undefined) stage.log("unread", facts);
    }
  }
}
