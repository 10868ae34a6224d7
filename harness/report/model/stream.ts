/** Reading a stored event stream: the boundary between bytes on a disk and typed events. */
import { type Problem, type Result, err, ok, problem } from "../../base/index.ts";
import type { Event, EventHeader, EventType } from "../../events/index.ts";
import { reportCodes } from "../codes.ts";
import { type Kind, shapes } from "./shapes.ts";

export interface Stream {
  readonly events: readonly Event[];
  /** Events of types that this version does not know, with how often each came. */
  readonly strange: Readonly<Record<string, number>>;
  /** The last line ends in the middle: whoever wrote it died while writing. */
  readonly cut: boolean;
}

/** Reads `events.jsonl`; `file` names it in problems. */
export function readStream(text: string, file: string): Result<Stream> {
  const problems: Problem[] = [];
  const events: Event[] = [];
  const strange: Record<string, number> = {};
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  for (const [i, line] of lines.entries()) {
    if (line === "") continue;
    const value = parse(line);
    const wrong = faultOf(value);
    if (wrong !== undefined) {
      const span = { file, line: i + 1, col: 1 };
      problems.push(problem(reportCodes, "CAPOS_REPORT_EVENTS", `${file}: ${wrong}`, { span }));
    } else if (isEvent(value)) events.push(value);
    else if (isHeader(value)) strange[value.type] = (strange[value.type] ?? 0) + 1;
  }
  // A whole event without its line feed counts; half of one says that its writer died.
  const last = rest === "" ? undefined : parse(rest);
  if (isEvent(last)) events.push(last);
  if (problems.length > 0) return err(problems.slice(0, 5));
  if (events.length === 0) return err([problem(reportCodes, "CAPOS_REPORT_EMPTY", `${file} holds no event`)]);
  return ok({ events, strange, cut: rest !== "" && !isEvent(last) });
}

/** Why a line is no event, in a few words; undefined when it is one, known or not. */
function faultOf(value: unknown): string | undefined {
  if (!isHeader(value)) return "this line is no event";
  const shape = shapeOf(value.type);
  if (shape === undefined) return undefined;
  const wrong = Object.entries(shape).find(([name, kind]) => !isKind(Reflect.get(value, name), kind));
  return wrong === undefined ? undefined : `an event \`${value.type}\` needs \`${wrong[0]}\``;
}

function isEvent(value: unknown): value is Event {
  return isHeader(value) && shapeOf(value.type) !== undefined && faultOf(value) === undefined;
}

function isHeader(value: unknown): value is EventHeader & { readonly type: string } {
  return (
    isObject(value) &&
    value["v"] === 1 &&
    typeof value["type"] === "string" &&
    typeof value["at"] === "string" &&
    typeof value["run"] === "string" &&
    typeof value["seq"] === "number" &&
    typeof value["elapsedMs"] === "number"
  );
}

function shapeOf(type: string): Readonly<Record<string, Kind>> | undefined {
  return isKnown(type) ? shapes[type] : undefined;
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(shapes, type);
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "flag":
      return typeof value === "boolean";
    case "texts":
      return Array.isArray(value) && value.every((v) => typeof v === "string");
    case "dictionary":
      return isObject(value) && Object.values(value).every((v) => typeof v === "string");
    case "case":
      return isObject(value) && ["id", "proof", "path"].every((name) => typeof value[name] === "string");
    case "text?":
      return value === undefined || typeof value === "string";
    case "number?":
      return value === undefined || isKind(value, "number");
    case "span?":
      return value === undefined || isSpan(value);
    case "origin?":
      return (
        value === undefined ||
        (isObject(value) && [value["at"], value["run"]].every((v) => typeof v === "string"))
      );
    case "cases":
      return Array.isArray(value) && value.every((v) => isKind(v, "case"));
  }
}

function isSpan(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value["file"] === "string" &&
    typeof value["line"] === "number" &&
    typeof value["col"] === "number"
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
