/**
 * The report as one HTML file: data, style and script inside, nothing to fetch. Guest text is hostile, so it never
 * stands in the markup: all data is gzip in base64, the page makes text nodes of it, and its own policy allows no
 * script but the one whose digest is named, no style but its own, and no request.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type * as Esbuild from "esbuild";
import { type Result, fail, ok, problem } from "../../base/index.ts";
import { reportCodes } from "../codes.ts";
import {
  consoleId,
  dataId,
  type PageBoot,
  type PageConsole,
  type PageData,
  type PageRun,
} from "../model/page-data.ts";
import type { BootReport, ConsolePart, ConsoleReport, History, RunReport } from "../model/types.ts";

export interface PageInput {
  /** One run, or two to compare, the earlier first. */
  readonly runs: readonly RunReport[];
  readonly history: History;
  readonly base: string | null;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
}

/** Most bytes of one console in a page, and of all of them; what is left out is said and linked. */
export const consoleLimits = { one: 1 << 20, all: 24 << 20 } as const;

/** Bytes that each console may have so that all of them stay within the page. */
export function consoleBudget(boots: number): number {
  return Math.max(64 << 10, Math.min(consoleLimits.one, Math.floor(consoleLimits.all / Math.max(1, boots))));
}

/** The page; `root` is the checkout, whose sources its script is made from. */
export async function htmlPage(input: PageInput, root: string): Promise<Result<string>> {
  const assets = await pageAssets(root);
  if (!assets.ok) return assets;
  const { script, style } = assets.value;
  const consoles: (readonly ConsolePart[])[] = [];
  const data: PageData = {
    v: 1,
    madeAt: input.madeAt,
    runs: input.runs.map((run) => pageRun(run, consoles)),
    history: input.history,
    base: input.base,
  };
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(script)}'`,
    `style-src '${digestOf(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return ok(
    [
      "<!doctype html>",
      '<html lang="en">',
      "<head>",
      '<meta charset="utf-8">',
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      '<meta name="color-scheme" content="light dark">',
      '<meta name="referrer" content="no-referrer">',
      '<link rel="icon" href="data:,">',
      "<title>capos report</title>",
      `<style>${style}</style>`,
      "</head>",
      "<body>",
      '<div id="app"><noscript>This report is drawn by its own script. `capos report show` tells the same in a terminal.</noscript></div>',
      packed(dataId, data),
      ...consoles.map((parts, i) => packed(consoleId(i), parts)),
      `<script>${script}</script>`,
      "</body>",
      "</html>",
      "",
    ].join("\n"),
  );
}

function pageRun(run: RunReport, consoles: (readonly ConsolePart[])[]): PageRun {
  const apart = ({ bytes, file, parts }: ConsoleReport): PageConsole => ({
    bytes,
    file,
    packed: consoles.push(parts) - 1,
  });
  const pageBoot = (boot: BootReport): PageBoot => ({
    ...boot,
    console: boot.console === null ? null : apart(boot.console),
    attached: boot.attached.map(apart),
  });
  return { ...run, cases: run.cases.map((one) => ({ ...one, boots: one.boots.map(pageBoot) })) };
}

function packed(id: string, value: unknown): string {
  const data = gzipSync(JSON.stringify(value), { level: 9 }).toString("base64");
  return `<script type="application/gzip" id="${id}">${data}</script>`;
}

interface Assets {
  readonly script: string;
  readonly style: string;
}

/** The page's own sources, bundled when a page is asked for: only then is the bundler loaded. */
async function pageAssets(root: string): Promise<Result<Assets>> {
  const page = join(root, "harness/report/page");
  try {
    const esbuild: typeof Esbuild = createRequire(join(root, "package.json"))("esbuild");
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(page, "main.ts"), join(page, "style.css")],
      bundle: true,
      write: false,
      outdir: ".",
      format: "iife",
      platform: "browser",
      target: ["es2022"],
      charset: "ascii",
      minify: true,
      legalComments: "none",
      logLevel: "silent",
    });
    const text = (end: string): string => outputFiles.find((f) => f.path.endsWith(end))?.text.trim() ?? "";
    const assets = { script: text(".js"), style: text(".css") };
    if (/<\/(?:script|style)/iu.test(assets.script + assets.style)) {
      return fail(problem(reportCodes, "CAPOS_REPORT_PAGE", "the page's own script would end its element"));
    }
    return ok(assets);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail(
      problem(reportCodes, "CAPOS_REPORT_PAGE", "the HTML report's script does not bundle", { detail }),
    );
  }
}

function digestOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
