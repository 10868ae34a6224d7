import { nearest } from "../base/index.ts";
import type { RendererWanted } from "../report/index.ts";
import type { CliContext } from "./context.ts";

/** Renderers that show the run as it goes; one of them is always there. */
const screens = ["auto", "live", "plain", "json"] as const;
const files = ["junit", "html", "json"] as const;

export type ReporterFlag =
  | { readonly kind: (typeof screens)[number] | "github" }
  | Extract<RendererWanted, { file: string }>;

/** What a reporter may be; of those that go to a file, what is before it. */
export const reporterWords = [...screens, "github", ...files.map((kind) => `${kind}=`)];

/** `plain`, `github`, `junit=report.xml`. */
export function parseReporter(input: string): ReporterFlag {
  const [name = "", ...rest] = input.split("=");
  const file = rest.length === 0 ? undefined : rest.join("=");
  const toFile = files.find((kind) => kind === name);
  if (file !== undefined && toFile !== undefined && file !== "") return { kind: toFile, file };
  if (file === undefined) {
    const screen = [...screens, "github" as const].find((kind) => kind === name);
    if (screen !== undefined) return { kind: screen };
    if (toFile !== undefined) throw new SyntaxError(`"${name}" needs a file: ${name}=FILE`);
  } else if (toFile === undefined && [...screens, "github"].some((kind) => kind === name)) {
    throw new SyntaxError(`"${name}" is shown as the run goes and takes no file`);
  }
  const words = [...screens, "github", "junit=FILE", "html=FILE", "json=FILE"];
  const close = nearest(name, [...screens, "github", ...files]);
  const hint = close === undefined ? "" : `, did you mean ${close}?`;
  throw new SyntaxError(`"${input}" is not one of ${words.join(", ")}${hint}`);
}

/** What the flags ask for; without a screen among them the one that fits where the output goes. */
export function chooseReporters(
  flags: readonly ReporterFlag[],
  context: Pick<CliContext, "process" | "env">,
): readonly RendererWanted[] {
  const shown = flags.filter((flag) => !("file" in flag) && flag.kind !== "github");
  const wanted = shown.length === 0 ? [{ kind: "auto" } as const, ...flags] : flags;
  return wanted.flatMap((flag): readonly RendererWanted[] =>
    "file" in flag ? [flag] : flag.kind === "auto" ? automatic(context, flags) : [{ kind: flag.kind }],
  );
}

/** On GitHub's runners failures also stand as annotations at the proofs' lines. */
function automatic(
  { process, env }: Pick<CliContext, "process" | "env">,
  flags: readonly ReporterFlag[],
): readonly RendererWanted[] {
  const { stdout, stderr } = process;
  if (env["GITHUB_ACTIONS"] === "true") {
    return flags.some((f) => f.kind === "github")
      ? [{ kind: "plain" }]
      : [{ kind: "plain" }, { kind: "github" }];
  }
  const ci = (env["CI"] ?? "") !== "";
  const terminal = stdout.isTTY === true && stderr.isTTY === true && env["TERM"] !== "dumb";
  return [{ kind: terminal && !ci ? "live" : "plain" }];
}
