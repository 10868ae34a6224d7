import { err, ok, type Result } from "../../../base/index.ts";

/** What each operation costs in guest instructions, in the order in which the guest said it. */
export type Figures = ReadonlyMap<string, number>;

/** Reads the lines of a measuring guest, ours or Linux'; an error sentence when it did not measure instructions to its end. */
export function readFigures(console: string): Result<Figures, string> {
  const lines = console.split("\n").map((line) => line.replace(/\r$/u, ""));
  const said = lines.flatMap((line) => (line.startsWith(label) ? [line.slice(label.length)] : []));
  const failed = said.find((line) => line.startsWith("failed"));
  if (failed !== undefined) return err(failed);
  const unit = said.map((line) => /^unit=(\w+) /u.exec(line)?.[1]).find((word) => word !== undefined);
  if (unit === undefined) return err("it has not said what it counts");
  if (unit !== "instructions") return err(`it counts ${unit} and not instructions`);
  if (!said.includes("done")) return err("it has not come to its end");
  return ok(
    new Map(
      said.flatMap((line) => {
        const [, name = "", cost = ""] = /^([a-z0-9-]+)=(\d+)$/u.exec(line) ?? [];
        return name === "" ? [] : [[name, Number(cost)] as const];
      }),
    ),
  );
}

const label = "[measure] ";
