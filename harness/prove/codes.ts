import { defineCodes } from "../base/index.ts";

export const proveCodes = defineCodes({
  CAPOS_PROVE_NOTHING: {
    exit: "nothing",
    summary: "No proof was selected, so nothing could be proved.",
    next: "name a proof, or use --all; `capos prove <Tab>` completes names",
  },
  CAPOS_PROVE_NO_PATH: {
    exit: "nothing",
    summary: "The proof does not declare the boot path that was asked for.",
    next: "ask for one of the paths that the proof declares, or add the path to its machine.boot",
  },
  CAPOS_PROVE_DISK: {
    exit: "host",
    summary: "The disk of a proof could not be made or read.",
    next: "look at the free space and the rights of .capos/runs",
  },
  CAPOS_PEER_START: {
    exit: "host",
    summary: "This host could not play a peer of a proof.",
    next: "read the reason above; a peer needs free ports of the loopback",
  },
  CAPOS_PROVE_TRACE: {
    exit: "host",
    summary:
      "The emulator's trace could not be brought together with the console, so no write could be placed in it.",
    next: "run it again; a kernel that writes to a second serial port cannot be recorded",
  },
  CAPOS_PROVE_CHECKER: {
    exit: "host",
    summary: "The checker of an on-disk format could not be run to its end.",
    next: "read its message above",
  },
  CAPOS_JUDGE_FILE: {
    exit: "usage",
    summary: "A console that is to be judged cannot be read.",
    next: "give the file of one boot's raw console, one for each boot of the proof",
  },
  CAPOS_EXPLAIN_UNKNOWN: {
    exit: "usage",
    summary: "`capos explain` was asked for an error code that does not exist.",
    next: "docs/errors.md lists all codes",
  },
});
