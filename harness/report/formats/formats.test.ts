import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { verdicts } from "../../contract/index.ts";
import type { EventBody } from "../../events/index.ts";
import { foldEvents } from "../model/fold.ts";
import type { RunReport } from "../model/types.ts";
import { caseRef, type CaseFinished, finished, nearMiss, over, started, stream } from "../testing/events.ts";
import { githubRenderer } from "./github.ts";
import { junitXml } from "./junit.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-formats-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** Everything that could end, hide or start markup in one of the forms. */
const evil = "</script><b>\"'&amp;]]>\u0000\u001b[2J\u202e\ufffe\ud800|`*_%0A::error::,:\r\n# heading";

function run(ends: readonly Partial<CaseFinished>[]): RunReport {
  const refs = ends.map((_, i) => caseRef(`run-${i}`));
  const bodies: EventBody[] = [
    started(refs),
    ...refs.flatMap((ref, i): EventBody[] => [
      { type: "case-started", case: ref, title: `Title ${i}`, boots: ["only"], dir: "d" },
      { type: "boot-started", case: ref, boot: "only", index: 0 },
      finished(ref, ends[i]),
    ]),
    over({ exit: 1 }),
  ];
  return foldEvents({ events: bodies.map(stream()), strange: {} });
}

/** What xmllint finds wrong; it is Debian's libxml2-utils, installed by `capos setup --test`. */
function lint(xml: string): string {
  const file = join(dir, "report.xml");
  writeFileSync(file, xml);
  const schema = join(import.meta.dirname, "../testing/junit.xsd");
  const { status, stderr, error } = spawnSync("xmllint", ["--noout", "--schema", schema, file], {
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  return status === 0 ? "" : stderr;
}

test("JUnit XML of every verdict is what the schema accepts, each in its place", () => {
  const xml = junitXml(
    run([...verdicts, "died", "weather"].map((verdict) => ({ verdict, cause: `it is ${verdict}` }))),
  );
  expect(lint(xml)).toBe("");
  const outcome = (i: number): string | undefined =>
    /<(failure|error|skipped)/u.exec(
      xml.slice(xml.indexOf(`name="run-${i}@direct"`)).split("</testcase>")[0]!,
    )?.[1];
  expect(
    Object.fromEntries([...verdicts, "died", "weather"].map((v, i) => [v, outcome(i) ?? "passed"])),
  ).toEqual({
    proved: "passed",
    refuted: "failure",
    "guest-died": "failure",
    "no-progress": "failure",
    "harness-error": "error",
    "host-error": "error",
    "cloud-error": "error",
    filtered: "skipped",
    "not-run": "skipped",
    died: "error",
    weather: "error",
  });
  expect(xml).toContain('tests="11" failures="3" errors="5"');
  expect(xml).toContain('<skipped message="filtered: it is filtered"/>');
});

test("a failure that is borne is skipped with its reason, a cached verdict says where it is from", () => {
  const cached = { at: "2026-11-20T05:00:00.000Z", run: "1799900000-0001" };
  const xml = junitXml(
    run([
      { verdict: "refuted", cause: "got never came", tolerated: "quarantined until 2026-12-01" },
      { cached },
    ]),
  );
  expect(lint(xml)).toBe("");
  expect(xml).toContain(
    '<skipped message="refuted: got never came (not counted: quarantined until 2026-12-01)"/>',
  );
  expect(xml).toContain("cached: proved 2026-11-20T05:00:00.000Z in 1799900000-0001, not run again");
  const { out } = github([{ verdict: "refuted", cause: "x", tolerated: "quarantined" }]);
  expect(out).toMatch(/^::warning .*not counted: quarantined/u);
});

test("the schema is not content with anything", () => {
  const xml = junitXml(run([{ verdict: "refuted" }]));
  expect(lint(xml.replace('failures="1" errors', 'failures="one" errors'))).toContain("failures");
  expect(lint(xml.replace('type="refuted" ', ""))).toContain("type");
  expect(lint(xml.replace("<testcase ", "<case ").replace("</testcase>", "</case>"))).toContain("case");
});

test("guest text cannot leave its element, and XML's forbidden characters are written out", () => {
  const xml = junitXml(run([{ verdict: "refuted", cause: evil, report: [evil] }]));
  expect(lint(xml)).toBe("");
  expect(xml).toContain("&lt;/script&gt;");
  expect(xml).toContain("\\x00\\x1b[2J\\u{202e}\\u{fffe}\\u{d800}");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const made = junitXml(run([{ verdict: "refuted", cause: text, report: [text] }]));
      // What XML 1.0 calls a character.
      expect(made).toMatch(/^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      expect(made.match(/<testcase /gu)).toHaveLength(1);
    }),
  );
  expect(lint(junitXml(run([{ verdict: "refuted", report: ["\u{10ffff}\u0085\u2028"] }])))).toBe("");
});

function github(ends: readonly Partial<CaseFinished>[]): { out: string; page: string } {
  let out = "";
  const file = join(dir, "summary.md");
  rmSync(file, { force: true });
  const streams = { out: (t: string) => void (out += t), progress: () => {} };
  const renderer = githubRenderer(streams, { GITHUB_STEP_SUMMARY: file });
  const refs = ends.map((_, i) => caseRef(`run-${i}`));
  const bodies = [
    started(refs),
    ...refs.map((ref, i) => finished(ref, ends[i])),
    over({ exit: 1, ms: 1234 }),
  ];
  for (const event of bodies.map(stream())) renderer.on(event);
  return { out, page: readFileSync(file, "utf8") };
}

test("an annotation stands at the line of the proof that was missed", () => {
  const { out } = github([
    {
      verdict: "refuted",
      cause: "boot `read-back`: got never came",
      report: nearMiss.slice(0, 2),
      span: { file: "proofs/run-0.cue", line: 13, col: 4, endCol: 40 },
    },
    { verdict: "filtered", cause: "needs kvm" },
    {},
  ]);
  expect(out).toBe(
    "::error file=proofs/run-0.cue,line=13,col=4,endColumn=40,title=run-0@direct refuted::" +
      "boot `read-back`: got never came%0A%0Aboot           read-back (2 of 2), refuted%0A" +
      "last landmark  mounted  (byte 167, 0.10 s)%0A%0Aagain: capos prove run-0 --boot direct\n",
  );
});

test("guest text makes no second command and no markup", () => {
  const { out, page } = github([{ verdict: "refuted", cause: evil, report: [evil, "</pre></details>"] }]);
  expect(out.split("\n")).toHaveLength(2);
  expect(out).toContain("%250A::error::,:");
  expect(page).not.toMatch(/<\/script|<b>|^# heading/mu);
  expect(page.match(/<\/details>/gu)).toHaveLength(1);
  expect(page.match(/^\| run-0@direct \|/gmu)).toHaveLength(1);
});

test("the job's page has counts, a row a failure, and their stories", () => {
  const { page } = github([{}, { verdict: "refuted", cause: "got never came", report: ["nearest  x"] }]);
  expect(page).toMatchInlineSnapshot(`
    "### capos: 1 proved, 1 refuted

    1.2 s, exit code 1

    | case | verdict | cause |
    | --- | --- | --- |
    | run-1@direct | refuted | got never came |

    <details><summary>run-1@direct refuted</summary>

    <pre>nearest  x

    again: capos prove run-1 --boot direct</pre>
    </details>

    "
  `);
});

test("a thousand failures stay below what GitHub takes", () => {
  const report = Array.from({ length: 40 }, () => "x".repeat(200));
  const { page } = github(Array.from({ length: 1000 }, () => ({ verdict: "refuted", report })));
  expect(page.length).toBeLessThan(1_048_576);
  expect(page).toContain("More failures are left out");
});
