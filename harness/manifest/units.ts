const durations: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
const sizes: Readonly<Record<string, number>> = { "": 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Milliseconds of "250ms", "5s" or "2m"; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  return scaled(/^(\d{1,6})(ms|s|m)$/u.exec(text), durations);
}

/** Bytes of "512", "64Ki", "16Mi" or "1Gi"; undefined for anything else, and beyond 2^53. */
export function parseSize(text: string): number | undefined {
  return scaled(/^(\d{1,12})(Ki|Mi|Gi|)$/u.exec(text), sizes);
}

function scaled(found: RegExpExecArray | null, units: Readonly<Record<string, number>>): number | undefined {
  const unit = units[found?.[2] ?? "-"];
  if (found === null || unit === undefined) return undefined;
  const value = Number(found[1]) * unit;
  return Number.isSafeInteger(value) ? value : undefined;
}
