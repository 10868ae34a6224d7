import { closeSync, openSync, readSync, statSync } from "node:fs";
import { canonicalJson } from "../../base/index.ts";
import { Orders } from "./orders.ts";

/**
 * A state of a disk as a case for tests: everything that is not zero, as text. It needs nothing of the run that it was
 * found in, so that it can be kept, and checked again by every later checker.
 */
export interface StoredState {
  readonly v: 1;
  readonly check: string;
  /** What the checker said of it. */
  readonly why: string;
  readonly bytes: number;
  /** By byte of the disk: base64 of whole sectors that are not zero. */
  readonly data: Readonly<Record<string, string>>;
}

const sectorBytes = 512;

/** Reads a disk into a case. Throws as the file system. */
export function storeState(file: string, check: string, why: string): StoredState {
  const bytes = statSync(file).size;
  const data: Record<string, string> = {};
  const fd = openSync(file, "r");
  try {
    const step = Buffer.alloc(1 << 20);
    const zeros = Buffer.alloc(sectorBytes);
    let run: { readonly at: number; readonly sectors: Buffer[] } | undefined;
    const endRun = (): void => {
      if (run !== undefined) data[String(run.at)] = Buffer.concat(run.sectors).toString("base64");
      run = undefined;
    };
    for (let at = 0; at < bytes; at += step.length) {
      const length = readSync(fd, step, 0, step.length, at);
      for (let i = 0; i < length; i += sectorBytes) {
        const sector = step.subarray(i, Math.min(length, i + sectorBytes));
        if (sector.equals(zeros.subarray(0, sector.length))) endRun();
        else {
          run ??= { at: at + i, sectors: [] };
          run.sectors.push(Buffer.from(sector));
        }
      }
    }
    endRun();
  } finally {
    closeSync(fd);
  }
  return { v: 1, check, why, bytes, data };
}

/** As it stands in a file: keys sorted, one to a line. */
export function storedStateText(state: StoredState): string {
  const sorted: unknown = JSON.parse(canonicalJson(state));
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** Reads what `storedStateText` wrote; undefined for anything else. */
export function parseStoredState(text: string): StoredState | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("v" in value) || value.v !== 1) return undefined;
  if (!("check" in value) || !("why" in value) || !("bytes" in value) || !("data" in value)) return undefined;
  const { check, why, bytes, data } = value;
  if (typeof check !== "string" || typeof why !== "string" || typeof bytes !== "number") return undefined;
  if (typeof data !== "object" || data === null) return undefined;
  const entries = Object.entries(data).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { v: 1, check, why, bytes, data: Object.fromEntries(entries) };
}

/** What a checker is told to look at this one state. */
export function storedStateOrders({ bytes, data }: StoredState): Uint8Array {
  const orders = new Orders(bytes);
  for (const [at, content] of Object.entries(data)) {
    const sectors = Buffer.from(content, "base64");
    orders.apply(orders.piece(Number(at), sectors), 0, sectors.length);
  }
  orders.state([]);
  return orders.bytes();
}
