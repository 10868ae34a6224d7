/** Pages in Debian's Chromium, watched for whatever a page of ours must not do; only *.test.ts import this. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { writePage } from "../files.ts";
import { historyOf } from "../model/history.ts";
import type { RunReport } from "../model/types.ts";

const project = join(import.meta.dirname, "../../..");

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export interface Watched {
  readonly page: Page;
  /** Messages, errors, violations of the policy, and requests beyond the file itself. */
  readonly complaints: readonly string[];
}

export interface Window {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** Opens a page from the disk and waits until it is drawn. */
export async function open(browser: Browser, file: string, hash = "", window: Window = {}): Promise<Watched> {
  const { width = 1280, height = 900, dark = false } = window;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url.split("#")[0] !== `file://${file}` && !url.startsWith("data:"))
      complaints.push(`request: ${url}`);
  });
  await page.goto(`file://${file}${hash}`);
  await page.locator("main > *").first().waitFor();
  return { page, complaints };
}

/** Makes the page of one run or of two; its script comes from this checkout. */
export async function makePage(
  root: string,
  runs: readonly RunReport[],
  name = "report.html",
): Promise<string> {
  const file = join(root, name);
  const last = runs.at(-1);
  if (last === undefined) throw new Error("no run");
  const problems = await writePage(file, { runs, history: historyOf(root, last) }, project);
  const [first] = problems;
  if (first !== undefined) throw new Error(`${first.message}\n${first.detail ?? ""}`);
  return file;
}

/** A file of so many lines, each told by its number. */
export function longConsole(file: string, lines: number): void {
  writeFileSync(
    file,
    Array.from({ length: lines }, (_, i) => `line ${i + 1} of a very long console\n`).join(""),
  );
}
