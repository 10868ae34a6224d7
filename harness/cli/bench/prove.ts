import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Figure, inTurns, median, timed } from "./measure.ts";

const proof = "run-storage-persist";

/** A warm proof, really booted, against the emulator alone on the same kernel, module and disk. */
export function benchProve(root: string, rounds: number): Figure {
  const prove = (): ReturnType<typeof timed> => proveOnce(root);
  const boots = bootsOf(root, prove().stdout);
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  try {
    const disk = join(scratch, "data.raw");
    const parts = inTurns(rounds, {
      prove: () => prove().ms,
      qemu: () => {
        writeFileSync(disk, "");
        truncateSync(disk, 16 * 2 ** 20);
        return boots.reduce(
          (sum, argv) => sum + timed(bare(argv, disk), { cwd: root, statuses: [33] }).ms,
          0,
        );
      },
      node: () => timed(["node", "-e", ""], { cwd: root }).ms,
    });
    const measured = (parts.prove - parts.qemu) / parts.node;
    return { name: "prove", of: "(warm prove - QEMU) / node", measured, budget: 6, better: "less", parts };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** An edited kernel file to its verdict, less what cargo and the emulator take themselves; in a copy of the tree. */
export function benchEdit(root: string, rounds: number): Figure {
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  try {
    const tree = join(scratch, "tree");
    cpSync(root, tree, {
      recursive: true,
      filter: (from) => !/\/(node_modules|\.capos|\.git|target)$/u.test(from),
    });
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
    const boots = bootsOf(tree, proveOnce(tree).stdout);
    const file = join(tree, "kernel/src/main.rs");
    const source = readFileSync(file, "utf8");
    const times: { all: number; cargo: number; qemu: number; node: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      // A value that the linker keeps: a comment alone would leave the same kernel.
      writeFileSync(file, `${source}\n#[used]\nstatic BENCH_ROUND: u32 = ${round};\n`);
      const ran = proveOnce(tree);
      const disk = join(scratch, "data.raw");
      writeFileSync(disk, "");
      truncateSync(disk, 16 * 2 ** 20);
      times.push({
        all: ran.ms,
        cargo: cargoMs(ran.stdout),
        qemu: boots.reduce((sum, argv) => sum + timed(bare(argv, disk), { cwd: tree, statuses: [33] }).ms, 0),
        node: timed(["node", "-e", ""], { cwd: root }).ms,
      });
    }
    const of = (name: "all" | "cargo" | "qemu" | "node"): number => median(times.map((t) => t[name]));
    const parts = { all: of("all"), cargo: of("cargo"), qemu: of("qemu"), node: of("node") };
    const measured = (parts.all - parts.cargo - parts.qemu) / parts.node;
    return {
      name: "edit",
      of: "(edit to verdict - cargo - QEMU) / node",
      measured,
      budget: 8,
      better: "less",
      parts,
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function proveOnce(root: string): ReturnType<typeof timed> {
  return timed(
    ["node", join(root, "bin/capos.mjs"), "prove", proof, "--boot", "direct", "--reporter", "json"],
    { cwd: root },
  );
}

/** The argument vectors of the run whose events these are. */
function bootsOf(root: string, events: string): readonly (readonly string[])[] {
  const run = /"dir":"(\.capos\/runs\/[^"/]+)"/u.exec(events)?.[1] ?? "";
  const boots = join(root, run, `${proof}@direct`, "boots");
  return readdirSync(boots)
    .toSorted()
    .map((name) => {
      const boot: { argv: string[] } = JSON.parse(readFileSync(join(boots, name, "boot.json"), "utf8"));
      return boot.argv;
    });
}

/** The same machine with nobody listening: no control channel, serial to nowhere, started at once, another disk. */
function bare(argv: readonly string[], disk: string): readonly string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "-S") continue;
    if (word === "-mon" || (word === "-chardev" && argv[i + 1]?.includes("id=qmp") === true)) {
      i += 1;
      continue;
    }
    out.push(
      word
        .replace(/^socket,id=serial,.*/u, "null,id=serial")
        .replace(/file\.filename=.*$/u, `file.filename=${disk}`),
    );
  }
  return out;
}

/** Wall time of the compiler, in milliseconds. */
function cargoMs(events: string): number {
  return Number(/"action":"cargo","cached":false,"ms":(\d+)/u.exec(events)?.[1] ?? 0);
}
