import { commonLine } from "./ambiguity.ts";
import type { Report, ReportWithin } from "./check.ts";
import { parsePattern, type Pattern } from "./pattern.ts";
import type { Proof } from "./types.ts";

/** The words of a kernel that is not of this tree: that they can be read, and told from each other. */
export function checkSpeech(proof: Proof, report: Report, reportWithin: ReportWithin): void {
  if (proof.guest === undefined) return;
  const { banner, trailer, panic } = proof.guest;
  const lines = { banner, trailer, ...Object.fromEntries(panic.map((line, i) => [`panic.${i}`, line])) };
  const read = Object.entries(lines).flatMap(([name, line]): readonly (readonly [string, Pattern])[] => {
    const pattern = parseAt(line, `guest.${name}`, reportWithin);
    return pattern === undefined ? [] : [[name, pattern]];
  });
  for (const [i, [name, pattern]] of read.entries()) {
    const other = read.slice(0, i).find(([before, p]) => !isPanic(before, name) && meet(p, pattern));
    if (other === undefined) continue;
    const message = `a line could be both \`${other[0]}\` and \`${name}\` of the guest`;
    report("CAPOS_PROOF_AMBIGUOUS", message, `guest.${name}`);
  }
  const status = read.find(([name]) => name === "trailer")?.[1].captures.find((c) => c.name === "status");
  if (status !== undefined && status.type !== "int") {
    const message = `the \`status\` of a halt is a number, and here it is \`${status.type}\``;
    report("CAPOS_PROOF_TYPES", message, "guest.trailer", "capture it as `<status:int>`");
  }
}

/** Devices that the guest must have found: lines that can come, of devices that the machine is asked for, too. */
export function checkRequirements(proof: Proof, report: Report, reportWithin: ReportWithin): void {
  const { devices, enumerated = [] } = proof.requires;
  const nevers = [...proof.never, ...proof.boots.flatMap((b) => b.never.filter(isWhole))];
  for (const [i, { device, line }] of enumerated.entries()) {
    const path = `requires.enumerated.${i}`;
    const pattern = parseAt(line, `${path}.line`, reportWithin);
    if (!devices.includes(device)) {
      const message = `the guest must find \`${device}\`, but the machine is not asked whether it has one`;
      report("CAPOS_PROOF_DEAD", message, `${path}.device`, `name \`${device}\` in \`devices\`, too`);
    }
    if (enumerated.findIndex((other) => other.line === line) < i) {
      report("CAPOS_PROOF_DUPLICATE", `the line of \`${device}\` is required twice`, `${path}.line`);
    }
    const held = nevers.find(({ text }) => text !== "" && pattern !== undefined && holds(pattern, text));
    if (held !== undefined) {
      const message = `\`${held.text}\` is forbidden, and the required line of \`${device}\` holds it`;
      report("CAPOS_PROOF_CONTRADICTION", message, `${path}.line`);
    }
  }
}

function parseAt(line: string, path: string, report: ReportWithin): Pattern | undefined {
  const parsed = parsePattern(line);
  if (parsed.ok) return parsed.value;
  report("CAPOS_PROOF_PATTERN", parsed.error.message, path, parsed.error.at, parsed.error.length);
  return undefined;
}

/** Two ways to say that the guest has died need not differ. */
function isPanic(a: string, b: string): boolean {
  return a.startsWith("panic") && b.startsWith("panic");
}

function meet(a: Pattern, b: Pattern): boolean {
  return commonLine(a, b) !== undefined;
}

function isWhole(never: Proof["never"][number]): boolean {
  return never.from === undefined && never.until === undefined;
}

/** The text stands in what every line of this pattern says. */
export function holds(pattern: Pattern, text: string): boolean {
  return pattern.tokens.some((t) => t.kind === "literal" && Buffer.from(t.bytes).includes(text));
}
