import { longestFirst } from "../../prove/index.ts";
import { isMeasured } from "./plan-form.ts";
import { expectedMs, type Selected } from "./select.ts";

/** The selected cases in the order in which a run would start them. A `~` stands before what was never measured. */
export function listCases({ cases, expected }: Selected): string {
  const known = expected();
  const rows = longestFirst(
    cases,
    (one) => one.ref.id,
    (one) => expectedMs(one, known),
  ).map((one) => {
    const { id } = one.ref;
    return [
      `${isMeasured(one, known) ? "" : "~"}${seconds(expectedMs(one, known))}`,
      id,
      one.why ?? "",
    ] as const;
  });
  const width = Math.max("CASE".length, ...rows.map(([, id]) => id.length));
  const table = [["EXPECTED", "CASE", "WHY"] as const, ...rows];
  const lines = table.map(([ms, id, why]) => `${ms.padStart(9)}  ${id.padEnd(width)}  ${why}`.trimEnd());
  const sum = cases.reduce((ms, one) => ms + expectedMs(one, known), 0);
  const count = cases.length === 1 ? "1 case" : `${cases.length} cases`;
  return `${lines.join("\n")}\n\n${count}, ${seconds(sum)} if they ran one after the other.`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
