/** A history file that somebody names: what is no history at all is told, where a run's own file is read as far as it goes. */
import { readFileSync } from "node:fs";
import { fail, ok, problem, type Result } from "../../base/index.ts";
import { proveCodes } from "../codes.ts";
import { oldOf } from "./file.ts";
import { type HistoryRecord, parseRecord } from "./record.ts";

/** How every record begins: a last line that begins so was cut off when its writer was killed. */
const beginning = '{"v":1,';

/** The records of a file and of what was set aside beside it; or where the first line is that is none. */
export function readGivenHistory(file: string): Result<readonly HistoryRecord[]> {
  const older = recordsOf(oldOf(file), textOf(oldOf(file)) ?? "");
  if (!older.ok) return older;
  const text = textOf(file);
  if (text === undefined) return fail(problem(proveCodes, "CAPOS_PROVE_HISTORY", `${file} cannot be read`));
  const newer = recordsOf(file, text);
  return newer.ok ? ok([...older.value, ...newer.value]) : newer;
}

function recordsOf(file: string, text: string): Result<readonly HistoryRecord[]> {
  const lines = text.split("\n");
  const records: HistoryRecord[] = [];
  for (const [i, line] of lines.entries()) {
    const record = parseRecord(line);
    const isTorn = i === lines.length - 1 && line.startsWith(beginning);
    if (record !== undefined) records.push(record);
    else if (line !== "" && !isTorn) {
      const span = { file, line: i + 1, col: 1 };
      return fail(
        problem(proveCodes, "CAPOS_PROVE_HISTORY_LINE", "the line is no record of a case that was run", {
          span,
        }),
      );
    }
  }
  return ok(records);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
