import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { expect, test } from "vitest";
import { qemuArgv } from "./argv.ts";
import { forwardIn, QemuNetwork } from "./network.ts";
import { Qmp } from "./qmp.ts";
import { ethernetBytes } from "./wire/ethernet.ts";
import { datagramFrame, type WireEnds } from "./wire/frames.ts";
import { framed, FrameReader } from "./wire/framing.ts";
import type { BootRequest, Datagram } from "../types.ts";

const request: BootRequest = {
  name: "main",
  machine: { type: "q35", cpu: "max", memoryBytes: 1 << 27, cpus: 1, accel: "tcg", boot: ["direct"] },
  system: { path: "direct", kernel: "kernel" },
  disks: [],
};

function options(asked: BootRequest): readonly string[] {
  const argv = qemuArgv({ qemu: "qemu" }, "tcg", asked);
  if (!argv.ok) throw new Error(JSON.stringify(argv.error));
  return argv.value;
}

test("a machine has no card, no second port and no further channel unless it is asked for", () => {
  const all = options(request).join(" ");
  for (const word of ["netdev", "virtio-net", "terminal", "wire"]) expect(all).not.toContain(word);
});

test("a card without peers leads to nobody", () => {
  const all = options({ ...request, machine: { ...request.machine, network: true } });
  expect(all[all.indexOf("-netdev") + 1]).toBe("user,id=net,net=10.0.2.0/24,restrict=on,ipv6=off");
  expect(all.filter((o) => o.startsWith("virtio-net-pci"))).toHaveLength(1);
});

test("everything that a network leads to stands in the argument vector, each channel at its own descriptor", () => {
  const all = options({
    ...request,
    machine: { ...request.machine, terminal: true },
    network: { forwards: [80], services: [{ guestPort: 81, hostPort: 40001 }], datagrams: true },
  });
  const netdev = all[all.indexOf("-netdev") + 1] ?? "";
  expect(netdev).toContain(",hostfwd=tcp:127.0.0.1:0-10.0.2.15:80,guestfwd=tcp:10.0.2.100:81-cmd:node -e '");
  expect(netdev.endsWith(" 40001")).toBe(true);
  // A single comma would end the option.
  expect(netdev.slice(netdev.indexOf("-cmd:")).replaceAll(",,", "")).not.toContain(",");
  expect(all.filter((o) => o.startsWith("socket,"))).toEqual([
    "socket,id=serial,fd=3",
    "socket,id=qmp,fd=4",
    "socket,id=terminal,fd=5",
    "socket,id=wire-out,fd=6",
    "socket,id=wire-in,fd=7",
  ]);
});

test("the port that leads to the guest is read from QEMU's table", () => {
  const table = [
    "Hub -1 (net):",
    "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ",
    "  TCP[TIME_WAIT]     19       10.0.2.15 47630      10.0.2.100    80     0     0",
    "  TCP[HOST_FORWARD]   9       127.0.0.1 38457       10.0.2.15    80     0     0",
    "  UDP[HOST_FORWARD]   8       127.0.0.1 40017       10.0.2.15  5000     0     0",
    "",
  ].join("\r\n");
  expect([forwardIn(table, 80), forwardIn(table, 5000), forwardIn("", 80)]).toEqual([
    38457,
    undefined,
    undefined,
  ]);
});

/** Two ends of a connection, as the tool and the emulator have them. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const accepted = once(server, "connection");
  const ours = connect(address.port, "127.0.0.1");
  const [theirs] = await accepted;
  server.close();
  if (!(theirs instanceof Socket)) throw new Error("no connection");
  return [ours, theirs];
}

test("what the guest sends before anybody listens waits, and what is no datagram is counted", async () => {
  const [[out, mirror], [put, redirector]] = [await pair(), await pair()];
  const qmp = new Qmp(new Socket(), { greeting: () => {}, event: () => {} });
  const network = new QemuNetwork(qmp, { out, in: put });
  const guest = { ip: "10.0.2.15", mac: "52:54:00:ca:70:05" };
  const peers = { ip: "10.0.2.100", mac: "52:55:0a:00:02:64" };
  const fromGuest: WireEnds = { guest: peers, peers: guest };
  const sent = Buffer.from(
    datagramFrame(fromGuest, { guestPort: 7, peerPort: 5000, bytes: Buffer.from("early") }),
  );
  mirror.write(framed(sent));
  sent[44] = 0;
  mirror.write(framed(sent));
  const question = "0001080006040001525400ca70050a00020f0000000000000a000264";
  mirror.write(
    framed(
      ethernetBytes({
        to: "ff:ff:ff:ff:ff:ff",
        from: guest.mac,
        type: 0x0806,
        payload: Buffer.from(question, "hex"),
      }),
    ),
  );
  // The answer to the question says that all before it has been read.
  const reader = new FrameReader();
  const answers: Uint8Array[] = [];
  redirector.on("data", (bytes: Buffer) => answers.push(...reader.add(bytes)));
  await once(redirector, "data");
  expect(Buffer.from(answers[0] ?? []).readUInt16BE(12)).toBe(0x0806);
  const heard: Datagram[] = [];
  network.onDatagram((datagram) => heard.push(datagram));
  expect(heard).toEqual([{ guestPort: 5000, peerPort: 7, bytes: Uint8Array.from(Buffer.from("early")) }]);
  expect([...network.unread]).toEqual([["udp-checksum", 1]]);
  for (const socket of [out, mirror, put, redirector]) socket.destroy();
});
