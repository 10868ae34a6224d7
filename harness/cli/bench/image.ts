import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, type Result, systemClock } from "../../base/index.ts";
import { buildCodes } from "../../build/index.ts";
import { problem } from "../../base/index.ts";
import { benchHybridDisk, makeGrubParts } from "../../image/index.ts";
import { createSupervisor, runTool } from "../../process/index.ts";
import { openArtifacts, openBuildCache } from "../artifacts.ts";
import { type Figure, median } from "./measure.ts";

/** A hybrid GPT disk of 1 GiB from built ELFs, against the same disk by mkfs.vfat, mtools, sfdisk and dd. */
export async function benchImage(root: string, rounds: number): Promise<Result<Figure>> {
  const scratch = mkdtempSync(join(tmpdir(), "capos-bench-"));
  const supervisor = createSupervisor(`bench-${process.pid}-${randomBytes(4).toString("hex")}`);
  const run = async (argv: readonly string[]): Promise<Result<unknown>> => {
    const [program = "", ...rest] = argv;
    const ran = await runTool(supervisor, [program, ...rest], { deadlineMs: 120_000 });
    if (!ran.ok || ran.value.succeeded) return ran;
    return fail(
      problem(buildCodes, "CAPOS_BUILD_FAILED", `${program} failed`, { detail: ran.value.stderr.text }),
    );
  };
  try {
    const cache = openBuildCache(root);
    const artifact = await openArtifacts(root, supervisor, () => {}, { cache }).get(
      "storage-persist",
      "direct",
    );
    if (!artifact.ok) return artifact;
    const grub = await makeGrubParts(run, join(scratch, "grub"));
    if (!grub.ok) return grub;
    const { built } = artifact.value;
    if (built.kind !== "capos") throw new Error("storage-persist is an image of this tree's kernel");
    const kernel = cache.objects.read(built.kernel);
    const spec = {
      name: built.name,
      kernel,
      bootModule: cache.objects.read(built.bootModule),
      grub: grub.value,
    };
    const done = await benchHybridDisk({
      spec,
      run,
      clock: systemClock,
      scratch: join(scratch, "disks"),
      rounds,
    });
    if (!done.ok) return done;
    const parts = { ours: median(done.value.ours), theirs: median(done.value.theirs) };
    const of = "hybrid 1 GiB disk / mtools, sfdisk, dd";
    return {
      ok: true,
      value: { name: "image", of, measured: done.value.ratio, budget: 0.25, better: "less", parts },
    };
  } finally {
    await supervisor.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
