import type { EventType } from "../../events/index.ts";

/** What a field of an event must be; with a question mark it may also be absent. */
export type Kind = "text" | "number" | "flag" | "texts" | "dictionary" | "case" | "cases" | OptionalKind;

export type OptionalKind = "text?" | "number?" | "span?" | "origin?";

/**
 * What a renderer takes for granted of each event. Fields that are not named here are carried along, so that events of a
 * newer tool can be shown by an older one.
 */
export const shapes: Readonly<Record<EventType, Readonly<Record<string, Kind>>>> = {
  "run-started": { capos: "text", cases: "cases", dir: "text" },
  accelerator: { accelerator: "text", reason: "text" },
  "build-started": { image: "text", path: "text" },
  "build-action": { image: "text", action: "text", cached: "flag", ms: "number" },
  "build-progress": { image: "text", line: "text" },
  "build-finished": { image: "text", path: "text", digest: "text", ms: "number" },
  "case-started": { case: "case", title: "text", boots: "texts", dir: "text" },
  "boot-started": { case: "case", boot: "text", index: "number" },
  banner: { case: "case", boot: "text", wallMs: "number" },
  landmark: {
    case: "case",
    boot: "text",
    name: "text",
    captures: "dictionary",
    offset: "number",
    wallMs: "number",
    seen: "number",
    of: "number",
  },
  action: {
    case: "case",
    boot: "text",
    source: "text",
    name: "text",
    detail: "text",
    ok: "flag",
    offset: "number",
    wallMs: "number",
  },
  slow: { case: "case", boot: "text", awaiting: "text", ms: "number" },
  "boot-ended": { case: "case", boot: "text", how: "text", wallMs: "number" },
  "case-finished": {
    case: "case",
    verdict: "text",
    cause: "text",
    report: "texts",
    span: "span?",
    dir: "text",
    again: "text",
    ms: "number",
    cached: "origin?",
    tolerated: "text?",
  },
  mutants: {
    case: "case",
    total: "number",
    killed: "number",
    survivors: "texts",
    dead: "texts",
    untried: "texts",
    loose: "texts",
    ms: "number",
  },
  notice: { level: "text", text: "text" },
  problem: { code: "text", text: "text" },
  "run-finished": {
    passed: "number",
    failed: "number",
    skipped: "number",
    exit: "number",
    ms: "number",
    flaky: "number?",
    guestMs: "number?",
    cpuMs: "number?",
    cpus: "number?",
  },
};
