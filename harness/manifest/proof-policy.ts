import { type Axes, isDay, type Proof, type Quarantine } from "../contract/index.ts";
import type { Cursor } from "./reader.ts";

/** Who answers for a proof that is known to fail, and until when; nothing where none is declared. */
export function readPolicy(proof: Cursor): Pick<Proof, "quarantine" | "warnUntil"> {
  const [quarantine, warnUntil] = [proof.field("quarantine"), proof.field("warnUntil")];
  return {
    ...(quarantine.present ? { quarantine: readQuarantine(quarantine) } : {}),
    ...(warnUntil.present ? { warnUntil: day(warnUntil) } : {}),
  };
}

function readQuarantine(quarantine: Cursor): Quarantine {
  return {
    reason: said(quarantine.field("reason")),
    ticket: said(quarantine.field("ticket")),
    owner: said(quarantine.field("owner")),
    until: day(quarantine.field("until")),
  };
}

function said(at: Cursor): string {
  const text = at.string();
  if (at.present && text.trim() === "") at.refuse("a quarantine says why, where it is followed and by whom");
  return text;
}

function day(at: Cursor): string {
  const text = at.string();
  return !at.present || isDay(text) ? text : at.refuse('a day is written "2026-01-31"', "");
}

/** The values of a field that may be one or a list of several; the first of them is the machine's own. */
export function readSeveral<T>(at: Cursor, read: (one: Cursor) => T): readonly T[] {
  if (!at.isList) return [read(at)];
  const all = at.list().map(read);
  if (all.length === 0) at.refuse("the list is empty");
  const again = all.find((value, i) => all.indexOf(value) < i);
  if (again !== undefined) at.refuse("a value stands in the list twice");
  return all;
}

/** The axes along which these values make a matrix: those with more than one. */
export function axesOf(cpus: readonly number[], memoryBytes: readonly number[]): Pick<Proof, "axes"> {
  const axes: Axes = {
    ...(cpus.length > 1 ? { cpus } : {}),
    ...(memoryBytes.length > 1 ? { memoryBytes } : {}),
  };
  return Object.keys(axes).length === 0 ? {} : { axes };
}
