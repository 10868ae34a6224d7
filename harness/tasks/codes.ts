import { defineCodes } from "../base/index.ts";

export const taskCodes = defineCodes({
  CAPOS_TASK_SYNTAX: {
    exit: "invalid",
    summary: "The front matter of a record is not YAML, or is not there.",
    next: "begin the file with a block of YAML between two lines of `---` (docs/tasks.md)",
  },
  CAPOS_TASK_FIELD: {
    exit: "invalid",
    summary: "A record has a field that is not known, or lacks one that it needs.",
    next: "compare the record with the fields in docs/tasks.md",
  },
  CAPOS_TASK_VALUE: {
    exit: "invalid",
    summary: "A field of a record has a value that it cannot have.",
    next: "compare the value with the field's description in docs/tasks.md",
  },
  CAPOS_TASK_DUPLICATE: {
    exit: "invalid",
    summary: "Two records claim the same identity.",
    next: "give one of them another id; ids are never used again",
  },
  CAPOS_TASK_REFERENCE: {
    exit: "invalid",
    summary: "A record names a task or milestone that does not exist, or that does not name it back.",
    next: "correct the name, or add the record",
  },
  CAPOS_TASK_CYCLE: {
    exit: "invalid",
    summary: "Tasks depend on each other in a circle.",
    next: "remove one of the dependencies",
  },
  CAPOS_TASK_INTERRUPTED: {
    exit: "invalid",
    summary: "A task stands both open and closed, because its closing was interrupted.",
    next: "run `capos task close` on it again; it completes what was begun",
  },
  CAPOS_TASK_UNKNOWN: {
    exit: "usage",
    summary: "There is no record with this id.",
    next: "`capos task list` shows all ids",
  },
  CAPOS_TASK_NOT_READY: {
    exit: "notProved",
    summary: "The task cannot be closed in its present state.",
    next: "`capos task show` says what stands in its way",
  },
  CAPOS_TASK_EVIDENCE: {
    exit: "notProved",
    summary: "The evidence at hand does not show what the record closes on.",
    next: "prove again and read what is missing",
  },
  CAPOS_TASK_DIRTY: {
    exit: "notProved",
    summary: "The tree has changes outside tasks/, so no commit holds what was proved.",
    next: "commit or remove the changes, prove again, then close",
  },
  CAPOS_TASK_GIT: {
    exit: "tool",
    summary: "Git did not answer.",
    next: "run the tool inside a git checkout with at least one commit",
  },
  CAPOS_TASK_BUSY: {
    exit: "host",
    summary: "Another process is changing the records.",
    next: "wait for it to end, then run the command again",
  },
  CAPOS_TASK_WRITE: {
    exit: "host",
    summary: "A file below tasks/ could not be written.",
    next: "free some space or mend the permissions, then run the command again; it completes what was begun",
  },
  CAPOS_TASK_VIEW: {
    exit: "invalid",
    summary: "The generated view of the tasks does not fit the records.",
    next: "run `capos task status --write`; the view is never edited",
  },
});
