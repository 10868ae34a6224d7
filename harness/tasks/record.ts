/** A task record: Markdown with YAML front matter (docs/tasks.md). Identity is `id`, never the path. */
import { type Result, type Span, err, ok } from "../base/index.ts";
import type { BootPath } from "../contract/index.ts";
import { type Reader, type Value, readFrontMatter } from "./front-matter.ts";

export const statuses = ["ready", "active", "review", "on-hold", "done"] as const;
export type TaskStatus = (typeof statuses)[number];
const priorities = ["high", "normal", "low"] as const;
const sliceClasses = ["behavior", "read-side-proof", "harness-hardening", "docs-status"] as const;
const bootPaths = ["direct", "bios", "uefi"] as const satisfies readonly BootPath[];

export interface TaskRecord {
  readonly id: string;
  readonly title: string;
  readonly status: TaskStatus;
  readonly milestone: string;
  readonly priority: (typeof priorities)[number];
  readonly sliceClass: (typeof sliceClasses)[number];
  readonly dependsOn: readonly Named[];
  readonly conflictDomains: readonly string[];
  readonly writeScope: readonly string[];
  readonly hazards: readonly string[];
  readonly closesOn: readonly Requirement[];
  /** Present exactly when the status is `on-hold`. */
  readonly onHold?: { readonly reason: string; readonly liftedBy: string };
  /** Present exactly when the status is `done`. */
  readonly closed?: Closed;
  readonly source: Source;
}

/** A name and where it is written. */
export interface Named {
  readonly name: string;
  readonly span: Span;
}

/** One proof that must stand in verified evidence, on each of these boot paths. */
export interface Requirement {
  readonly proof: string;
  readonly paths: readonly BootPath[];
  /** Where it must have been proved; anywhere when absent. `gce` is Google's service itself. */
  readonly target?: (typeof targets)[number];
  readonly landmarks: readonly RequiredLandmark[];
  readonly span: Span;
}

const targets = ["qemu", "gce"] as const;

export interface RequiredLandmark {
  readonly boot: string;
  readonly landmark: string;
  /** Values as they stand on the console. */
  readonly captures: Readonly<Record<string, string>>;
  readonly span: Span;
}

export interface Closed {
  readonly commit: string;
  /** UTC minute. */
  readonly at: string;
  /** Digests of bundles, in the order of the requirements and their paths. */
  readonly evidence: readonly string[];
  readonly span: Span;
}

/** Where a record stands and how it is written, for edits that keep every other character. */
export interface Source {
  /** Relative to the project root. */
  readonly file: string;
  readonly text: string;
  readonly idSpan: Span;
  readonly milestoneSpan: Span;
  readonly status: readonly [number, number];
  /** Offset at which further fields go: the closing `---`. */
  readonly end: number;
  readonly eol: "\n" | "\r\n";
}

const required = [
  "id",
  "title",
  "status",
  "milestone",
  "priority",
  "slice_class",
  "depends_on",
  "conflict_domains",
  "write_scope",
  "hazards",
  "closes_on",
];

/** Parses a record; all faults of the file are reported together. */
export function parseRecord(file: string, text: string): Result<TaskRecord> {
  const front = readFrontMatter(file, text);
  if ("code" in front) return err([front]);
  const { reader: r, parts } = front;
  const fields = r.root && r.fields(r.root, "the record", required, ["on_hold", "closed"]);
  if (fields === undefined) return err(r.problems);
  const read = <T>(name: string, reading: (node: Value) => T | undefined): T | undefined => {
    const node = fields.get(name);
    return node === undefined ? undefined : reading(node);
  };

  const id = read("id", (n) => slug(r, n, "id"));
  const title = read("title", (n) => r.text(n, "title"));
  const status = read("status", (n) => r.choice(n, "status", statuses));
  const milestone = read("milestone", (n) => slug(r, n, "milestone"));
  const priority = read("priority", (n) => r.choice(n, "priority", priorities));
  const sliceClass = read("slice_class", (n) => r.choice(n, "slice_class", sliceClasses));
  const dependsOn = read("depends_on", (n) =>
    r.list(n, "depends_on", (item) => named(r, item, "a dependency")),
  );
  const conflictDomains = read("conflict_domains", (n) =>
    r.list(n, "conflict_domains", (item) =>
      r.matching(
        item,
        "a conflict domain",
        /^(resource|interface|path):\S+$/u,
        "resource:…, interface:… or path:…",
      ),
    ),
  );
  const writeScope = read("write_scope", (n) =>
    r.list(n, "write_scope", (item) =>
      r.matching(item, "a path", /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))\S+$/u, "relative to the project root"),
    ),
  );
  const hazards = read("hazards", (n) => r.list(n, "hazards", (item) => slug(r, item, "a hazard")));
  const closesOn = read("closes_on", (n) => readRequirements(r, n));
  const onHold = read("on_hold", (n) => readHold(r, n));
  const closed = read("closed", (n) => readClosed(r, n));
  const statusNode = fields.get("status");
  if (statusNode !== undefined) {
    if ((status === "on-hold") !== fields.has("on_hold")) {
      r.refuse(statusNode, "on_hold with its reason stands in exactly the records whose status is on-hold");
    }
    if ((status === "done") !== fields.has("closed")) {
      r.refuse(statusNode, "only `capos task close` makes a record done, and writes closed into it");
    }
  }

  const complete = id && title && status && milestone && priority && sliceClass && closesOn && statusNode;
  if (r.problems.length > 0 || !complete) return err(r.problems);
  const milestoneNode = fields.get("milestone") ?? statusNode;
  return ok({
    id,
    title,
    status,
    milestone,
    priority,
    sliceClass,
    dependsOn: dependsOn ?? [],
    conflictDomains: conflictDomains ?? [],
    writeScope: writeScope ?? [],
    hazards: hazards ?? [],
    closesOn,
    ...(onHold === undefined ? {} : { onHold }),
    ...(closed === undefined ? {} : { closed }),
    source: {
      file,
      text,
      idSpan: r.spanOf(fields.get("id") ?? statusNode),
      milestoneSpan: r.spanOf(milestoneNode),
      status: r.rangeOf(statusNode),
      end: parts.end,
      eol: parts.eol,
    },
  });
}

export function slug(r: Reader, node: Value, what: string): string | undefined {
  return r.matching(node, what, /^[a-z0-9]+(-[a-z0-9]+)*$/u, "lower-case words joined by hyphens");
}

export function named(r: Reader, node: Value, what: string): Named | undefined {
  const name = slug(r, node, what);
  return name === undefined ? undefined : { name, span: r.spanOf(node) };
}

function readRequirements(r: Reader, node: Value): readonly Requirement[] | undefined {
  const all = r.list(node, "closes_on", (item) => readRequirement(r, item));
  if (all?.length === 0 && r.problems.length === 0) {
    return r.refuse(node, "closes_on must name at least one proof: only evidence closes a task");
  }
  return all;
}

function readRequirement(r: Reader, node: Value): Requirement | undefined {
  const fields = r.fields(node, "an item of closes_on", ["proof", "boot"], ["landmarks", "target"]);
  const proofNode = fields?.get("proof");
  const bootNode = fields?.get("boot");
  const landmarksNode = fields?.get("landmarks");
  const targetNode = fields?.get("target");
  if (proofNode === undefined || bootNode === undefined) return undefined;
  const proof = slug(r, proofNode, "proof");
  const paths = r.list(bootNode, "boot", (item) => r.choice(item, "a boot path", bootPaths));
  if (paths?.length === 0) r.refuse(bootNode, "boot must name at least one boot path");
  if (paths !== undefined && new Set(paths).size < paths.length)
    r.refuse(bootNode, "boot names a path twice");
  const entries = landmarksNode === undefined ? [] : r.entries(landmarksNode, "landmarks");
  const landmarks = (entries ?? []).map(({ key, name, value }) => readLandmark(r, key, name, value));
  const target = targetNode === undefined ? undefined : r.choice(targetNode, "a target", targets);
  if (paths === undefined || proof === undefined) return undefined;
  return {
    proof,
    paths,
    ...(target === undefined ? {} : { target }),
    landmarks: landmarks.filter((l) => l !== undefined),
    span: r.spanOf(proofNode),
  };
}

function readLandmark(r: Reader, key: Value, name: string, value: Value): RequiredLandmark | undefined {
  const parts = /^([a-z0-9-]+)\.([a-z0-9-]+)$/u.exec(name);
  if (parts?.[1] === undefined || parts[2] === undefined) {
    return r.refuse(key, `a landmark is named boot.landmark, not ${name}`);
  }
  const captures = (r.entries(value, name) ?? []).map(({ name: capture, value: must }) => {
    const text = r.text(must, `${name}.${capture}`);
    return text === undefined ? undefined : ([capture, text] as const);
  });
  return {
    boot: parts[1],
    landmark: parts[2],
    captures: Object.fromEntries(captures.filter((c) => c !== undefined)),
    span: r.spanOf(key),
  };
}

function readHold(r: Reader, node: Value): TaskRecord["onHold"] | undefined {
  const fields = r.fields(node, "on_hold", ["reason", "lifted_by"]);
  const [reason, lifted] = [fields?.get("reason"), fields?.get("lifted_by")];
  const texts = {
    reason: reason && r.text(reason, "reason"),
    liftedBy: lifted && r.text(lifted, "lifted_by"),
  };
  const { reason: why, liftedBy } = texts;
  return why === undefined || liftedBy === undefined ? undefined : { reason: why, liftedBy };
}

function readClosed(r: Reader, node: Value): Closed | undefined {
  const fields = r.fields(node, "closed", ["commit", "at", "evidence"]);
  const [commitNode, atNode, evidenceNode] = [
    fields?.get("commit"),
    fields?.get("at"),
    fields?.get("evidence"),
  ];
  if (!commitNode || !atNode || !evidenceNode) return undefined;
  const commit = readCommit(r, commitNode);
  const at = readMinute(r, atNode);
  const evidence = r.list(evidenceNode, "evidence", (item) =>
    r.matching(item, "a bundle", /^[0-9a-f]{64}$/u, "the digest of a bundle"),
  );
  if (commit === undefined || at === undefined || evidence === undefined) return undefined;
  return { commit, at, evidence, span: r.spanOf(node) };
}

export function readCommit(r: Reader, node: Value): string | undefined {
  return r.matching(node, "commit", /^[0-9a-f]{40}([0-9a-f]{24})?$/u, "a full commit id");
}

export function readMinute(r: Reader, node: Value): string | undefined {
  return r.matching(
    node,
    "at",
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/u,
    "a UTC minute such as 2026-01-31T12:00Z",
  );
}
