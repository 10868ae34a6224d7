import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fail, ok, problem, type Result } from "../base/index.ts";
import { imageInputs } from "../build/index.ts";
import { loadImage, loadProof } from "../manifest/index.ts";
import { createSupervisor, runTool } from "../process/index.ts";
import { judgeAgain } from "../evidence/index.ts";
import { declaredFor } from "../prove/index.ts";
import { type Deps, taskCodes } from "../tasks/index.ts";
import type { CliContext } from "./context.ts";
import { loadOptions } from "./tree.ts";

/** Runs `use` with what closing needs of the world: today's judge, today's inputs, git, the clock. */
export async function withTaskDeps(context: CliContext, use: (deps: Deps) => Promise<void>): Promise<void> {
  const { root } = context;
  const cacheDir = join(root, ".capos", "cache");
  const supervisor = createSupervisor(`task-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    await use({
      rejudge: judgeAgain,
      now: () => Date.now(),
      async current(name) {
        const proof = await loadProof(root, name);
        if (!proof.ok) return proof;
        const model = await loadImage(root, proof.value.image, loadOptions);
        if (!model.ok) return model;
        return ok(declaredFor(proof.value, imageInputs({ root, cacheDir }, model.value), { root, cacheDir }));
      },
      async git(args): Promise<Result<string>> {
        const ran = await runTool(supervisor, ["git", ...args], { cwd: root, deadlineMs: 60_000 });
        if (!ran.ok) return ran;
        if (ran.value.succeeded) return ok(ran.value.stdout.text);
        return fail(
          problem(taskCodes, "CAPOS_TASK_GIT", `git ${args[0] ?? ""} failed`, {
            detail: ran.value.stderr.text,
          }),
        );
      },
    });
  } finally {
    await supervisor.close();
  }
}
