import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ok, systemClock } from "../base/index.ts";
import { benchHybridDisk } from "./bench.ts";
import { fakeSpec, inDirectory, missingTools, must, tool } from "./testing.ts";

const missing = missingTools("sfdisk", "mkfs.vfat", "mmd", "mcopy", "dd");
test.skipIf(missing.length > 0)(
  `the other tools' disk holds the same files, and both are timed (missing: ${missing.join(", ") || "none"})`,
  async () => {
    await inDirectory(async (directory) => {
      const scratch = join(directory, "scratch");
      const run = async (argv: readonly string[]) => ok(tool(argv));
      const bench = must(
        await benchHybridDisk({ spec: fakeSpec(), run, clock: systemClock, scratch, rounds: 1 }),
      );
      expect(bench.ours.length).toBe(1);
      expect(bench.ratio).toBeCloseTo((bench.ours[0] ?? 0) / (bench.theirs[0] ?? 0));
      expect(existsSync(scratch)).toBe(false);
    });
  },
);
