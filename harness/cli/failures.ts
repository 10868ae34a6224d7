import {
  ArgumentScannerError,
  type ApplicationText,
  formatMessageForArgumentScannerError,
  text_en,
} from "@stricli/core";
import { exitCodes, problem, type Problem, showProblems } from "../base/index.ts";
import { cliCodes } from "./own-codes.ts";
import { version } from "./version.ts";

/** What the file system of a host answers for reasons that lie with the host, not with the caller. */
const hostCauses = new Set(["EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO"]);

/** The problem that an exception comes to: the host's where its file system refused something, else a bug of ours. */
export function failureOf(exception: unknown): Problem {
  if (isHostFault(exception)) return problem(cliCodes, "CAPOS_HOST_FILE", exception.message);
  const detail = exception instanceof Error ? (exception.stack ?? exception.message) : String(exception);
  return problem(cliCodes, "CAPOS_BUG", `capos ${version} met a fault of its own`, { detail });
}

function isHostFault(exception: unknown): exception is NodeJS.ErrnoException {
  if (!(exception instanceof Error) || !("syscall" in exception) || !("code" in exception)) return false;
  // On a read-only file system Node answers a recursive mkdir with ENOENT.
  if (exception.syscall === "mkdir" && exception.code === "ENOENT") return true;
  return typeof exception.code === "string" && hostCauses.has(exception.code);
}

/** The command framework's text, with its errors told like all others. */
export const text: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) =>
    usage(`there is no command \`${input}\``, corrections, "`capos --help` lists all commands"),
  exceptionWhileParsingArguments: (exception) =>
    exception instanceof ArgumentScannerError ? misread(exception) : told(failureOf(exception)),
  exceptionWhileLoadingCommandFunction: (exception) => told(failureOf(exception)),
  exceptionWhileLoadingCommandContext: (exception) => told(failureOf(exception)),
  exceptionWhileRunningCommand: (exception) => told(failureOf(exception)),
  commandErrorResult: (error) => told(failureOf(error)),
};

/** The exit code of what a command has thrown. */
export function exitOfException(exception: unknown): number {
  return exitCodes[failureOf(exception).exit];
}

function misread(error: ArgumentScannerError): string {
  const message = formatMessageForArgumentScannerError(error, {
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, exception }) =>
      `${name}: ${exception instanceof Error ? exception.message : String(exception)}`,
    FlagNotFoundError: ({ input, corrections }) =>
      `there is no flag --${input}${corrections.map((one) => `, did you mean --${one}?`).join("")}`,
  });
  const [, said = message, meant] = /^(.*?), did you mean (.*?)\?/su.exec(message) ?? [];
  return usage(
    said.replace(/^[A-Z]/u, (first) => first.toLowerCase()),
    meant === undefined ? [] : [meant],
  );
}

function usage(message: string, corrections: readonly string[], otherwise?: string): string {
  const [close] = corrections;
  const next = close === undefined ? otherwise : `did you mean \`${close.replaceAll("`", "")}\`?`;
  return told(problem(cliCodes, "CAPOS_USAGE", message, next === undefined ? {} : { next }));
}

/** As `report` prints it; the framework ends the line. */
function told(failure: Problem): string {
  return showProblems([failure], () => undefined).trimEnd();
}
