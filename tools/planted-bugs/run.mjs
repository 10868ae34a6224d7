// Plants each mistake of bugs.json in a copy of the tree, one at a time, and says which host test finds it.
//
//   node tools/planted-bugs/run.mjs [NAME…]        from the checkout's root
//
// A mistake that no host test finds is said to have survived, and the script ends with 1.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = process.cwd();
const bugs = JSON.parse(readFileSync(join(root, "tools/planted-bugs/bugs.json"), "utf8"));
const wanted = process.argv.slice(2);
const chosen = bugs.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const copy = mkdtempSync(join(tmpdir(), "capos-planted-"));
const survived = [];

try {
  const files = execFileSync("git", ["ls-files", "Cargo.toml", "Cargo.lock", "kernel", "userspace"], {
    encoding: "utf8",
  });
  for (const file of files.trim().split("\n"))
    cpSync(join(root, file), join(copy, file), { recursive: true });
  if (test().found.length > 0) throw new Error("the tree itself does not pass its tests");
  for (const { name, file, find, replace } of chosen) plant(name, join(copy, file), find, replace);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
say(`${chosen.length - survived.length} of ${chosen.length} found`);
if (survived.length > 0) process.exitCode = 1;

function plant(name, path, find, replace) {
  const source = readFileSync(path, "utf8");
  if (source.split(find).length !== 2) throw new Error(`${name}: its place is not there, or not once`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  const { built, found } = test();
  writeFileSync(path, source);
  if (found.length === 0) survived.push(name);
  const by = built ? found.slice(0, 3).join(", ") : "the compiler";
  say(`${found.length === 0 ? "SURVIVED" : "found   "}  ${name}${found.length === 0 ? "" : `: ${by}`}`);
}

// The tests that fail, or the compiler where it does not build.
function test() {
  const argv = [
    "test",
    "--offline",
    "--locked",
    "--lib",
    "--no-fail-fast",
    "--target-dir",
    join(copy, "target"),
  ];
  const packages = ["abi", "core"].map((each) => `--package=capos-${each}`);
  const { status, stdout, stderr } = spawnSync("/usr/bin/cargo", [...argv, ...packages], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, RUSTC: "/usr/bin/rustc", CARGO_TERM_COLOR: "never", RUST_BACKTRACE: "0" },
    maxBuffer: 1 << 26,
    timeout: 300_000,
  });
  const failed = [...stdout.matchAll(/^test (\S+) \.\.\. FAILED$/gmu)].map(([, test]) => test);
  const built = !/^error/mu.test(stderr) || failed.length > 0;
  if (status !== 0 && failed.length === 0) failed.push(built ? "a test that did not end" : "the compiler");
  return { built, found: failed };
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
