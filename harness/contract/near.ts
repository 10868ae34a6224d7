import { unreachable } from "../base/index.ts";
import { allLandmarks } from "./chain.ts";
import type { BootJudgement, CauseKind, ConsoleLine } from "./judgement.ts";
import { matchLine } from "./match.ts";
import { align, shapeOf } from "./near-line.ts";
import { literalPrefix, mustParsePattern } from "./pattern.ts";
import type { Landmark, Proof } from "./types.ts";

/**
 * What a person needs on failure, as lines: the last landmark that was seen, the one that was awaited, the line
 * that comes nearest to it with the difference marked, and whether the text stands elsewhere: before the banner,
 * in the wrong order, in another boot. Looks at the beginning and the end of long consoles.
 */
export function reportMiss(
  proof: Proof,
  boots: readonly BootJudgement[],
  failed: BootJudgement,
  kind: CauseKind,
): readonly string[] {
  const last = failed.landmarks.at(-1);
  const out = [
    row("boot", `${failed.boot} (${failed.index + 1} of ${proof.boots.length}), ${failed.verdict}`),
    row("last landmark", last === undefined ? "none" : `${last.name}  ${place(last.offset, last.at.wallMs)}`),
  ];
  const where = failed.cause?.offset;
  const at = failed.excerpt.find((l) => l.offset === where);
  if (at !== undefined) out.push(row("found", at.text), row("", place(at.offset, failed.cause?.at.wallMs)));
  if (!asksForNearMiss(kind)) return out;
  if (failed.banner === undefined) return [...out, ...missedBanner(proof, failed)];
  out.push(...strangers(proof, failed));
  for (const landmark of awaitedLandmarks(proof, failed)) {
    out.push(
      row("awaited", `${landmark.name}: ${landmark.line}`),
      ...elsewhere(landmark, boots, failed),
      ...nearest(landmark, failed),
    );
  }
  return out;
}

/** Only where something is missing does it help to know what came near it. */
function asksForNearMiss(kind: CauseKind): boolean {
  switch (kind) {
    case "order":
    case "missing":
    case "unknown":
    case "unclear":
    case "status":
    case "ending":
    case "deadline":
    case "send":
    case "silence":
    case "exit":
    case "reset":
    case "panic":
    case "triple-fault":
      return true;
    case "harness":
    case "host":
    case "cloud":
    case "forbidden":
    case "duplicate":
    case "mismatch":
    case "peer":
    case "fault":
    case "crash":
    case "bound":
    case "identity":
    case "exit-code":
    case "device":
    case "interrupted":
    case "not-run":
      return false;
    default:
      return unreachable(kind);
  }
}

function awaitedLandmarks(proof: Proof, failed: BootJudgement): readonly Landmark[] {
  const spec = proof.boots[failed.index];
  return allLandmarks(spec?.chain ?? []).filter((l) => failed.awaited.includes(l.name));
}

function missedBanner(proof: Proof, failed: BootJudgement): readonly string[] {
  const banner = proof.guest?.banner ?? "capos kernel starting";
  const near = failed.excerpt.find((l) => l.text.includes(banner.split("<")[0] ?? banner));
  const lastLine = failed.excerpt.at(-1);
  if (near !== undefined)
    return [row("near", near.text), row("", `not a banner as it stands  ${place(near.offset)}`)];
  return lastLine === undefined ? [row("console", "empty")] : [row("last line", lastLine.text)];
}

/** The awaited text where it does not count. */
function elsewhere(
  landmark: Landmark,
  boots: readonly BootJudgement[],
  failed: BootJudgement,
): readonly string[] {
  const matches = (line: ConsoleLine): boolean => isLandmark(landmark, line);
  const out: string[] = [];
  const armedAt = failed.banner?.offset ?? 0;
  const lastAt = failed.landmarks.at(-1)?.offset ?? armedAt;
  for (const line of failed.excerpt.filter(matches).slice(0, 3)) {
    const why =
      line.offset < armedAt
        ? "before the banner, when nothing counts yet"
        : line.offset <= lastAt
          ? "in the wrong order: before what must precede it"
          : "behind the end of what was judged";
    out.push(row("seen", `${why}  ${place(line.offset)}`));
  }
  const inside = failed.excerpt.find((line) => line.offset > lastAt && endsAsLandmark(landmark, line));
  if (inside !== undefined) {
    out.push(
      row("seen", inside.text),
      row("", `as the end of another line, where it does not count  ${place(inside.offset)}`),
    );
  }
  for (const other of boots) {
    const line = other.boot === failed.boot ? undefined : other.excerpt.find(matches);
    if (line !== undefined)
      out.push(row("seen", `in another boot, \`${other.boot}\`  ${place(line.offset)}`));
  }
  return out;
}

/** Lines of this boot that are landmarks of another one: the boots may have been mixed up. */
function strangers(proof: Proof, failed: BootJudgement): readonly string[] {
  const own = new Set(allLandmarks(proof.boots[failed.index]?.chain ?? []).map((l) => l.line));
  const out: string[] = [];
  for (const boot of proof.boots) {
    for (const landmark of allLandmarks(boot.chain)) {
      if (own.has(landmark.line)) continue;
      const line = failed.excerpt.find(
        (l) => l.offset > (failed.banner?.offset ?? 0) && isLandmark(landmark, l),
      );
      if (line === undefined) continue;
      out.push(
        row("seen", line.text),
        row("", `\`${landmark.name}\` of boot \`${boot.name}\`  ${place(line.offset)}`),
      );
    }
  }
  return out.slice(0, 4);
}

function isLandmark(landmark: Landmark, line: ConsoleLine): boolean {
  const bytes = Buffer.from(line.text);
  return matchLine(mustParsePattern(landmark.line), bytes, 0, bytes.length) !== undefined;
}

/** What something else has begun and not ended: a prompt with its echo, half a line of a program that died. */
function endsAsLandmark(landmark: Landmark, line: ConsoleLine): boolean {
  const pattern = mustParsePattern(landmark.line);
  const [bytes, prefix] = [Buffer.from(line.text), literalPrefix(pattern)];
  if (prefix.length < 3) return false;
  for (let at = bytes.indexOf(prefix, 1); at > 0; at = bytes.indexOf(prefix, at + 1)) {
    if (matchLine(pattern, bytes, at, bytes.length) !== undefined) return true;
  }
  return false;
}

/** The nearest line with the difference marked, when one is near enough to be meant. */
function nearest(landmark: Landmark, failed: BootJudgement): readonly string[] {
  const shape = shapeOf(mustParsePattern(landmark.line));
  const from = failed.banner?.offset ?? 0;
  let best: { readonly line: ConsoleLine; readonly distance: number } | undefined;
  let limit = Math.max(2, Math.floor(shape.letterCount * 0.4));
  const seen = new Set<string>();
  for (const line of failed.excerpt) {
    if (line.offset <= from || seen.has(line.text)) continue;
    seen.add(line.text);
    const distance = align(shape, line.text, limit)?.distance;
    if (distance === undefined || distance === 0 || (best !== undefined && distance >= best.distance))
      continue;
    best = { line, distance };
    limit = distance;
  }
  if (best === undefined) return [];
  const marks = align(shape, best.line.text, best.distance)?.marks ?? "";
  return [row("nearest", best.line.text), row("", marks.trimEnd()), row("", place(best.line.offset))];
}

const columns = 15;

function row(head: string, text: string): string {
  return `${head.padEnd(columns)}${text}`.trimEnd();
}

function place(offset: number, wallMs?: number): string {
  return wallMs === undefined ? `(byte ${offset})` : `(byte ${offset}, ${(wallMs / 1000).toFixed(2)} s)`;
}
