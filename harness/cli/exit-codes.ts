import { type ExitName, exitCodes } from "../base/index.ts";

interface Meaning {
  /** For docs/errors.md, where all commands are meant. */
  readonly page: string;
  /** For the help of a command that proves or judges. */
  readonly help: string;
}

/** What each exit code means: the one table that the page and the commands' help are made from. */
export const exitMeanings: Readonly<Record<ExitName, Meaning>> = {
  proved: {
    page: "all that was selected is proved, or the command did what it was asked",
    help: "all proved",
  },
  notProved: {
    page: "a proof was refuted, its guest died, or it made no progress",
    help: "refuted, guest-died or no-progress",
  },
  usage: { page: "the command line makes no sense", help: "usage" },
  invalid: {
    page: "a manifest, a proof, a task record or stored evidence is invalid",
    help: "an invalid manifest, proof, record or evidence",
  },
  nothing: {
    page: "nothing was selected, or all of it was filtered or not run",
    help: "nothing selected, or all of it filtered or not run",
  },
  build: { page: "the build failed", help: "the build failed" },
  tool: { page: "a tool is missing", help: "a tool is missing" },
  host: {
    page: "the host or the cloud failed; the guest is not to blame",
    help: "the host or the cloud failed",
  },
  bug: { page: "a bug in capos", help: "a bug in capos" },
  interrupted: { page: "stopped by SIGINT", help: "SIGINT" },
  terminated: { page: "stopped by SIGTERM", help: "SIGTERM" },
};

/** Most columns of a help text's line. */
const width = 112;

/**
 * The part of a help text that says what a command's exit codes mean: `true` as for all, a text where they mean
 * something of their own there. Without a line end behind it.
 */
export function exitHelp(meant: Readonly<Partial<Record<ExitName, string | true>>>): string {
  const names = Object.keys(exitCodes) as readonly ExitName[];
  const parts = names.flatMap((name) => {
    const text = meant[name];
    return text === undefined ? [] : [`${exitCodes[name]} ${text === true ? exitMeanings[name].help : text}`];
  });
  return wrapped(`Exit codes: ${parts.join("; ")}.`);
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
