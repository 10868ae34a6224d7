/** The HTML report as a reader has it: in a browser, from a file. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunReport } from "./model/types.ts";
import { readRun } from "./model/directory.ts";
import { makePage, open, openBrowser, type Watched, type Window } from "./testing/browser.ts";
import { caseRef, nearMiss } from "./testing/events.ts";
import { scratchRoot, storeRun } from "./testing/stored.ts";

const { root, dispose } = scratchRoot();
let browser: Browser;
let file: string;
let compared: string;
let last: Watched | undefined;

/** Everything that a hostile guest could print to leave its place. */
const evil = [
  "</script><script>document.title='owned'</script>",
  "</span></div><img src=x onerror=\"document.title='owned'\"><svg onload=document.title='owned'>",
  "]]> <!-- --> {{7*7}} ${7*7} javascript:alert(1) &lt;b&gt;",
  "\u001b[2J\u001b]0;owned\u0007\u0000\u007f",
  "left \u202eright\u202c \u200bzero \ufeffbom",
].join("\n");
const evilBytes = Buffer.concat([
  Buffer.from(`boot\n${evil}\nbad utf8 `),
  Buffer.from([0xff, 0xc3, 0x28]),
  Buffer.from("\nmark\nlast\n"),
]);

const long = Array.from({ length: 400_000 }, (_, i) => `line ${i + 1} of a very long console`).join("\n");

beforeAll(async () => {
  browser = await openBrowser();
  const store = (run: string, digest: string): string =>
    storeRun(root, {
      run,
      exit: 1,
      more: [{ type: "accelerator", accelerator: "tcg", reason: "there is no /dev/kvm" }],
      cases: [
        {
          ref: caseRef("run-storage-persist"),
          boots: [
            {
              name: "store",
              console: `capos kernel starting\n[store] formatted\n[client] put sha256=${digest}\n${"[store] tick\n".repeat(80)}[client] committed\n`,
              marks: { mounted: "[store] formatted", put: "[client] put", committed: "[client] committed" },
              captures: { put: { digest } },
              actions: [
                {
                  source: "fault",
                  name: "cut",
                  detail: "power cut at put",
                  ok: true,
                  offset: 60,
                  wallMs: 20,
                },
                { source: "send", name: "login", detail: "typed root", ok: false, offset: 60, wallMs: 30 },
              ],
              attached: { "peer-http.jsonl": '{"request":"GET /bundle"}\n</pre><script>\u0000' },
            },
            {
              name: "read-back",
              console: "capos kernel starting\n[store] mounted\n",
              marks: { mounted: "[store]" },
            },
          ],
          end: {},
        },
        {
          ref: caseRef("run-storage-persist", "uefi"),
          boots: [
            {
              name: "store",
              console: "capos kernel starting\n[store] formatted\n",
              marks: { mounted: "[store]" },
            },
          ],
          end: { verdict: "refuted", cause: "boot `store`: `put` never came", report: nearMiss },
        },
        {
          ref: caseRef("run-evil"),
          boots: [
            {
              name: "only",
              console: evilBytes,
              marks: { [evil]: "mark" },
              captures: { [evil]: { [evil]: evil } },
            },
          ],
          end: { verdict: "guest-died", cause: evil, report: [evil] },
        },
        {
          ref: caseRef("run-long"),
          boots: [{ name: "only", console: long, marks: { middle: "line 200000 of" } }],
          end: {},
        },
        {
          ref: caseRef("run-kept"),
          boots: [],
          end: { cached: { at: "2026-11-20T05:00:00.000Z", run: "1799900000-0001" } },
        },
        {
          ref: caseRef("run-borne"),
          boots: [],
          end: { verdict: "no-progress", tolerated: "quarantined until 2026-12-01: too slow" },
        },
        { ref: caseRef("run-lost"), boots: [{ name: "only", console: "capos kernel starting\n" }] },
      ],
    });
  const read = (run: string): RunReport => {
    const report = readRun(root, join(root, ".capos/runs", run), { consoleBytes: 1 << 20 });
    if (!report.ok) throw new Error(report.error[0]?.message);
    return report.value;
  };
  store("1800000000-0001", "aa".repeat(32));
  store("1800000100-0002", "bb".repeat(32));
  const [one, two] = [read("1800000000-0001"), read("1800000100-0002")];
  file = await makePage(root, [two]);
  compared = await makePage(root, [one, two], "compare.html");
});

afterAll(async () => {
  await browser.close();
  dispose();
});

/** No test may leave a complaint: not a message, not an error, not a request. */
async function visit(hash = "", window: Window = {}, which = file): Promise<Page> {
  await last?.page.close();
  last = await open(browser, which, hash, window);
  return last.page;
}

function quiet(): void {
  expect(last?.complaints).toEqual([]);
}

const wide = async (page: Page): Promise<number> =>
  Number(await page.evaluate("document.scrollingElement.scrollWidth"));

test("it opens from a file, asks for nothing, and shows the matrix", async () => {
  const page = await visit();
  const headers = page.locator("table.matrix thead th");
  expect(await headers.allTextContents()).toEqual(["Proof", "direct tcg", "uefi tcg"]);
  expect(await page.locator("table.matrix .cell").count()).toBe(7);
  expect(await page.locator(".counts li").allTextContents()).toEqual([
    "1 † guest-died",
    "1 ✗ refuted",
    "1 ◷ no-progress",
    "1 ! died",
    "3 ✓ proved",
    "1 not counted",
    "1 cached",
  ]);
  // What needs a look stands first, in cards and in rows.
  expect(await page.locator(".card strong").allTextContents()).toEqual([
    "run-evil@direct",
    "run-storage-persist@uefi",
    "run-lost@direct",
    "run-borne@direct",
  ]);
  const badges = page.locator("table.matrix .badge");
  expect(await badges.nth(0).getAttribute("title")).toBe("quarantined until 2026-12-01: too slow");
  expect(await badges.nth(1).getAttribute("title")).toBe(
    "not run again: proved 2026-11-20T05:00:00.000Z in 1799900000-0001",
  );
  await page.locator("table.matrix .cell", { hasText: "refuted" }).click();
  expect(await page.locator("h1").textContent()).toBe("run-storage-persist@uefi ✗ refuted");
  expect(await page.locator(".story pre").textContent()).toContain("awaited        got");
  quiet();
});

test("a landmark leads to its line, and its line is an address", async () => {
  const page = await visit("#/case/run-storage-persist%40direct");
  await page.getByRole("button", { name: "committed", exact: true }).click();
  const line = page.locator(".line.current");
  expect(await line.locator(".text").textContent()).toBe("[client] committed");
  expect(await line.locator(".tag").textContent()).toBe("committed");
  const [box, pane] = [(await line.boundingBox())!, (await page.locator(".console").boundingBox())!];
  expect(box.y).toBeGreaterThanOrEqual(pane.y);
  expect(box.y + box.height).toBeLessThanOrEqual(pane.y + pane.height);
  expect(page.url()).toMatch(/#\/case\/run-storage-persist%40direct\/0\/84$/u);
  await visit("#/case/run-storage-persist%40direct/1/2");
  expect(await last!.page.locator(".line.current .text").textContent()).toBe("[store] mounted");
  quiet();
});

test("the time line has a row a boot, ticks that can be reached by key, and follows the console", async () => {
  const page = await visit("#/case/run-storage-persist%40direct");
  expect(await page.locator(".timeline text.boot").count()).toBe(2);
  const tick = page.getByRole("button", { name: /^put, / });
  await tick.focus();
  await page.keyboard.press("Enter");
  expect(await page.locator(".line.current .text").textContent()).toContain("[client] put");
  expect(await page.locator(".playhead[visibility=visible]").count()).toBe(1);
  quiet();
});

test("what was done to the machine stands on the time line, in the list and in the console", async () => {
  const page = await visit("#/case/run-storage-persist%40direct");
  expect(await page.locator(".timeline .action").count()).toBe(2);
  expect(await page.locator("tr.action").allTextContents()).toEqual([
    "0.020+0.016fault cut power cut at put",
    "0.030+0.010send login not done: typed root",
  ]);
  expect(await page.locator(".line.action .tag.action").allTextContents()).toEqual([
    "fault cut",
    "send login",
  ]);
  await page.locator("details.attached summary").click();
  await page.getByText("GET /bundle").waitFor();
  expect(await page.locator("details.attached pre").textContent()).toContain("</pre><script>\\x00");
  await page.locator("input.search").fill("get /bundle");
  expect(await page.locator(".result .where").first().textContent()).toBe("peer-http.jsonl:1");
  quiet();
});

test("a stretch of the time line is brought nearer, and all of it back", async () => {
  const page = await visit("#/case/run-storage-persist%40direct");
  const axis = (): Promise<string[]> => page.locator(".timeline text.axis").allTextContents();
  const all = await axis();
  const box = (await page.locator(".timeline svg").boundingBox())!;
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 100, { steps: 4 });
  await page.mouse.up();
  const near = await axis();
  expect(near).not.toEqual(all);
  expect(near).not.toContain(all[0]);
  await page.getByRole("button", { name: "The whole time" }).click();
  expect(await axis()).toEqual(all);
  await page.getByRole("button", { name: "Nearer" }).click();
  expect(await axis()).not.toEqual(all);
  quiet();
});

test("search finds lines in every console and leads to them", async () => {
  const page = await visit();
  await page.keyboard.press("/");
  await page.keyboard.type("FORMATTED");
  await page.locator(".result").nth(1).waitFor();
  await page.getByText("2 lines and 2 cases hold it.").waitFor();
  expect(await page.locator(".result mark").allTextContents()).toEqual(["formatted", "formatted"]);
  await page.locator(".result li a").first().click();
  expect(await page.locator(".line.current .text").textContent()).toBe("[store] formatted");
  await page.goBack();
  await page.locator("input.search").fill("nothing says this");
  await page.getByText("Nothing found.").waitFor();
  quiet();
});

test("two runs stand side by side: times, captures, consoles", async () => {
  const page = await visit("#/compare", {}, compared);
  expect(await page.locator("table.runs caption").textContent()).toBe("1 case of 7 differ in more than time");
  await page.locator("table.runs tr.differs a").click();
  await page.locator("table.marks").waitFor();
  expect(await page.locator("table.marks .capture.differs").textContent()).toBe(
    `digest: ${"aa".repeat(32)} ${"bb".repeat(32)}`,
  );
  const changed = page.locator("table.diff tr.differs");
  expect(await changed.count()).toBe(1);
  expect(await changed.locator("mark").allTextContents()).toEqual(["aa".repeat(32), "bb".repeat(32)]);
  await page.locator(".fold button").first().click();
  expect(await page.locator("table.diff tr").count()).toBeGreaterThan(80);
  quiet();
});

test.each([
  "",
  "#/case/run-evil%40direct",
  "#/search/owned",
  "#/compare/run-evil%40direct/run-long%40direct",
  "#/notes",
  "#/case/<img src=x onerror=alert(1)>",
])("hostile text is only text at %s", async (hash) => {
  const page = await visit(hash);
  await page.waitForTimeout(200);
  expect(await page.title()).toBe("capos: 1800000100-0002");
  expect(await page.locator("img, iframe, object, embed, form, base").count()).toBe(0);
  expect(await page.locator("script:not([type])").count()).toBe(1);
  const text = String(await page.evaluate("document.body.innerText"));
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/u);
  quiet();
});

test("a hostile console is shown byte for byte", async () => {
  const page = await visit("#/case/run-evil%40direct");
  const lines = await page.locator(".line .text").allTextContents();
  expect(lines).toEqual([
    "boot",
    ...evil.split("\n").slice(0, 3),
    "\\x1b[2J\\x1b]0;owned\\x07\\x00\\x7f",
    "left \\xe2\\x80\\xaeright\\xe2\\x80\\xac \\xe2\\x80\\x8bzero \\xef\\xbb\\xbfbom",
    "bad utf8 \\xff\\xc3(",
    "mark",
    "last",
  ]);
});

test("the page's policy lets in no other script, no markup and no request", async () => {
  const page = await visit();
  const attempt = (code: string): Promise<unknown> =>
    page.evaluate(`(async () => { ${code} })().then(() => document.title, (e) => String(e))`);
  await attempt(
    "const s = document.createElement('script'); s.textContent = 'document.title = 1'; document.body.append(s);",
  );
  await attempt("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=2\">');");
  await attempt("document.body.setAttribute('onclick', 'document.title = 3'); document.body.click();");
  expect(await attempt("await fetch('http://127.0.0.1:9/')")).toMatch(/Failed to fetch/u);
  expect(await page.title()).toBe("capos: 1800000100-0002");
  expect(last?.complaints.some((c) => c.startsWith("request"))).toBe(false);
});

test("a console of many megabytes is clipped with a note, and its landmark is reached", async () => {
  const page = await visit("#/case/run-long%40direct");
  expect(await page.locator(".gap").count()).toBe(2);
  expect(await page.locator(".gap").first().textContent()).toMatch(
    /^\d+ lines, [\d.]+ MiB left out: the whole console is in \.capos\/runs\//u,
  );
  expect(await page.locator(".gap a").first().getAttribute("href")).toMatch(
    /\.capos\/runs\/1800000100-0002\/run-long%40direct\/boots\/1-only\/console\.raw$/u,
  );
  // Only what is near the view has been made.
  expect(await page.locator(".line").count()).toBeLessThan(3000);
  await page.getByRole("button", { name: "middle", exact: true }).click();
  const line = page.locator(".line.current");
  expect(await line.locator(".no").textContent()).toBe("200000");
  expect(await line.locator(".text").textContent()).toBe("line 200000 of a very long console");
  expect(await line.isVisible()).toBe(true);
  quiet();
});

test("a case that was cut off says so", async () => {
  const page = await visit("#/case/run-lost%40direct");
  expect(await page.locator("h1").textContent()).toContain("! died");
  expect(await page.locator(".cause").textContent()).toBe("the run ended before this case did");
  quiet();
});

test.each([
  "",
  "#/case/run-storage-persist%40direct",
  "#/case/run-evil%40direct",
  "#/search/line",
  "#/compare/run-storage-persist%40direct/run-storage-persist%40uefi",
  "#/notes",
])("360 pixels are enough for %s", async (hash) => {
  const page = await visit(hash, { width: 360, height: 740 });
  await page.waitForTimeout(150);
  expect(await wide(page)).toBeLessThanOrEqual(360);
  quiet();
});

test("dark where the system is, and the other where the reader says so", async () => {
  const ground = (page: Page): Promise<unknown> =>
    page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
  const page = await visit("", { dark: true });
  expect(await ground(page)).toBe("rgb(15, 19, 24)");
  await page.getByRole("button", { name: "Switch to light colours" }).click();
  expect(await ground(page)).toBe("rgb(255, 255, 255)");
  quiet();
});

test("all is reachable by key, and has a name", async () => {
  const page = await visit();
  await page.keyboard.press("j");
  expect(await page.locator("h1").textContent()).toContain("run-evil");
  await page.keyboard.press("j");
  await page.locator("h1", { hasText: "run-storage-persist@uefi" }).waitFor();
  await page.keyboard.press("k");
  await page.locator("h1", { hasText: "run-evil" }).waitFor();
  await page.keyboard.press("n");
  expect(await page.locator(".line.current .text").textContent()).toBe("mark");
  await page.keyboard.press("m");
  await page.locator("table.matrix").waitFor();
  const nameless =
    "[...document.querySelectorAll('a, button, input, select, [role=button], [role=img]')].filter((e) => ((e.getAttribute('aria-label') ?? '') + e.textContent + (e.labels?.[0]?.textContent ?? '')).trim() === '').length";
  for (const hash of ["", "#/case/run-storage-persist%40direct", "#/compare"]) {
    const shown = await visit(hash);
    expect(await shown.evaluate(nameless), hash).toBe(0);
  }
  quiet();
});

test("printed, it is the view without its frame, and whole", async () => {
  const page = await visit("#/case/run-storage-persist%40direct");
  await page.emulateMedia({ media: "print" });
  expect(await page.locator(".sidebar").isVisible()).toBe(false);
  expect((await page.pdf()).length).toBeGreaterThan(10_000);
  expect(await page.locator(".line").count()).toBe(86);
  quiet();
});
