import { defineCodes } from "../base/index.ts";

/** What can go wrong around every command; those of the launcher stand here for `capos explain`, too. */
export const cliCodes = defineCodes({
  CAPOS_USAGE: {
    exit: "usage",
    summary: "The command line makes no sense.",
    next: "`--help` behind the command shows what it takes",
  },
  CAPOS_HOST_FILE: {
    exit: "host",
    summary:
      "The host refused a file that a command needs: no room, no right, or a file system that is read-only.",
    next: "free some space, or make the place writable, then run the command again",
  },
  CAPOS_HOST_OUTPUT: {
    exit: "host",
    summary: "The standard output took no more, for another reason than a reader that went away.",
    next: "free some space where the output goes, then run the command again",
  },
  CAPOS_BUG: {
    exit: "bug",
    summary: "Capos met a fault of its own.",
    next: "report it with the text above and the command that you ran",
  },
  CAPOS_BUNDLE: {
    exit: "bug",
    summary: "The tool's own sources do not bundle.",
    next: "mend the source that is named; `npx tsc -p .` shows all errors",
  },
  CAPOS_NODE_TOO_OLD: {
    exit: "tool",
    summary: "This Node is older than what capos needs.",
    next: "install a newer Node, then run this again",
  },
  CAPOS_NOT_SET_UP: {
    exit: "tool",
    summary: "The npm packages of this checkout are not installed.",
    next: "run `make setup` in the project's root",
  },
});
