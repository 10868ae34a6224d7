/** How numbers, times and verdicts are shown. */

export function seconds(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(3)} s`;
  return ms < 120_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A difference of times, with its sign. */
export function difference(ms: number): string {
  const sign = Math.abs(ms) < 0.5 ? "" : ms < 0 ? "−" : "+";
  return `${sign}${(Math.abs(ms) / 1000).toFixed(3)} s`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  return n < 1 << 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / (1 << 20)).toFixed(1)} MiB`;
}

/** The reader's own time zone; the exact moment stands in the element's title. */
export function when(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export interface VerdictLook {
  /** Shown with the word, so that colour is never the only sign. */
  readonly sign: string;
  readonly tone: "good" | "bad" | "died" | "slow" | "error" | "skip" | "busy";
}

export function lookOf(verdict: string): VerdictLook {
  switch (verdict) {
    case "proved":
      return { sign: "✓", tone: "good" };
    case "refuted":
      return { sign: "✗", tone: "bad" };
    case "guest-died":
      return { sign: "†", tone: "died" };
    case "no-progress":
      return { sign: "◷", tone: "slow" };
    case "filtered":
    case "not-run":
      return { sign: "–", tone: "skip" };
    case "running":
      return { sign: "…", tone: "busy" };
    default:
      return { sign: "!", tone: "error" };
  }
}

/** Order in which verdicts are listed: what needs a look comes first. */
export function rankOf(verdict: string): number {
  const order = [
    "guest-died",
    "refuted",
    "no-progress",
    "harness-error",
    "host-error",
    "cloud-error",
    "died",
  ];
  const at = order.indexOf(verdict);
  if (at >= 0) return at;
  return verdict === "proved" ? 20 : verdict === "running" ? 10 : 30;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
