import { defineCodes } from "../../base/index.ts";

export const benchCodes = defineCodes({
  CAPOS_BENCH_GUEST: {
    exit: "notProved",
    summary: "A guest that should say what its kernel's operations cost has not done so to its end.",
    next: "read its last words above; `capos prove run-measure` shows whether the operations work at all",
  },
  CAPOS_BENCH_BASELINE: {
    exit: "invalid",
    summary: "The stored baseline of instruction counts is missing or cannot be read.",
    next: "`capos bench kernel --update` writes it anew from what is measured",
  },
  CAPOS_BENCH_TRACE: {
    exit: "host",
    summary: "The instructions of an operation could not be followed one by one.",
    next: "run `capos bench kernel` without --where; the figures do not need it",
  },
});
