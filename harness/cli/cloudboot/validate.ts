import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { problem } from "../../base/index.ts";
import type { CliContext } from "../context.ts";
import type { CloudRoom } from "./room.ts";

/** Checks, without any network, what a finished run has stored of its calls. */
export function validateRun(context: CliContext, cloud: CloudRoom, run: string): void {
  const folder = join(context.root, ".capos", "runs", run);
  const cases = cloud.runIdPattern.test(run) ? casesOf(folder) : [];
  if (cases.length === 0) {
    const message = `there is no finished cloud run ${run} below .capos/runs`;
    return context.report([problem(cloud.cloudCodes, "CAPOS_CLOUD_RUN_UNKNOWN", message)]);
  }
  const problems = cases.flatMap((name) => {
    const attached = join(folder, name, "attached");
    const read = (file: string): string => readFileSync(join(attached, file), "utf8");
    const faults = cloud.privateRunFaults(run, {
      journal: read("cloud-journal.jsonl"),
      requests: read("cloud-requests.jsonl"),
      teardown: read("cloud-teardown.json"),
    });
    const said = faults.map((fault) =>
      problem(cloud.cloudCodes, "CAPOS_CLOUD_EVIDENCE", `${name}: ${fault}`),
    );
    if (said.length === 0) {
      context.print(
        `${name}: every request is on the list, all that was made is gone, and nothing is listed`,
      );
    }
    return said;
  });
  if (problems.length > 0) context.report(problems);
}

/** Cases of a run that have all three records. */
function casesOf(folder: string): readonly string[] {
  const wanted = ["cloud-journal.jsonl", "cloud-requests.jsonl", "cloud-teardown.json"];
  return namesIn(folder).filter((name) => {
    const there = namesIn(join(folder, name, "attached"));
    return wanted.every((file) => there.includes(file));
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
