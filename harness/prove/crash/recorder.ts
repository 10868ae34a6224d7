import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { type DiskEvent, type DiskHistory, endOf, sectorBytes, type Write } from "../../contract/index.ts";
import type { BootRequest, Trace, TraceListener } from "../../machine/index.ts";
import { proveCodes } from "../codes.ts";
import type { CaseDisk } from "../disks.ts";
import { Agreement } from "./agreement.ts";
import { copySparse } from "./sparse.ts";
import { readEntry } from "./write-log.ts";

/** One disk while it is recorded. Paths are absolute. */
interface Recorded {
  readonly disk: CaseDisk;
  /** What the guest writes to: a copy, so that the disk itself stays as the boot found it. */
  readonly copy: string;
  readonly log: string;
  readonly events: DiskEvent[];
  readonly asked: {
    readonly request: number;
    readonly sector: number;
    readonly sectors: number;
    readonly fua: boolean;
  }[];
  readonly done: Set<number>;
  readonly entries: { readonly offset: number; readonly open: readonly number[] }[];
}

/**
 * Records what a guest does to its disks: the data in QEMU's write log, and when each thing happened, counted in bytes
 * of the console, from QEMU's trace. Nothing here looks at a clock, and nothing pauses the guest.
 */
export class Recorder {
  readonly #root: string;
  readonly #scratch: string;
  readonly #disks: ReadonlyMap<string, Recorded>;
  readonly #agreement = new Agreement();
  readonly #batch = Buffer.alloc(4096);
  #batched = 0;
  #printed = 0;

  /** `scratch` is an absolute path below `root`, whose place the recorder may make and removes at its end. */
  constructor(root: string, scratch: string, disks: readonly CaseDisk[]) {
    this.#root = root;
    this.#scratch = scratch;
    this.#disks = new Map(
      disks.map((disk) => {
        const [copy, log] = [join(scratch, `${disk.serial}.raw`), join(scratch, `${disk.serial}.log`)];
        return [
          relative(root, copy),
          { disk, copy, log, events: [], asked: [], done: new Set(), entries: [] },
        ];
      }),
    );
  }

  /** The request with copies for disks, each with a log. */
  prepare(request: BootRequest): Result<BootRequest> {
    try {
      mkdirSync(this.#scratch, { recursive: true });
      for (const { disk, copy, log } of this.#disks.values()) {
        copySparse(disk.file, copy);
        writeFileSync(log, "", { flag: "wx" });
      }
    } catch (error) {
      return failed("a disk could not be copied for its record", error);
    }
    const disks = request.disks.map((asked) => {
      const recorded = [...this.#disks].find(([, r]) => r.disk.serial === asked.serial);
      if (recorded === undefined) return asked;
      const [file, { log }] = recorded;
      return { ...asked, file, log: relative(this.#root, log) };
    });
    return ok({ ...request, disks, trace: true });
  }

  listen(trace: Trace | undefined): void {
    trace?.listen(this.#listener());
  }

  /** Bytes that the machine's console has shown. */
  shown(bytes: Uint8Array): void {
    this.#agreement.add("shown", bytes);
  }

  /**
   * What happened to a disk, up to its end. Fails if the trace did not show the same console as the machine did, up to
   * `bytes`: then nothing could be said about the order of things.
   */
  history(serial: string, bytes: number): Result<DiskHistory> {
    this.#flushBatch();
    if (this.#agreement.bytes < bytes) {
      const message = `QEMU's trace agrees with the console only up to byte ${this.#agreement.bytes}, not to ${bytes}`;
      return fail(problem(proveCodes, "CAPOS_PROVE_TRACE", message));
    }
    const recorded = this.#of(serial);
    try {
      return ok({ events: recorded.events, writes: readWrites(recorded) });
    } catch (error) {
      return failed(`the log of disk ${serial} could not be read`, error);
    }
  }

  /** Gives a disk what the guest left on it, instead of what it found. */
  keepAll(serial: string): Result<undefined> {
    const { disk, copy } = this.#of(serial);
    try {
      renameSync(copy, disk.file);
      return ok(undefined);
    } catch (error) {
      return failed(`disk ${serial} could not be replaced`, error);
    }
  }

  /** Removes copies and logs. */
  close(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #of(serial: string): Recorded {
    const recorded = [...this.#disks.values()].find((r) => r.disk.serial === serial);
    if (recorded === undefined) throw new Error(`disk ${serial} is not recorded`);
    return recorded;
  }

  #flushBatch(): void {
    if (this.#batched > 0) this.#agreement.add("traced", Buffer.from(this.#batch.subarray(0, this.#batched)));
    this.#batched = 0;
  }

  #listener(): TraceListener {
    const logs = new Map([...this.#disks].map(([file, { log }]) => [relative(this.#root, log), file]));
    const push = (disk: string, event: DiskEvent): Recorded | undefined => {
      const recorded = this.#disks.get(disk);
      recorded?.events.push(event);
      return recorded;
    };
    return {
      printed: (byte) => {
        this.#printed++;
        this.#batch[this.#batched++] = byte;
        if (this.#batched === this.#batch.length) this.#flushBatch();
      },
      wrote: ({ disk, ...write }) => {
        push(disk, { kind: "write", at: this.#printed, request: write.request })?.asked.push(write);
      },
      flushing: ({ disk, request }) => void push(disk, { kind: "flush", at: this.#printed, request }),
      logged: ({ disk, offset }) => {
        const recorded = this.#disks.get(disk);
        if (recorded === undefined) return;
        const open = recorded.asked.flatMap(({ request }) => (recorded.done.has(request) ? [] : [request]));
        recorded.entries.push({ offset, open });
      },
      done: ({ disk, request, ok: succeeded }) => {
        push(disk, { kind: "done", at: this.#printed, request, ok: succeeded })?.done.add(request);
      },
      diskOfLog: (file) => logs.get(file),
    };
  }
}

/** The data of a disk's writes, in the order in which they were asked for; each entry of the log is one part. */
function readWrites({ log, asked, entries }: Recorded): readonly Write[] {
  const parts = new Map<number, Write[]>(asked.map(({ request }) => [request, []]));
  const fd = openSync(log, "r");
  try {
    for (const { offset, open } of entries) {
      const entry = readEntry(fd, offset);
      if (entry === undefined) continue;
      const end = entry.sector + entry.data.length / sectorBytes;
      // Which request an entry is of follows from its place; of two for the same place the older comes first.
      const owner = asked.find(
        ({ request, sector, sectors }) =>
          open.includes(request) &&
          sector <= entry.sector &&
          end <= sector + sectors &&
          !parts.get(request)?.some((part) => part.sector < end && entry.sector < endOf(part)),
      );
      if (owner !== undefined)
        parts.get(owner.request)?.push({ ...entry, request: owner.request, fua: owner.fua });
    }
  } finally {
    closeSync(fd);
  }
  return [...parts.values()].flat();
}

function failed(message: string, error: unknown): Result<never> {
  const why = error instanceof Error ? error.message : String(error);
  return fail(problem(proveCodes, "CAPOS_PROVE_DISK", `${message}: ${why}`));
}
