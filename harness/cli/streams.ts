import type { Streams } from "../report/index.ts";
import type { CliContext } from "./context.ts";

/** The command's two streams as a renderer knows them. */
export function streamsOf(context: Pick<CliContext, "process">): Streams {
  const { stdout, stderr } = context.process;
  return {
    out: (text) => void stdout.write(text),
    progress: (text) => void stderr.write(text),
    isTTY: { out: stdout.isTTY === true, progress: stderr.isTTY === true },
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    onResize: (changed) => {
      stdout.on?.("resize", changed);
      return () => void stdout.off?.("resize", changed);
    },
  };
}
