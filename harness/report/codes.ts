import { defineCodes } from "../base/index.ts";

export const reportCodes = defineCodes({
  CAPOS_REPORT_UNKNOWN_RUN: {
    exit: "usage",
    summary: "There is no stored run of this name, and no file or directory either.",
    next: "`ls .capos/runs` lists the runs; `latest` and `latest~1` name the newest two",
  },
  CAPOS_REPORT_EVENTS: {
    exit: "invalid",
    summary: "A stored event stream holds a line that is no event.",
    next: "the stream was changed after it was written: take it from where the run was made",
  },
  CAPOS_REPORT_EMPTY: {
    exit: "nothing",
    summary: "An event stream holds no event, so there is nothing to report.",
    next: "the run ended before it began; run it again",
  },
  CAPOS_REPORT_DUPLICATE: {
    exit: "invalid",
    summary: "Two shards ran the same case, so they are not shards of one run.",
    next: "merge each shard once; `capos report compare` is for two runs of the same cases",
  },
  CAPOS_REPORT_CONFLICT: {
    exit: "invalid",
    summary: "Two shards ran the same case and came to different verdicts.",
    next: "look at both with `capos report compare`; a verdict that depends on the machine is a finding of its own",
  },
  CAPOS_REPORT_WRITE: {
    exit: "host",
    summary: "A report could not be written.",
    next: "check that the folder exists, that it can be written and that the disk has room",
  },
  CAPOS_REPORT_EXISTS: {
    exit: "usage",
    summary: "What a merge would write is there already.",
    next: "name another directory, or remove this one",
  },
  CAPOS_REPORT_PAGE: {
    exit: "bug",
    summary: "The script of the HTML report does not bundle.",
    next: "mend the source named above; `npx tsc -p harness/report/page` shows all errors",
  },
});
