/** Holds evidence against what a record closes on, and says of each thing that is missing what it is. */
import { type Problem, problem } from "../base/index.ts";
import type { BootPath } from "../contract/index.ts";
import type { StoredCase } from "../evidence/index.ts";
import { taskCodes } from "./codes.ts";
import type { RequiredLandmark, Requirement } from "./record.ts";

/** Why this case does not satisfy the requirement on this path; empty when it does. */
export function mismatches(requirement: Requirement, path: BootPath, stored: StoredCase): readonly Problem[] {
  const { started, verdict, inputs } = stored;
  const found: Problem[] = [];
  const add = (message: string, span = requirement.span): void => {
    found.push(missing(requirement, path, `${started.case.id}: ${message}`, span));
  };
  if (started.case.proof !== requirement.proof || started.case.path !== path) {
    add(`this is evidence for ${started.case.proof} on ${started.case.path}`);
  }
  const elsewhere = whyElsewhere(requirement, inputs);
  if (elsewhere !== undefined) add(elsewhere);
  // What was not proved has its own cause, and every landmark behind it would only repeat it.
  const proved = verdict.verdict === "proved";
  if (!proved) add(`it ended ${verdict.verdict}: ${verdict.cause}`);
  if (verdict.freshness === "none" || inputs.target === "record") {
    add("nothing shows that the console belongs to this run (freshness none)");
  }
  const forked = stored.boots.find(({ boot }) => boot.fork !== undefined)?.boot;
  if (forked?.fork !== undefined) found.push(mustBeCold(requirement, path, stored.started.case.id, forked));
  if (verdict.attempt !== 1) add(`it passed at attempt ${verdict.attempt}; a pass on retry closes nothing`);
  const { quarantine } = inputs.proof;
  if (quarantine !== undefined) {
    add(`its proof is quarantined (${quarantine.ticket}), and what is quarantined closes nothing`);
  }
  for (const landmark of proved ? requirement.landmarks : []) {
    for (const message of landmarkFaults(landmark, stored)) add(message, landmark.span);
  }
  return found;
}

/** What a machine on this host shows of an instance is how the service is documented, and not how it is. */
export function whyElsewhere(
  { target }: Requirement,
  { target: ran, provider }: Pick<StoredCase["inputs"], "target" | "provider">,
): string | undefined {
  if (target === undefined || (target === ran && (target !== "gce" || provider === "google")))
    return undefined;
  const where = ran === "gce" ? "the local provider" : ran;
  return `it ran on ${where}, and the record closes on ${target} alone`;
}

/** A boot that went on from a stored state closes nothing: nobody has seen this image come up. */
export function mustBeCold(
  requirement: Requirement,
  path: BootPath,
  id: string,
  { name, fork }: Pick<StoredCase["boots"][number]["boot"], "name" | "fork">,
): Problem {
  const from = `\`${fork?.landmark ?? ""}\` of ${fork?.proof ?? ""}`;
  const message = `${id}: boot \`${name}\` went on from ${from}; what closes a task must be powered on`;
  return missing(requirement, path, message, requirement.span, " --cold");
}

/** That something is missing, with the command that would make it. */
export function missing(
  requirement: Requirement,
  path: BootPath,
  message: string,
  span = requirement.span,
  flags = "",
): Problem {
  const command =
    requirement.target === "gce"
      ? `capos cloudboot ${requirement.proof} --boot ${path} --run` // The rest is a person's to fill in.
      : `capos prove ${requirement.proof} --boot ${path}${flags}`;
  const more = requirement.target === "gce" ? " as docs/cloudboot.md says" : "";
  const next = `\`npx ${command}\`${more}, then close again`;
  return problem(taskCodes, "CAPOS_TASK_EVIDENCE", message, { span, next });
}

function landmarkFaults(must: RequiredLandmark, stored: StoredCase): readonly string[] {
  const name = `${must.boot}.${must.landmark}`;
  const seen = stored.judgement.boots
    .filter((boot) => boot.name === must.boot)
    .flatMap((boot) => boot.landmarks.filter((l) => l.name === must.landmark));
  if (seen.length === 0) return [`landmark ${name} was not seen`];
  // A landmark that may stand more than once must satisfy the record in one place, not piece by piece.
  const faults = seen.map((landmark) =>
    Object.entries(must.captures).flatMap(([capture, value]) => {
      const is = landmark.captures[capture];
      if (is === value) return [];
      return [`${name}.${capture} is ${is ?? "not captured"}, and the record closes on ${value}`];
    }),
  );
  return faults.toSorted((a, b) => a.length - b.length)[0] ?? [];
}
