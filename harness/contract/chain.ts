import type { ChainItem, Landmark } from "./types.ts";

/** What one more line of a landmark means at the place where a boot stands. */
export type ChainStep =
  /** `advanced`: its place in the chain is done, the group's with the last of its landmarks. */
  | { readonly kind: "awaited"; readonly advanced: boolean }
  | { readonly kind: "again" }
  | { readonly kind: "too-often"; readonly count: number; readonly atMost: number }
  | { readonly kind: "too-early"; readonly awaited: readonly string[] };

/** Where a boot stands in its chain of landmarks. */
export class ChainProgress {
  readonly #items: readonly (readonly Landmark[])[];
  readonly #counts = new Map<string, number>();
  #position = 0;

  constructor(chain: readonly ChainItem[]) {
    this.#items = chain.map(landmarksOf).filter((item) => item.length > 0);
  }

  see(name: string): ChainStep {
    const place = this.#items.findIndex((item) => item.some((l) => l.name === name));
    const landmark = this.#items[place]?.find((l) => l.name === name);
    if (landmark === undefined) throw new Error(`no landmark ${name}`);
    if (place > this.#position) return { kind: "too-early", awaited: this.awaited().map((l) => l.name) };
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (count > landmark.atMost) return { kind: "too-often", count, atMost: landmark.atMost };
    const before = this.#position;
    while (this.#position < this.#items.length && this.awaited().length === 0) this.#position++;
    return count === 1 ? { kind: "awaited", advanced: this.#position > before } : { kind: "again" };
  }

  hasSeen(name: string): boolean {
    return this.#counts.has(name);
  }

  /** What must come next; several only within a group; none when the chain is complete. */
  awaited(): readonly Landmark[] {
    return (this.#items[this.#position] ?? []).filter((l) => !this.#counts.has(l.name));
  }

  /** Distinct landmarks seen so far. */
  get seen(): number {
    return this.#counts.size;
  }

  get isComplete(): boolean {
    return this.#position === this.#items.length;
  }
}

export function landmarksOf(item: ChainItem): readonly Landmark[] {
  return item.kind === "one" ? [item.landmark] : item.landmarks;
}

export function allLandmarks(chain: readonly ChainItem[]): readonly Landmark[] {
  return chain.flatMap(landmarksOf);
}
