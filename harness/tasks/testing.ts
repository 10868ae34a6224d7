/** For tests only: a record that is closed by runs of the sample proof of the evidence room. */

/** `demand` is what closes it, line by line, as it stands below the proof's name; `why` is the text behind it. */
export function sampleRecord(demand: readonly string[], why = ""): string {
  return `---
id: sample
title: The sample is stored
status: active
milestone: m
priority: high
slice_class: behavior
depends_on: []
conflict_domains: []
write_scope: [kernel/]
hazards: []
closes_on:
  - proof: run-sample
${demand.map((line) => `    ${line}\n`).join("")}---
${why}`;
}
