import { fail, ok, problem, type Problem, type Result } from "../../base/index.ts";
import { loadImage, listImages, type LoadOptions } from "../../manifest/index.ts";
import { runTool, type Supervisor } from "../../process/index.ts";
import { proveCodes } from "../codes.ts";
import { readCrates } from "./crates.ts";
import type { Filter } from "./select.ts";
import { type ImageShape, touchedBy, type TreeShape } from "./since.ts";

export interface ChangesContext {
  readonly root: string;
  readonly supervisor: Supervisor;
  readonly load: LoadOptions;
}

/** Cases whose declared inputs differ between a revision and the tree as it stands, unsaved work included. */
export async function sinceFilter(revision: string, context: ChangesContext): Promise<Result<Filter>> {
  const changed = await changedFiles(revision, context);
  if (!changed.ok) return changed;
  const touched = touchedBy(changed.value, await shapeOf(context));
  return ok({ asked: `--since ${revision}`, reason: ({ declared }) => touched(declared) });
}

/** Paths below the root of what has changed, been added, moved or removed since a revision. */
export async function changedFiles(
  revision: string,
  { root, supervisor }: Pick<ChangesContext, "root" | "supervisor">,
): Promise<Result<readonly string[]>> {
  const git = async (...args: readonly string[]): Promise<Result<readonly string[]>> => {
    const ran = await runTool(supervisor, ["git", ...args], {
      cwd: root,
      deadlineMs: 60_000,
      keepBytes: 1 << 26,
    });
    if (!ran.ok) return ran;
    if (!ran.value.succeeded) return fail(noRevision(revision, ran.value.stderr.text));
    return ok(ran.value.stdout.text.split("\0").filter((path) => path !== ""));
  };
  const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  if (!commit.ok) return commit;
  const hash = commit.value[0]?.trim() ?? "";
  const differing = await git("diff", "--name-only", "--no-renames", "--relative", "-z", hash, "--");
  if (!differing.ok) return differing;
  const added = await git("ls-files", "--others", "--exclude-standard", "-z");
  return added.ok ? ok([...new Set([...differing.value, ...added.value])].toSorted()) : added;
}

async function shapeOf({ root, load }: ChangesContext): Promise<TreeShape> {
  const images: ImageShape[] = [];
  for (const name of listImages(root)) {
    const model = await loadImage(root, name, load);
    if (!model.ok) {
      images.push({ name, sources: [], crates: [], broken: true });
      continue;
    }
    images.push({
      name,
      sources: model.value.sources.map((source) => source.path),
      crates: model.value.kind === "capos" ? model.value.binaries.map((binary) => binary.crate) : undefined,
    });
  }
  return { crates: readCrates(root), images };
}

function noRevision(revision: string, stderr: string): Problem {
  const message = `git cannot tell what has changed since \`${revision}\``;
  return problem(proveCodes, "CAPOS_PROVE_REVISION", message, stderr === "" ? {} : { detail: stderr });
}
