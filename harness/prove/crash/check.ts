import { fail, ok, problem, type Result } from "../../base/index.ts";
import { runTool, type Supervisor } from "../../process/index.ts";
import { proveCodes } from "../codes.ts";

/** What a checker says of one state. Equal contents: a reader could not tell the two apart. */
export type Checked =
  | { readonly ok: true; readonly contents: string; readonly text: string }
  | { readonly ok: false; readonly text: string };

/** How long a checker may take for one state and a little to start with; ours takes tenths of a millisecond. */
const perStateMs = 50;
const startMs = 30_000;

/** Runs a checker over the states that its orders ask for. */
export async function checkStates(
  supervisor: Supervisor,
  program: string,
  orders: Uint8Array,
  count: number,
  cancel?: AbortSignal,
): Promise<Result<readonly Checked[]>> {
  const lines: string[] = [];
  const ran = await runTool(supervisor, [program], {
    input: orders,
    ...(cancel === undefined ? {} : { cancel }),
    deadlineMs: startMs + count * perStateMs,
    onLine: (line, stream) => {
      if (stream === "stdout") lines.push(line);
    },
  });
  if (!ran.ok) return ran;
  if (!ran.value.succeeded || lines.length !== count) {
    const message = `the checker told of ${lines.length} of ${count} states`;
    return fail(problem(proveCodes, "CAPOS_PROVE_CHECKER", message, { detail: ran.value.stderr.text }));
  }
  const checked: Checked[] = [];
  for (const line of lines) {
    const one = parseChecked(line);
    if (one === undefined) {
      const message = `the checker said ${JSON.stringify(line)}, which is no answer`;
      return fail(problem(proveCodes, "CAPOS_PROVE_CHECKER", message));
    }
    checked.push(one);
  }
  return ok(checked);
}

/** `ok CONTENTS TEXT` or `bad TEXT`. */
export function parseChecked(line: string): Checked | undefined {
  const bad = /^bad (.+)$/u.exec(line)?.[1];
  if (bad !== undefined) return { ok: false, text: bad };
  const [, contents, text] = /^ok (\S+) (.+)$/u.exec(line) ?? [];
  return contents === undefined || text === undefined ? undefined : { ok: true, contents, text };
}
