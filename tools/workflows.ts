/**
 * Holds GitHub workflows against what GitHub accepts, and each of their commands against this tree: what stands in a
 * workflow must be something that a person can run here. Compact on purpose: what it does not know, it refuses.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A sentence about a fault, with where it is. */
export type Fault = string;

/** Says what is wrong with the words behind `capos`; undefined when they would be taken. */
export type CommandCheck = (words: readonly string[]) => Fault | undefined;

export interface WorkflowContext {
  /** The checkout that the workflow belongs to. */
  readonly root: string;
  readonly command: CommandCheck;
}

type Fields = Readonly<Record<string, unknown>>;

const topKeys = ["name", "run-name", "on", "permissions", "concurrency", "env", "defaults", "jobs"];
const jobKeys = [
  "name needs if runs-on container timeout-minutes outputs strategy env permissions environment steps",
  "concurrency continue-on-error defaults services",
].flatMap((words) => words.split(" "));
const stepKeys =
  "id name if uses run with env shell working-directory continue-on-error timeout-minutes".split(" ");
const events = "push pull_request schedule workflow_dispatch workflow_call release".split(" ");
const scopes =
  "actions attestations checks contents deployments id-token issues packages pages pull-requests".split(" ");

/** Everything that is wrong with a workflow; `name` is how its faults call it. */
export function checkWorkflow(name: string, text: string, context: WorkflowContext): readonly Fault[] {
  const faults: Fault[] = [];
  const tell = (at: string, message: string): void => void faults.push(`${name}: ${at}: ${message}`);
  let top: unknown;
  try {
    top = parse(text, { strict: true, uniqueKeys: true });
  } catch (error) {
    tell("$", error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
    return faults;
  }
  if (!isFields(top)) return [...faults, `${name}: $: must be a mapping`];
  unknownKeys(top, topKeys, "$", tell);
  checkEvents(top["on"], tell);
  checkPermissions(top["permissions"], "permissions", tell);
  const jobs = isFields(top["jobs"]) ? top["jobs"] : {};
  if (Object.keys(jobs).length === 0) tell("jobs", "there are none");
  for (const [id, job] of Object.entries(jobs)) {
    const at = `jobs.${id}`;
    if (!/^[a-zA-Z_][\w-]*$/u.test(id)) tell(at, "this cannot be the name of a job");
    if (isFields(job)) checkJob(job, at, jobs, tell, context);
    else tell(at, "must be a mapping");
  }
  for (const [, expression = ""] of text.matchAll(/\$\{\{(.*?)\}\}/gsu)) checkExpression(expression, tell);
  checkPins(text, tell);
  return faults;
}

type Tell = (at: string, message: string) => void;

function checkEvents(on: unknown, tell: Tell): void {
  const named =
    typeof on === "string"
      ? { [on]: null }
      : Array.isArray(on)
        ? Object.fromEntries(on.map((e) => [e, null]))
        : on;
  if (!isFields(named)) return tell("on", "must say when the workflow runs");
  unknownKeys(named, events, "on", tell);
  const { schedule } = named;
  for (const entry of Array.isArray(schedule) ? schedule : []) {
    const cron: unknown = isFields(entry) ? entry["cron"] : undefined;
    if (typeof cron !== "string" || !isCron(cron))
      tell("on.schedule", `${JSON.stringify(cron)} is no cron line`);
  }
}

function isCron(line: string): boolean {
  const limits = [
    [0, 59],
    [0, 23],
    [1, 31],
    [1, 12],
    [0, 6],
  ] as const;
  const fields = line.split(" ");
  return (
    fields.length === limits.length &&
    limits.every(([low, high], i) =>
      (fields[i] ?? "").split(",").every((part) => {
        const [, from, to] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/\d+)?$/u.exec(part) ?? [undefined, "x"];
        return [from, to].every((n) => n === undefined || (Number(n) >= low && Number(n) <= high));
      }),
    )
  );
}

function checkPermissions(permissions: unknown, at: string, tell: Tell): void {
  if (permissions === undefined) return;
  if (!isFields(permissions)) return tell(at, "must name each scope: the default gives more than is needed");
  unknownKeys(permissions, scopes, at, tell);
  for (const [scope, value] of Object.entries(permissions))
    if (!["read", "write", "none"].includes(String(value)))
      tell(`${at}.${scope}`, "must be read, write or none");
}

function checkJob(job: Fields, at: string, jobs: Fields, tell: Tell, context: WorkflowContext): void {
  unknownKeys(job, jobKeys, at, tell);
  checkPermissions(job["permissions"], `${at}.permissions`, tell);
  if (job["runs-on"] !== "ubuntu-latest") tell(at, "must run on ubuntu-latest");
  const minutes = job["timeout-minutes"];
  if (typeof minutes !== "number" || minutes > 360)
    tell(at, "needs timeout-minutes, or a hang costs six hours");
  const needs = wordsIn(job["needs"]);
  for (const other of needs) if (!Object.hasOwn(jobs, other)) tell(`${at}.needs`, `there is no job ${other}`);
  const steps = Array.isArray(job["steps"]) ? job["steps"] : [];
  if (steps.length === 0) tell(at, "has no steps");
  const ids: string[] = [];
  for (const [i, step] of steps.entries()) {
    if (isFields(step)) checkStep(step, `${at}.steps[${i}]`, tell, context);
    else tell(`${at}.steps[${i}]`, "must be a mapping");
    const id: unknown = isFields(step) ? step["id"] : undefined;
    if (typeof id === "string" && ids.includes(id)) tell(at, `has two steps ${id}`);
    if (typeof id === "string") ids.push(id);
  }
  const text = JSON.stringify(job);
  for (const [, id = ""] of text.matchAll(/\bsteps\.([\w-]+)\./gu))
    if (!ids.includes(id)) tell(at, `speaks of a step ${id} that it does not have`);
  for (const [, other = "", output] of text.matchAll(/\bneeds\.([\w-]+)\.(?:outputs\.([\w-]+)|result)/gu)) {
    if (!needs.includes(other)) tell(at, `speaks of the job ${other}, which it does not need`);
    const theirs: unknown = isFields(jobs[other]) ? jobs[other]["outputs"] : undefined;
    if (output !== undefined && !(isFields(theirs) && Object.hasOwn(theirs, output)))
      tell(at, `the job ${other} has no output ${output}`);
  }
}

function checkStep(step: Fields, at: string, tell: Tell, context: WorkflowContext): void {
  unknownKeys(step, stepKeys, at, tell);
  const { run, uses } = step;
  if ((run === undefined) === (uses === undefined)) return tell(at, "must have either `uses` or `run`");
  if (uses !== undefined) {
    if (typeof uses !== "string" || !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/u.test(uses))
      tell(at, `${JSON.stringify(uses)} is not pinned to a commit`);
    return;
  }
  if (step["with"] !== undefined) tell(at, "`with` belongs to `uses`");
  if (typeof run !== "string") return tell(at, "`run` must be text");
  for (const command of commandsIn(run)) {
    const fault = checkCommand(command, context);
    if (fault !== undefined) tell(at, fault);
  }
}

/** The simple commands of a step, those in `$( )` before the one around them. */
export function commandsIn(script: string): readonly string[] {
  const plain = script.replace(/\$\{\{.*?\}\}/gsu, "1");
  const inner = [...plain.matchAll(/\$\(((?:[^()"]|"[^"]*")*)\)/gu)].map((m) => m[1] ?? "");
  const outer = plain
    .replace(/\$\((?:[^()"]|"[^"]*")*\)/gu, "1")
    .split(/\n|&&|\|\||;/u)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return [...inner.flatMap(commandsIn), ...outer];
}

/** Programs that a step may run: the tool, the Makefile, and what is needed before either of them can start. */
function checkCommand(command: string, { root, command: check }: WorkflowContext): Fault | undefined {
  const [program = "", ...words] = wordsOf(command);
  switch (program) {
    case "npx":
      return words[0] === "capos" ? check(words.slice(1)) : `npx may run capos, not ${words[0] ?? "nothing"}`;
    case "make": {
      const makefile = readFileSync(join(root, "Makefile"), "utf8");
      const unknown = words.find((target) => !new RegExp(`^${target}:`, "mu").test(makefile));
      return unknown === undefined ? undefined : `the Makefile has no target ${unknown}`;
    }
    case ".ci/run":
      return existsSync(join(root, ".ci/run")) ? undefined : "there is no .ci/run";
    case "echo":
      return words.at(-2) === ">>" && words.at(-1) === "$GITHUB_OUTPUT"
        ? undefined
        : "echo may only write to $GITHUB_OUTPUT";
    case "apt-get":
      return undefined;
    case "git":
      return words[0] === "config" ? undefined : "git may only be configured";
    default:
      return `${program} is neither capos nor make: a person could not run the same`;
  }
}

/** Words as a shell splits them; quotes are taken off, variables stay as they are. */
export function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/gu)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/gu, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
}

const known =
  /^(?:github|inputs|matrix|needs|steps|env|runner)\.[\w.-]+$|^fromJSON\(needs\.[\w.-]+\)$|^\d+$/u;

function checkExpression(expression: string, tell: Tell): void {
  for (const term of expression.split("||").map((part) => part.trim()))
    if (!known.test(term))
      tell("expression", `\${{ ${expression.trim()} }} is more than a workflow here should need`);
}

/** A bare commit says nothing to a reader: its version stands behind it. */
function checkPins(text: string, tell: Tell): void {
  for (const [i, line] of text.split("\n").entries())
    if (/\buses:/u.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line))
      tell(`line ${i + 1}`, "an action is written `name@commit # vX.Y.Z`");
}

function unknownKeys(fields: Fields, allowed: readonly string[], at: string, tell: Tell): void {
  for (const key of Object.keys(fields)) if (!allowed.includes(key)) tell(at, `there is no key ${key}`);
}

function wordsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
