import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Admission } from "./admission.ts";
import type { Amount } from "./host.ts";
import { runPool, type Work } from "./pool.ts";

const host: Amount = { memoryBytes: 1000, cpus: 2 };

/** Time that passes only when everything waits: whatever ends first, ends then. */
class Ticks {
  readonly #due: { readonly at: number; readonly resolve: () => void }[] = [];
  now = 0;
  after(ms: number): Promise<void> {
    return new Promise((resolve) => this.#due.push({ at: this.now + ms, resolve }));
  }
  async run(until: Promise<void>): Promise<void> {
    const over = until.then(() => true);
    const turn = (): Promise<false> => new Promise((resolve) => setImmediate(() => resolve(false)));
    while (!(await Promise.race([over, turn()]))) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) continue;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.resolve();
    }
  }
}

const job = fc.record({
  memoryBytes: fc.integer({ min: 1, max: 1000 }),
  cpus: fc.constantFrom(0.25, 0.5, 1, 2, Infinity),
  ms: fc.integer({ min: 0, max: 50 }),
  prepareMs: fc.integer({ min: 0, max: 20 }),
});

test("everything is done once, memory is never promised twice, and nothing waits for ever", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (jobs, width) => {
        const ticks = new Ticks();
        const done: number[] = [];
        const running = new Set<number>();
        const works = jobs.map((one, i): Work => ({
          cost: one,
          prepare: () => ticks.after(one.prepareMs),
          async run() {
            running.add(i);
            const now = [...running].map((k) => jobs[k] ?? one);
            expect(now.reduce((sum, j) => sum + j.memoryBytes, 0)).toBeLessThanOrEqual(host.memoryBytes);
            if (now.length > 1) expect(now.reduce((sum, j) => sum + j.cpus, 0)).toBeLessThanOrEqual(2.2);
            expect(now.length).toBeLessThanOrEqual(width);
            await ticks.after(one.ms);
            running.delete(i);
            done.push(i);
            return [];
          },
        }));
        const options = { admission: new Admission(host), jobs: width, stopped: () => false };
        await ticks.run(runPool(works, options));
        expect(done.toSorted((a, b) => a - b)).toEqual(jobs.map((_, i) => i));
      },
    ),
    { numRuns: 60 },
  );
});

describe("the pool", () => {
  const works = (order: string[], ticks: Ticks, costs: Readonly<Record<string, readonly [number, number]>>) =>
    Object.entries(costs).map(([name, [cpus, ms]]): Work => ({
      cost: { memoryBytes: 1, cpus },
      prepare: () => Promise.resolve(),
      async run() {
        order.push(name);
        await ticks.after(ms);
        return [];
      },
    }));

  test("starts in the order given, and fills gaps with what comes behind", async () => {
    const order: string[] = [];
    const ticks = new Ticks();
    const all = works(order, ticks, { long: [1, 30], wide: [2, 10], small: [1, 10] });
    const options = { admission: new Admission(host), jobs: 9, stopped: () => false };
    await ticks.run(runPool(all, options));
    expect(order).toEqual(["long", "small", "wide"]);
  });

  test("lets a wide one wait for eight others, and no longer", async () => {
    const order: string[] = [];
    const ticks = new Ticks();
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`s${i}`, [1, 10 + i] as const]));
    const all = works(order, ticks, { first: [1, 5], wide: [2, 10], ...many });
    const options = { admission: new Admission(host), jobs: 9, stopped: () => false };
    await ticks.run(runPool(all, options));
    expect(order.indexOf("wide")).toBe(9);
  });

  test("prepares one after the other, beside what runs", async () => {
    const seen: string[] = [];
    const ticks = new Ticks();
    const all = ["a", "b"].map((name): Work => ({
      cost: { memoryBytes: 1, cpus: 1 },
      async prepare() {
        seen.push(`prepare ${name} at ${ticks.now}`);
        await ticks.after(10);
      },
      async run() {
        seen.push(`run ${name} at ${ticks.now}`);
        await ticks.after(100);
        return [];
      },
    }));
    await ticks.run(runPool(all, { admission: new Admission(host), jobs: 9, stopped: () => false }));
    expect(seen).toEqual(["prepare a at 0", "run a at 10", "prepare b at 10", "run b at 20"]);
  });

  test("lets a long preparation hold up only its own work", async () => {
    const order: string[] = [];
    let built: () => void = () => {};
    const compiler = new Promise<void>((resolve) => (built = resolve));
    const all = ["compiled", "kept"].map((name): Work => ({
      cost: { memoryBytes: 1, cpus: 1 },
      prepare: () => (name === "kept" ? Promise.resolve() : compiler),
      run() {
        order.push(name);
        // The compiler is done only when the other has run.
        built();
        return Promise.resolve([]);
      },
    }));
    await runPool(all, { admission: new Admission(host), jobs: 9, stopped: () => false });
    expect(order).toEqual(["kept", "compiled"]);
  });

  test("does what work leads to, and begins nothing once it is stopped", async () => {
    let left = 5;
    const again = (): Work => ({
      cost: { memoryBytes: 1, cpus: 1 },
      prepare: () => Promise.resolve(),
      run: () => Promise.resolve(--left > 0 ? [again()] : []),
    });
    await runPool([again()], { admission: new Admission(host), jobs: 1, stopped: () => left === 2 });
    expect(left).toBe(2);
  });

  test("passes a bug on", async () => {
    const broken: Work = {
      cost: { memoryBytes: 1, cpus: 1 },
      prepare: () => Promise.resolve(),
      run: () => Promise.reject(new Error("a bug")),
    };
    const options = { admission: new Admission(host), jobs: 1, stopped: () => false };
    await expect(runPool([broken], options)).rejects.toThrow("a bug");
  });
});
