import { type ExitName, exitCodes } from "../base/index.ts";
import { allCodeTables } from "./codes.ts";
import { exitMeanings } from "./exit-codes.ts";

/** The text of docs/errors.md, made from the code tables of the rooms. */
export async function errorsPage(): Promise<string> {
  const exits = Object.entries(exitCodes).map(
    ([name, code]) => `| ${code} | ${exitMeanings[name as ExitName].page} |`,
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
