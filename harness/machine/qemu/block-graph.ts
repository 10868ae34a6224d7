import { unreachable } from "../../base/index.ts";
import type { DiskFault } from "../actions.ts";
import type { DataDisk } from "../types.ts";
import type { Option } from "./argv.ts";

/** Names of a disk's nodes, at most 31 characters each: the serial number has at most 20. */
export const nodes = {
  /** What the device is on: never changes, so that the guest sees one disk throughout. */
  top: (serial: string): string => `disk-${serial}`,
  log: (serial: string): string => `log-${serial}`,
  file: (serial: string): string => `file-${serial}`,
  device: (serial: string): string => `disk-${serial}-device`,
} as const;

/**
 * `cache.no-flush`: a flush of the guest ends in the host's page cache, which survives the death of the emulator.
 * Only a crash of the host would lose it, and that ends the run as well. So the speed of the host's disk never gets
 * into a verdict; what a power cut would lose is decided from the log of the guest's own flushes, not from here.
 */
const file = (node: string, path: string): Option => [
  "-blockdev",
  `driver=file,node-name=${node},cache.no-flush=on,filename=${quoted(path)}`,
];

/**
 * The options of a data disk. A disk that nothing is to happen to is one raw node on its file. Otherwise the raw node
 * stands on a chain of its own, whose head can be exchanged while the guest runs (`breakDisk`).
 */
export function diskOptions(disk: DataDisk, slot: number): readonly Option[] {
  const { serial, log, breakable, removable } = disk;
  const top = nodes.top(serial);
  const device = [
    `virtio-blk-pci,id=${nodes.device(serial)},drive=${top},serial=${serial},disable-legacy=on`,
  ];
  // The guest is told of errors; by default a full disk would pause the whole machine.
  if (breakable === true) device.push("werror=report", "rerror=report");
  // One request of the guest is one entry of the log, taken at the guest's own doorbell; and what the log would have
  // to be read for in other ways (discarded and zeroed blocks) is not offered.
  if (log !== undefined)
    device.push("request-merging=off", "ioeventfd=off", "discard=off", "write-zeroes=off");
  const port = `port-${serial}`;
  const root: readonly Option[] =
    removable === true ? [["-device", `pcie-root-port,id=${port},chassis=${slot + 1},slot=${slot + 1}`]] : [];
  if (removable === true) device.push(`bus=${port}`);
  return [...backend(disk), ...root, ["-device", device.join(",")]];
}

function backend({ serial, file: path, log, breakable }: DataDisk): readonly Option[] {
  const top = nodes.top(serial);
  if (log === undefined && breakable !== true) {
    const backing = `file.driver=file,file.filename=${quoted(path)}`;
    return [["-blockdev", `driver=raw,node-name=${top},cache.no-flush=on,${backing}`]];
  }
  const options = [file(nodes.file(serial), path)];
  if (log !== undefined) {
    const entries = `entries-${serial}`;
    options.push(file(entries, log), [
      "-blockdev",
      `driver=blklogwrites,node-name=${nodes.log(serial)},file=${nodes.file(serial)},log=${entries},log-sector-size=512`,
    ]);
  }
  return [...options, ["-blockdev", `driver=raw,node-name=${top},file=${baseOf(serial, log !== undefined)}`]];
}

/** The node below the top one before anything was broken. */
export function baseOf(serial: string, logged: boolean): string {
  return logged ? nodes.log(serial) : nodes.file(serial);
}

/** In an option's value a comma is written twice. */
export function quoted(value: string): string {
  return value.replaceAll(",", ",,");
}

/** A command of the control channel with its arguments. */
export interface Command {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface Break {
  readonly commands: readonly Command[];
  /** The node on which the next fault is put. */
  readonly head: string;
}

/**
 * Puts a fault on the chain below a disk's top node: new blkdebug nodes on `head`, then the top node is reopened on
 * them. Reopening drains the disk for less than a millisecond and does not pause the guest. `serialNumber` makes the
 * names unique within the boot.
 */
export function breakDisk(serial: string, head: string, fault: DiskFault, count: number): Break {
  const name = (part: string): string => `${part}${count}-${serial}`;
  const add = (options: Readonly<Record<string, unknown>>): Command => ({
    name: "blockdev-add",
    arguments: options,
  });
  const reopen = (on: string): Command => ({
    name: "blockdev-reopen",
    arguments: { options: [{ driver: "raw", "node-name": nodes.top(serial), file: on }] },
  });
  switch (fault.kind) {
    case "error": {
      const { op, errno, once, offset } = fault;
      const at = offset === undefined ? {} : { sector: offset / 512 };
      const rule = { event: "none", iotype: op, errno: errnos[errno], once, ...at };
      const bad = name("bad");
      return {
        head: bad,
        commands: [
          add({ driver: "blkdebug", "node-name": bad, image: head, "inject-error": [rule] }),
          reopen(bad),
        ],
      };
    }
    case "torn": {
      // From above: requests are cut into pieces of so many bytes; each piece makes the raw node below it announce a
      // write, which moves the lower blkdebug on: it lets the first pass and fails the second.
      const [cut, pieces, bad] = [name("cut"), name("raw"), name("bad")];
      const event = "write_aio";
      return {
        head: cut,
        commands: [
          add({
            driver: "blkdebug",
            "node-name": bad,
            image: head,
            "inject-error": [{ event, state: 2, iotype: "write", errno: errnos.EIO, once: true }],
            "set-state": [
              { event, state: 1, new_state: 2 },
              { event, state: 2, new_state: 3 },
            ],
          }),
          add({ driver: "raw", "node-name": pieces, file: bad }),
          add({ driver: "blkdebug", "node-name": cut, image: pieces, "max-transfer": fault.bytes }),
          reopen(cut),
        ],
      };
    }
    default:
      return unreachable(fault);
  }
}

/** Linux's numbers, which QEMU takes. */
const errnos = { EIO: 5, ENOSPC: 28 } as const;
