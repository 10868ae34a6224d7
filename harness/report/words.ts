import type { CaseRef, EventBody } from "../events/index.ts";

/** Seconds to the millisecond, in a column that holds up to 9999 of them. */
export function seconds(ms: number): string {
  return `[${(ms / 1000).toFixed(3).padStart(8)}s]`;
}

/** Status words stand in one column and never change, so that they can be searched for. */
export function line(word: string, text: string): string {
  return `${word.padStart(12)} ${text}\n`;
}

/** What a terminal or a log shows of a finished case. */
export function verdictLine(event: Extract<EventBody, { type: "case-finished" }>): string {
  const cause = event.cause === "" ? "" : `: ${event.cause}`;
  return line(event.verdict.toUpperCase(), `${seconds(event.ms)} ${event.case.id}${cause}`);
}

/** The full story of a case that was not proved. */
export function failureText(event: Extract<EventBody, { type: "case-finished" }>): string {
  const ways = [`artefacts: ${event.dir}`, `again:     ${event.again}`];
  const lines = event.report.length === 0 ? ways : [...event.report, "", ...ways];
  return `${lines.map((l) => (l === "" ? "" : `    ${l}`)).join("\n")}\n\n`;
}

export function summaryLine(event: Extract<EventBody, { type: "run-finished" }>): string {
  const { passed, failed, skipped } = event;
  const words = [
    `${passed} proved`,
    ...(failed > 0 ? [`${failed} not proved`] : []),
    ...(skipped > 0 ? [`${skipped} not run`] : []),
  ];
  return line("SUMMARY", `${seconds(event.ms)} ${words.join(", ")}`);
}

export function bootName(ref: CaseRef, boot: string): string {
  return `${ref.id} ${boot}`;
}
