import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ok, type Problem, problem, type Result } from "../../base/index.ts";
import { type Files, openBundle, packCase, readBundle } from "../../evidence/index.ts";
import type { CliContext } from "../context.ts";
import type { CloudRoom } from "./room.ts";

/** One case of a cloud run, with everything that is sealed in it. */
interface Sealed {
  readonly shown: string;
  readonly run: string;
  readonly files: Files;
}

/**
 * Checks, without any network, what a run has stored of its calls. `what` is a run's id, for the cases below
 * `.capos/runs`, or the path of a bundle below the project root.
 */
export function validateRun(context: CliContext, cloud: CloudRoom, what: string): void {
  const { root } = context;
  const cases = what.endsWith(".tar") ? [bundled(root, what)] : casesOf(cloud, root, what);
  if (cases.length === 0) {
    const message = `there is no finished cloud run ${what} below .capos/runs`;
    return context.report([problem(cloud.cloudCodes, "CAPOS_CLOUD_RUN_UNKNOWN", message)]);
  }
  const problems: Problem[] = [];
  for (const one of cases) {
    if (!one.ok) problems.push(...one.error);
    else problems.push(...validated(context, cloud, one.value));
  }
  if (problems.length > 0) context.report(problems);
}

function validated(context: CliContext, cloud: CloudRoom, { shown, run, files }: Sealed): readonly Problem[] {
  const read = (name: string): string | undefined => {
    const bytes = files.get(`attached/${name}`);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
  };
  const told = (message: string): Problem =>
    problem(cloud.cloudCodes, "CAPOS_CLOUD_EVIDENCE", `${shown}: ${message}`);
  const names = ["cloud-journal.jsonl", "cloud-requests.jsonl", "cloud-teardown.json"] as const;
  const [journal, requests, teardown] = names.map(read);
  if (journal === undefined || requests === undefined || teardown === undefined) {
    const missing = names.filter((name) => read(name) === undefined);
    return [told(`${missing.join(", ")} is not there`)];
  }
  // What was reached from outside says so, and is held to more.
  const ingress = read("cloud-ingress.json");
  const records = { journal, requests, teardown };
  const faults =
    ingress === undefined
      ? cloud.privateRunFaults(run, records)
      : cloud.publicRunFaults(run, { ...records, ingress });
  if (faults.length === 0) {
    const count = requests.split("\n").length - 1;
    context.print(
      [
        `${shown}: a ${ingress === undefined ? "private" : "public"} run, in order`,
        `  ${count} requests, every one of them on the list, and each change behind its intent in the journal`,
        "  all that was made was looked for and found missing, and the lists read behind it are empty",
      ].join("\n"),
    );
  }
  return faults.map(told);
}

function bundled(root: string, file: string): Result<Sealed> {
  const opened = openBundle(root, file);
  if (!opened.ok) return opened;
  const { files } = readBundle(readFileSync(join(root, file)), file, undefined);
  return ok({ shown: file, run: opened.value.started.run, files });
}

/** The cases of a run that were on an instance. */
function casesOf(cloud: CloudRoom, root: string, run: string): readonly Result<Sealed>[] {
  const folder = join(root, ".capos", "runs", run);
  if (!cloud.runIdPattern.test(run)) return [];
  return namesIn(folder)
    .filter((name) => existsSync(join(folder, name, "attached", "cloud-journal.jsonl")))
    .map((name): Result<Sealed> => {
      const shown = `.capos/runs/${run}/${name}`;
      const packed = packCase(join(folder, name), shown);
      if (!packed.ok) return packed;
      return ok({ shown, run, files: readBundle(packed.value.bytes, shown, undefined).files });
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
