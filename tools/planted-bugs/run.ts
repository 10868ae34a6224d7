/**
 * Plants each mistake of bugs.json in a copy of the tree, one at a time, and says which host test notices it.
 *
 *   make planted-bugs [BUGS="NAME ..."]        from the checkout's root
 *
 * Ends with 1 when no test notices a mistake, or when one does not even compile.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { choose, describeNotice, noticed, packagesFor, planted, readBugs } from "./bugs.ts";
import type { Bug, Notice, Ran } from "./bugs.ts";

/** The longest that the tests of one mistake may take, their build included. */
const LIMIT_MS = 300_000;

const root = process.cwd();
const bugs = readBugs(readFileSync(join(root, "tools/planted-bugs/bugs.json"), "utf8"));
const chosen = choose(bugs, process.argv.slice(2));
const copy = mkdtempSync(join(tmpdir(), "capos-planted-"));

try {
  copyTree();
  for (const packages of new Set(chosen.map(({ file }) => packagesFor(file).join(" ")))) {
    const notice = noticed(await test(packages.split(" ")));
    if (notice.by !== "nobody") throw new Error(`${packages}: the tree itself does not pass its tests`);
  }
  let found = 0;
  for (const bug of chosen) {
    const notice = await plant(bug);
    if (notice.by === "tests" || notice.by === "the clock") found += 1;
    say(describeNotice(bug.name, notice));
  }
  say(`${found} of ${chosen.length} found`);
  if (found < chosen.length) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function copyTree(): void {
  const parts = ["Cargo.toml", "Cargo.lock", "kernel", "userspace"];
  const files = execFileSync("git", ["ls-files", "-z", ...parts], { encoding: "utf8" });
  for (const file of files.split("\0").filter((name) => name !== "")) {
    cpSync(join(root, file), join(copy, file), { recursive: true });
  }
}

async function plant(bug: Bug): Promise<Notice> {
  const path = join(copy, bug.file);
  const source = readFileSync(path, "utf8");
  const wrong = planted(source, bug);
  if (wrong === undefined) throw new Error(`${bug.name}: its place is not there, or not once`);
  writeFileSync(path, wrong);
  try {
    return noticed(await test(packagesFor(bug.file)));
  } finally {
    writeFileSync(path, source);
  }
}

function test(packages: readonly string[]): Promise<Ran> {
  const argv = ["test", "--offline", "--locked", "--lib", "--no-fail-fast"];
  const target = ["--target-dir", join(copy, "target")];
  return new Promise((resolve, reject) => {
    // A group of its own, so that a test program that never ends goes with cargo.
    const child = spawn("/usr/bin/cargo", [...argv, ...target, ...packages.map((p) => `--package=${p}`)], {
      cwd: copy,
      detached: true,
      env: { ...process.env, RUSTC: "/usr/bin/rustc", CARGO_TERM_COLOR: "never", RUST_BACKTRACE: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (more: string) => (text[name] += more));
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end();
    }, LIMIT_MS);
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    const interrupted = (): void => {
      end();
      process.exitCode = 130;
      reject(new Error("interrupted"));
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      resolve({ status: late ? undefined : (status ?? 1), ...text });
    });
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
