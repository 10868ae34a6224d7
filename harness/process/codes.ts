import { defineCodes } from "../base/index.ts";

export const processCodes = defineCodes({
  CAPOS_TOOL_MISSING: {
    exit: "tool",
    summary: "A program that this step needs is not installed, or not on PATH.",
    next: "run `capos setup`, which installs what is missing",
  },
  CAPOS_TOOL_START: {
    exit: "host",
    summary: "A program is installed, but the system refused to start it.",
    next: "run `capos doctor` to see what this machine lacks",
  },
});
