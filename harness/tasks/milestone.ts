/** A milestone: what is claimed when its tasks are closed, and what is not (docs/tasks.md). */
import { type Result, type Span, err, ok } from "../base/index.ts";
import { Reader, type Value, readFrontMatter } from "./front-matter.ts";
import { type Named, type Source, named, readCommit, readMinute, slug } from "./record.ts";

export interface Milestone {
  readonly id: string;
  readonly title: string;
  readonly status: "open" | "closed";
  readonly tasks: readonly Named[];
  readonly claims: readonly string[];
  readonly nonClaims: readonly string[];
  /** Present exactly when the status is `closed`. */
  readonly closed?: { readonly commit: string; readonly at: string };
  readonly source: Omit<Source, "milestoneSpan">;
}

/** Parses a milestone; all faults of the file are reported together. */
export function parseMilestone(file: string, text: string): Result<Milestone> {
  const front = readFrontMatter(file, text);
  if ("code" in front) return err([front]);
  const { reader: r, parts } = front;
  const required = ["id", "title", "status", "tasks", "claims", "non_claims"];
  const fields = r.root && r.fields(r.root, "the milestone", required, ["closed"]);
  if (fields === undefined) return err(r.problems);
  const read = <T>(name: string, reading: (node: Value) => T | undefined): T | undefined => {
    const node = fields.get(name);
    return node === undefined ? undefined : reading(node);
  };
  const sentences = (n: Value, what: string): readonly string[] | undefined => {
    const all = r.list(n, what, (item) => r.text(item, "a sentence"));
    return all?.length === 0 ? r.refuse(n, `${what} must say at least one thing`) : all;
  };

  const id = read("id", (n) => slug(r, n, "id"));
  const title = read("title", (n) => r.text(n, "title"));
  const status = read("status", (n) => r.choice(n, "status", ["open", "closed"]));
  const tasks = read("tasks", (n) => r.list(n, "tasks", (item) => named(r, item, "a task")));
  const claims = read("claims", (n) => sentences(n, "claims"));
  const nonClaims = read("non_claims", (n) => sentences(n, "non_claims"));
  const closed = read("closed", (n) => readClosed(r, n));
  const statusNode = fields.get("status");
  if (statusNode !== undefined && (status === "closed") !== fields.has("closed")) {
    r.refuse(statusNode, "only `capos milestone close` closes a milestone, and writes closed into it");
  }

  const complete = id && title && status && tasks && claims && nonClaims && statusNode;
  if (r.problems.length > 0 || !complete) return err(r.problems);
  return ok({
    id,
    title,
    status,
    tasks,
    claims,
    nonClaims,
    ...(closed === undefined ? {} : { closed }),
    source: {
      file,
      text,
      idSpan: r.spanOf(fields.get("id") ?? statusNode),
      status: r.rangeOf(statusNode),
      end: parts.end,
      eol: parts.eol,
    },
  });
}

function readClosed(r: Reader, node: Value): Milestone["closed"] | undefined {
  const fields = r.fields(node, "closed", ["commit", "at"]);
  const [commitNode, atNode] = [fields?.get("commit"), fields?.get("at")];
  if (!commitNode || !atNode) return undefined;
  const [commit, at] = [readCommit(r, commitNode), readMinute(r, atNode)];
  return commit === undefined || at === undefined ? undefined : { commit, at };
}

/** `tasks/state.yaml`: the one milestone that is being worked on. */
export function parseState(
  file: string,
  text: string,
): Result<{ readonly name: string; readonly span: Span }> {
  const r = new Reader(file, text);
  const selected = r.root && r.fields(r.root, "the state", ["selected"])?.get("selected");
  const state = selected && named(r, selected, "the selected milestone");
  return state === undefined || r.problems.length > 0 ? err(r.problems) : ok(state);
}
