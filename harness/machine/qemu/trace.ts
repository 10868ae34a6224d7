/**
 * QEMU's trace as the order of things: which bytes the guest had written to its serial port when it asked a disk for
 * something, and when it was told that it was done. All events come from under QEMU's one lock, so the order of the
 * lines is the order in which things happened; no clock is looked at.
 */
import type { Trace, TraceListener } from "../types.ts";
import { isRecord } from "./qmp-decode.ts";

/** The events that are read here. */
export const tracedEvents = [
  "serial_write",
  "bdrv_open_common",
  "virtqueue_pop",
  "virtio_blk_handle_read",
  "virtio_blk_handle_write",
  "virtio_blk_req_complete",
  "blk_co_pwritev",
  "bdrv_co_pwritev_part",
] as const;

/** Of a write that must be durable when it is done. */
const forceUnitAccess = 0x10;

interface Request {
  readonly id: number;
  /** File of the disk; known for a write with its first block request, for a flush with its entry in the log. */
  disk?: string;
  isWrite: boolean;
  isFlush: boolean;
  readonly sector: number;
  readonly sectors: number;
}

/** Reads the trace line by line and tells a listener what it says. Lines before there is a listener are kept. */
export class TraceReader implements Trace {
  #listener: TraceListener | undefined;
  readonly #early: string[] = [];
  /** By the address that the emulator gives them: file names of block nodes, and requests that are not yet done. */
  readonly #files = new Map<string, string>();
  readonly #requests = new Map<string, Request>();
  /** Guest writes whose block request has not been seen. */
  readonly #unplaced: Request[] = [];
  /** The request that was taken last, while nothing says what it is. */
  #fresh: string | undefined;
  #ids = 0;
  /** Line control and modem control of the serial port. */
  #divisor = false;
  #loop = false;

  listen(listener: TraceListener): void {
    this.#listener = listener;
    for (const line of this.#early.splice(0)) this.line(line);
  }

  /** Whether the line is one of the trace. */
  static isTrace(line: string): boolean {
    return events.test(line);
  }

  line(line: string): void {
    if (this.#listener === undefined) {
      this.#early.push(line);
      return;
    }
    const [event = "", ...words] = line.split(" ");
    const word = (name: string): string => words[words.indexOf(name) + 1] ?? "";
    const number = (name: string): number => Number(word(name));
    switch (event) {
      case "serial_write":
        return this.#serial(number("addr"), number("val"), this.#listener);
      case "bdrv_open_common":
        this.#files.set(word("bs"), fileOf(/ filename "(.*)" flags /u.exec(line)?.[1] ?? ""));
        return undefined;
      case "virtqueue_pop": {
        const request = { id: this.#ids++, isWrite: false, isFlush: false, sector: 0, sectors: 0 };
        this.#requests.set(word("elem"), request);
        this.#fresh = word("elem");
        return undefined;
      }
      case "virtio_blk_handle_read":
        this.#fresh = undefined;
        return undefined;
      case "virtio_blk_handle_write": {
        const [sector, sectors] = [number("sector"), number("nsectors")];
        const request = { id: this.#ids++, isWrite: true, isFlush: false, sector, sectors };
        this.#requests.set(word("req"), request);
        this.#unplaced.push(request);
        this.#fresh = undefined;
        return undefined;
      }
      case "blk_co_pwritev":
        return this.#placed(word("bs"), number("offset"), number("flags"), this.#listener);
      case "bdrv_co_pwritev_part":
        return this.#entry(word("bs"), number("offset"), number("bytes"), this.#listener);
      case "virtio_blk_req_complete":
        return this.#done(word("req"), number("status"), this.#listener);
      default:
        return undefined;
    }
  }

  /** Only what really leaves the port counts: not the divisor latch, not what is looped back. */
  #serial(address: number, value: number, listener: TraceListener): void {
    if (address === 3) this.#divisor = (value & 0x80) !== 0;
    else if (address === 4) this.#loop = (value & 0x10) !== 0;
    else if (address === 0 && !this.#divisor && !this.#loop) listener.printed(value);
  }

  /** A guest's write reaches the block layer, in the order in which the device handed them on. */
  #placed(node: string, offset: number, flags: number, listener: TraceListener): void {
    const disk = this.#files.get(node);
    const at = this.#unplaced.findIndex((request) => request.sector * 512 === offset);
    const [request] = at < 0 ? [] : this.#unplaced.splice(at, 1);
    if (request === undefined || disk === undefined) return;
    request.disk = disk;
    const { id, sector, sectors } = request;
    listener.wrote({ disk, request: id, sector, sectors, fua: (flags & forceUnitAccess) !== 0 });
  }

  /** Something is written to a node: where that is a log, an entry. The first 512 bytes of a log are its superblock. */
  #entry(node: string, offset: number, bytes: number, listener: TraceListener): void {
    const file = this.#files.get(node);
    if (file === undefined || offset === 0) return;
    const fresh = this.#fresh === undefined ? undefined : this.#requests.get(this.#fresh);
    const disk = listener.diskOfLog(file);
    if (disk === undefined) return;
    if (bytes > 512) return listener.logged({ disk, offset });
    // An entry without data is a flush. It is the guest's when the guest has just asked for one; QEMU has its own.
    this.#fresh = undefined;
    if (fresh === undefined || fresh.isWrite || fresh.isFlush) return;
    fresh.disk = disk;
    fresh.isFlush = true;
    listener.flushing({ disk, request: fresh.id });
  }

  #done(address: string, status: number, listener: TraceListener): void {
    const request = this.#requests.get(address);
    this.#requests.delete(address);
    if (request?.disk === undefined) return;
    listener.done({ disk: request.disk, request: request.id, ok: status === 0 });
  }
}

/** The file at the bottom of a node; nodes that stand on others are named by a description of all of them. */
function fileOf(name: string): string {
  if (!name.startsWith("json:")) return name;
  try {
    let node: unknown = JSON.parse(name.slice("json:".length));
    while (isRecord(node) && isRecord(node["file"])) node = node["file"];
    return isRecord(node) && typeof node["filename"] === "string" ? node["filename"] : "";
  } catch {
    return "";
  }
}

const events = new RegExp(`^(?:${tracedEvents.join("|")}) `, "u");
