import { text } from "../parse.ts";

/** How somebody looks at a machine; `debug` and `replay` take the same words for it. */
export interface DebuggerFlags {
  readonly debugger?: string;
  readonly exec?: readonly string[];
}

export const debuggerFlags = {
  debugger: {
    kind: "parsed",
    parse: text,
    optional: true,
    brief: "The debugger's program; gdb without it",
    placeholder: "program",
  },
  exec: {
    kind: "parsed",
    parse: text,
    variadic: true,
    optional: true,
    brief: "A command of the debugger, which then runs without a terminal; may be given several times",
    placeholder: "command",
  },
} as const;
