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
  CAPOS_PROVE_NO_MEMORY: {
    exit: "host",
    summary: "A proof's machine needs more memory than this host has to give.",
    next: "run it on a larger host, free memory, or give the proof's machine less",
  },
  CAPOS_PROVE_KVM_LOST: {
    exit: "host",
    summary: "A guest under KVM died before its first line, and KVM no longer runs guests on this host.",
    next: "run again: with `prefer-kvm` the next run uses TCG; `capos doctor` says what is wrong with KVM",
  },
  CAPOS_PROVE_CACHE_DISAGREES: {
    exit: "notProved",
    summary: "A cached verdict was run again and came out otherwise.",
    next: "the case is flaky, or depends on something that is not declared; it is not answered from the cache again",
  },
  CAPOS_PROVE_REVISION: {
    exit: "usage",
    summary: "What has changed since a revision could not be found out.",
    next: "name a commit, a branch or a tag of this checkout; a shallow clone may not have it",
  },
  CAPOS_PROVE_HISTORY: {
    exit: "usage",
    summary: "A history file cannot be read.",
    next: "give a file as .capos/history.jsonl is; without --history this one is used",
  },
  CAPOS_PROVE_HISTORY_LINE: {
    exit: "invalid",
    summary: "A line of a history file that was given is no record of a case that was run.",
    next: "give a file as .capos/history.jsonl is, or remove the line",
  },
  CAPOS_PROVE_MILESTONE: {
    exit: "usage",
    summary: "A milestone that was to be proved does not exist.",
    next: "the folder tasks/milestones has them",
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
  CAPOS_EXPLAIN_UNKNOWN: {
    exit: "usage",
    summary: "`capos explain` was asked for an error code that does not exist.",
    next: "docs/errors.md lists all codes",
  },
  CAPOS_RECORD_OUTSIDE: {
    exit: "usage",
    summary:
      "A proof lets something from outside its machine reach the guest, which no recording can repeat.",
    next: "run it without --record, or record a proof without faults, typing and peers",
  },
  CAPOS_RECORD_HOST: {
    exit: "host",
    summary: "The files from which a boot could be run again could not be kept.",
    next: "look at the free space and the rights of .capos/runs",
  },
  CAPOS_REPLAY_NONE: {
    exit: "usage",
    summary: "There is no such run, or it was not recorded.",
    next: "record one with `capos prove NAME --record`; it prints the name of its run",
  },
  CAPOS_REPLAY_DAMAGED: {
    exit: "invalid",
    summary: "A recording is not what was recorded, so nothing can be concluded from a replay.",
    next: "record the run again",
  },
  CAPOS_REPLAY_EMULATOR: {
    exit: "tool",
    summary: "A recording was made by another version of the emulator.",
    next: "install the version that it names, or record the run again",
  },
  CAPOS_REPLAY_HOST: {
    exit: "host",
    summary: "The machine could not be prepared for a replay.",
    next: "read the emulator's message above",
  },
  CAPOS_DEBUG_UNKNOWN: {
    exit: "usage",
    summary: "A proof has no such boot, or the boot no such landmark.",
    next: "name a boot and a landmark that the proof declares, or `banner` or `entry`",
  },
  CAPOS_DEBUG_MISSED: {
    exit: "notProved",
    summary: "A machine that was to be looked at had gone before the landmark came.",
    next: "take an earlier landmark; `capos prove NAME` says how the boot ends",
  },
  CAPOS_SNAPSHOT: {
    exit: "host",
    summary: "The shared boot that a proof goes on from could not be stored or used.",
    next: "prove the shared proof by itself; with --cold nothing is stored",
  },
});
