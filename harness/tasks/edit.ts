/** Edits of front matter that change the characters they mean and no others. */
import type { Source } from "./record.ts";

type Editable = Pick<Source, "text" | "status" | "end" | "eol">;

/** The record closed: its status replaced, and what closed it added behind the last field. */
export function withClosing(
  source: Editable,
  status: string,
  closed: { readonly commit: string; readonly at: string; readonly evidence?: readonly string[] },
): string {
  const lines = ["closed:", `  commit: ${closed.commit}`, `  at: ${closed.at}`];
  if (closed.evidence !== undefined)
    lines.push("  evidence:", ...closed.evidence.map((digest) => `    - ${digest}`));
  const { text, end, eol } = source;
  const [from, until] = source.status;
  // The status stands before the end of the front matter, so its offsets hold while the end is rewritten.
  return `${text.slice(0, from)}${status}${text.slice(until, end)}${lines.join(eol)}${eol}${text.slice(end)}`;
}
