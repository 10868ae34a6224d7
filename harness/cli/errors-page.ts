import { type ExitName, exitCodes } from "../base/index.ts";
import { allCodeTables } from "./codes.ts";

const meanings: Readonly<Record<ExitName, string>> = {
  proved: "all that was selected is proved, or the command did what it was asked",
  notProved: "a proof was refuted, its guest died, or it made no progress",
  usage: "the command line makes no sense",
  invalid: "a manifest, a proof, a task record or stored evidence is invalid",
  nothing: "nothing was selected, or all of it was filtered or not run",
  build: "the build failed",
  tool: "a tool is missing",
  host: "the host or the cloud failed; the guest is not to blame",
  bug: "a bug in capos",
  interrupted: "stopped by SIGINT",
  terminated: "stopped by SIGTERM",
};

/** The text of docs/errors.md, made from the code tables of the rooms. */
export async function errorsPage(): Promise<string> {
  const exits = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${meanings[name as ExitName]} |`,
  );
  const codeTables = await allCodeTables();
  const rooms = Object.entries(codeTables).flatMap(([room, table]) => [
    `## ${room}`,
    "",
    "| code | exit | what it means | usually the next step |",
    "| --- | --- | --- | --- |",
    ...Object.entries(table).map(
      ([code, { exit, summary, next }]) =>
        `| \`${code}\` | ${exitCodes[exit]} | ${cell(summary)} | ${cell(next)} |`,
    ),
    "",
  ]);
  return [
    "# Errors and exit codes",
    "",
    "<!-- Made from the code tables of harness/ and cloud/; `CAPOS_UPDATE=1 npx vitest run harness/cli/errors-page.test.ts` makes it anew. -->",
    "",
    "Every error has a code, a place where there is one, one sentence and the next step. `capos explain CODE`",
    "prints what stands here.",
    "",
    "| exit | meaning |",
    "| --- | --- |",
    ...exits,
    "",
    "When a run has several causes the exit code is that of the first in the order 70, 7, 1, 4.",
    "",
    ...rooms,
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
