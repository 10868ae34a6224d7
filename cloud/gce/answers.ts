/** What the provider answers, as far as it is used. Everything else, and every wrong type, is left out. */

/** An operation of the provider: it has accepted a change, and may still fail. */
export interface Operation {
  readonly name: string;
  /** Of the zone that it runs in; global without. */
  readonly zone?: string;
  readonly done: boolean;
  /** Number of the resource that it works on. */
  readonly targetId?: string;
  /** First error of an operation that failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A resource that was found. */
export interface Found {
  readonly name: string;
  /** Another resource of the same name has another number. */
  readonly id: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly zone?: string;
  /** When the provider says that it was made, in Unix milliseconds. */
  readonly createdMs?: number;
}

export interface SerialPiece {
  readonly contents: string;
  /** Offset of the first byte, later than asked for when the provider has dropped some. */
  readonly start: number;
  /** What to ask for next. */
  readonly next: number;
}

export function readOperation(value: unknown): Operation | undefined {
  const name = textIn(value, "name");
  if (name === undefined || name === "") return undefined;
  const zone = lastPart(textIn(value, "zone"));
  const targetId = textIn(value, "targetId");
  const [first] = listIn(fieldOf(value, "error"), "errors");
  const code = textIn(first, "code");
  return {
    name,
    done: textIn(value, "status") === "DONE",
    ...(zone === undefined ? {} : { zone }),
    ...(targetId === undefined || targetId === "0" ? {} : { targetId }),
    ...(code === undefined ? {} : { error: { code, message: textIn(first, "message") ?? "" } }),
  };
}

export function readFound(value: unknown): Found | undefined {
  const [name, id] = [textIn(value, "name"), textIn(value, "id")];
  if (name === undefined || id === undefined) return undefined;
  const labels = Object.entries(Object(fieldOf(value, "labels"))).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const zone = lastPart(textIn(value, "zone"));
  const createdMs = Date.parse(textIn(value, "creationTimestamp") ?? "");
  return {
    name,
    id,
    status: textIn(value, "status") ?? "",
    labels: Object.fromEntries(labels),
    ...(zone === undefined ? {} : { zone }),
    ...(Number.isNaN(createdMs) ? {} : { createdMs }),
  };
}

export function readSerial(value: unknown): SerialPiece | undefined {
  const contents = textIn(value, "contents") ?? "";
  const [start, next] = [wholeIn(value, "start"), wholeIn(value, "next")];
  return start === undefined || next === undefined ? undefined : { contents, start, next };
}

/** Usage and limit of one quota of a region. */
export function readQuota(
  region: unknown,
  metric: string,
): { readonly limit: number; readonly usage: number } | undefined {
  const quota = listIn(region, "quotas").find((q) => textIn(q, "metric") === metric);
  const [limit, usage] = [fieldOf(quota, "limit"), fieldOf(quota, "usage")];
  return typeof limit === "number" && typeof usage === "number" ? { limit, usage } : undefined;
}

/** A list that goes on for ever must not be waited for: so many pages of 500 no project of ours has. */
export const mostPages = 100;

/** The token of the page behind the `read`th one; empty when there is none. */
export function nextPage(token: string | undefined, read: number): string {
  if (token !== undefined && token !== "" && read >= mostPages) throw new Error("the list does not end");
  return token ?? "";
}

export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([k]) => k === key)?.[1];
}

export function listIn(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}

export function textIn(value: unknown, key: string): string | undefined {
  const text = fieldOf(value, key);
  // 64-bit numbers come as text, smaller ones as numbers.
  return typeof text === "string" ? text : typeof text === "number" ? String(text) : undefined;
}

function wholeIn(value: unknown, key: string): number | undefined {
  const text = textIn(value, key);
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}

/** Resources name each other by URL. */
function lastPart(url: string | undefined): string | undefined {
  return url?.split("/").at(-1);
}
