/** What a page carries. Written by formats/html.ts, read by page/data.ts. */
import type { BootReport, CaseReport, ConsolePart, History, RunReport } from "./types.ts";

/** Ids of the elements that hold packed data: gzip in base64, which no text can break out of. */
export const dataId = "capos-data";
export const consoleId = (number: number): string => `capos-console-${number}`;

export interface PageData {
  readonly v: 1;
  /** When the page was made; ISO 8601, UTC. */
  readonly madeAt: string;
  /** One run, or two to compare, the earlier first. */
  readonly runs: readonly PageRun[];
  /** Of the last run's cases. */
  readonly history: History;
  /** How the page's folder sees the checkout's root, ending in a slash or empty; null when artefacts are not linked. */
  readonly base: string | null;
}

export type PageRun = Omit<RunReport, "cases"> & { readonly cases: readonly PageCase[] };
export type PageCase = Omit<CaseReport, "boots"> & { readonly boots: readonly PageBoot[] };
export type PageBoot = Omit<BootReport, "console" | "attached"> & {
  readonly console: PageConsole | null;
  readonly attached: readonly PageConsole[];
};

/** A console without its text, which is unpacked when it is looked at. */
export interface PageConsole {
  readonly bytes: number;
  readonly file: string;
  /** Number of the element that holds its parts. */
  readonly packed: number;
}

export type PackedConsole = readonly ConsolePart[];
