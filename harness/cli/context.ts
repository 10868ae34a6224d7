import type { CommandContext, StricliProcess } from "@stricli/core";
import { exitCodes, type ExitName, type Problem, showProblems, sourcesBelow } from "../base/index.ts";

/** What a command may touch of the world; a whole run of the command line is a unit test with another one. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess & { readonly stdout: Screen; readonly stderr: Screen };
  /** Absolute path of the checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** While a word is completed: the words before it. */
  readonly typed?: readonly string[];
  /** Sets the exit code; the last word is the command's. */
  exit(name: ExitName): void;
  exitWith(code: number): void;
  print(text: string): void;
  /** Prints problems on stderr and sets the exit code of the first. */
  report(problems: readonly Problem[]): void;
}

export interface Screen {
  readonly write: (text: string) => void;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly on?: (event: "resize", changed: () => void) => unknown;
  readonly off?: (event: "resize", changed: () => void) => unknown;
}

export function makeContext(
  process: CliContext["process"],
  options: { readonly root: string; readonly env: CliContext["env"] },
): CliContext {
  return {
    process,
    ...options,
    exit(name) {
      process.exitCode = exitCodes[name];
    },
    exitWith(code) {
      process.exitCode = code;
    },
    print(text) {
      process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    report(problems) {
      process.stderr.write(showProblems(problems, sourcesBelow(options.root)));
      const [first] = problems;
      if (first !== undefined) process.exitCode = exitCodes[first.exit];
    },
  };
}
