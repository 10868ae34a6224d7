import { ok, type Result } from "../../base/index.ts";
import { type Figure, meets } from "../bench/measure.ts";
import { type BenchFlags, benchmarks } from "../commands/bench.ts";
import type { CliContext } from "../context.ts";

type Name = (typeof benchmarks)[number];

export async function bench(this: CliContext, flags: BenchFlags): Promise<void> {
  const figures: Figure[] = [];
  for (const name of flags.only ?? benchmarks) {
    this.process.stderr.write(`measuring ${name} …\n`);
    for (const measured of await measure(this.root, name, flags)) {
      if (!measured.ok) return this.report(measured.error);
      figures.push(measured.value);
      if (!flags.json) this.print(show(measured.value));
    }
  }
  if (flags.json) this.print(JSON.stringify({ v: 1, node: process.versions.node, figures }));
  if (!figures.every(meets)) this.exit("notProved");
}

async function measure(
  root: string,
  name: Name,
  { rounds, gib }: BenchFlags,
): Promise<readonly Result<Figure>[]> {
  switch (name) {
    case "help":
      return [ok((await import("../bench/startup.ts")).benchHelp(root, rounds))];
    case "prove":
      return [ok((await import("../bench/prove.ts")).benchProve(root, rounds))];
    case "edit":
      return [ok((await import("../bench/prove.ts")).benchEdit(root, Math.min(rounds, 5)))];
    case "judge": {
      const { benchJudging, benchLongConsole } = await import("../bench/judge.ts");
      // Memory first: what is measured later can only have grown.
      return [...(gib ? benchLongConsole(root) : []), benchJudging(root, rounds)];
    }
    case "image":
      return [await (await import("../bench/image.ts")).benchImage(root, rounds)];
  }
}

function show(figure: Figure): string {
  const { name, of, measured, budget, better, parts } = figure;
  const bound = better === "less" ? `at most ${budget}` : `at least ${budget}`;
  const detail = Object.entries(parts).map(([part, value]) => `${part} ${value.toFixed(1)}`);
  const word = meets(figure) ? "ok" : "MISSED";
  return `${word.padStart(6)}  ${name.padEnd(6)} ${measured.toFixed(2).padStart(7)}  ${bound}: ${of} (${detail.join(", ")})`;
}
