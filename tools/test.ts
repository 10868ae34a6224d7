/**
 * Every test, with one count at the end: the TypeScript suites (which include the real boots), the Rust
 * tests of the pure crates, and the Rust tests that use outside crates as oracles.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** What makes the compiler count edges and tell comparisons; kernel/fuzz/src/main.rs says more. */
const coverage = [
  "-Cpasses=sancov-module",
  ...["level=3", "inline-8bit-counters", "trace-compares"].map((o) => `-Cllvm-args=-sanitizer-coverage-${o}`),
].join(" ");

const ci = process.env["CI"] === "true";
const scratch = mkdtempSync(join(tmpdir(), "capos-test-"));
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

try {
  await checks();
  await rust("pure crates", [
    "--offline",
    "--locked",
    ...["abi", "core", "formats", "hosttools", "rt"].map((c) => `--package=capos-${c}`),
  ]);
  await rust("oracles and properties", ["--locked", "--manifest-path=kernel/hosttests/Cargo.toml"]);
  await rust("fuzzed parsers", ["--offline", "--locked", "--manifest-path=kernel/fuzz/Cargo.toml"], {
    RUSTFLAGS: coverage,
  });
  await vitest();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (total.failed > 0) process.exitCode = 1;
// Last of all, since the end is what is looked at first, and often all that is kept.
for (const failure of failures) say(`\nFAILED: ${failure}`);
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);

/** What must hold of the sources themselves; each counts as one test. */
async function checks(): Promise<void> {
  const tools: readonly (readonly [string, ...string[]])[] = [
    ["npx", "tsc", "-p", "."],
    ["npx", "oxlint", "harness", "cloud", "tools", "bin", "--no-error-on-unmatched-pattern"],
    ["npx", "oxfmt", "--check", "harness", "cloud", "tools", "bin"],
  ];
  for (const argv of tools) {
    const { status } = await run(argv);
    count(status === 0 ? { passed: 1 } : { failed: 1 });
    if (status !== 0) failures.push(argv.join(" "));
  }
}

async function rust(
  what: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  say(`== Rust: ${what}`);
  const target = `--target-dir=${join(".capos", "host")}`;
  const { status, output } = await run(["/usr/bin/cargo", "test", target, ...argv], {
    RUSTC: "/usr/bin/rustc",
    RUSTDOC: "/usr/bin/rustdoc",
    CARGO_TERM_COLOR: "never",
    ...env,
  });
  const results = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gmu)];
  for (const [, passed, failed, skipped] of results) {
    count({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) });
  }
  if (results.length > 0 && status === 0) return;
  failures.push(
    ...[...output.matchAll(/^---- .* ----\n[^]*?(?=\n\n)/gmu)].map(([text]) => `${what}: ${text}`),
  );
  const unreachable =
    /failed to (get|download|fetch)|Could not resolve host|no matching package|unable to update registry/iu.test(
      output,
    );
  if (results.length === 0 && unreachable && !ci) {
    say(`skipped: ${what}: its crates are neither cached nor to be had`);
    count({ skipped: 1 });
  } else if (!results.some(([, , failed]) => failed !== "0")) {
    failures.push(`cargo test (${what}) ended with status ${status}`);
    count({ failed: 1 });
  }
}

async function vitest(): Promise<void> {
  say("== TypeScript and real boots");
  const file = join(scratch, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const { status } = await run(["npx", "vitest", "run", ...reporters]);
  const report = readReport(file);
  count(report);
  failures.push(...report.failures);
  if (status !== 0 && report.failed === 0) {
    failures.push(`vitest ended with status ${status}`);
    count({ failed: 1 });
  }
}

/** What is read of vitest's report, which has the form of jest's. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function readReport(file: string): Count & { failures: string[] } {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  }
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    const place = relative(process.cwd(), name);
    if (failed.length === 0) return status === "failed" ? [`${place}: ${message ?? ""}`] : [];
    return failed.map((test) => `${place}: ${test.fullName}\n${(test.failureMessages ?? []).join("\n")}`);
  });
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
    failures: failures.map((text) =>
      stripVTControlCharacters(text)
        .replaceAll(/^ +at .*node_modules.*\n?/gmu, "")
        .slice(0, 4000),
    ),
  };
}

function count(more: Partial<Count>): void {
  total.passed += more.passed ?? 0;
  total.failed += more.failed ?? 0;
  total.skipped += more.skipped ?? 0;
}

function run(
  [program, ...argv]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, argv, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        output += text;
        process.stdout.write(text);
      });
    }
    child.on("error", (error) => resolve({ status: null, output: String(error) }));
    child.on("close", (status) => resolve({ status, output }));
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
