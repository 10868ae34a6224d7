import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fail, lock, ok, problem, type Result, sha256 } from "../base/index.ts";
import { runTool, type Supervisor } from "../process/index.ts";
import { packageVersions, rustSources, toolchainCodes } from "../toolchain/index.ts";
import { buildCodes } from "./codes.ts";
import { readElf } from "./elf.ts";

/** The built-in bare-metal target; the kernel and the programs share it, so that `core` is compiled once. */
export const target = "x86_64-unknown-none";

/**
 * Changing any of these recompiles core and alloc, half a minute; what is of one binary only stands in its
 * build script as a link argument.
 */
const rustflags = ["-Crelocation-model=static", "-Cforce-frame-pointers=yes", "-Crelro-level=off"];

const compilerPackages = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

export interface CargoContext {
  readonly root: string;
  /** `.capos/cache` */
  readonly cacheDir: string;
  readonly supervisor: Supervisor;
  readonly cancel?: AbortSignal;
  /** One line of progress, such as `Compiling capos-core`. */
  readonly progress: (line: string) => void;
  /** Told the compiler's wall time in milliseconds, which is none of ours. */
  readonly onCargo: (ms: number) => void;
}

/** Versions and flags that decide, beside the sources, what comes out. */
export function compilerInputs(cacheDir: string): Readonly<Record<string, string>> {
  const versions = packageVersions(cacheDir);
  const tools = compilerPackages.map((name) => [`tool ${name}`, versions.get(name) ?? "none"]);
  return { ...Object.fromEntries(tools), flags: rustflags.join(" "), target };
}

/** Compiles binaries of the workspace in the shipped profile; gives each one's linked, unstripped ELF. */
export async function cargoBuild(
  context: CargoContext,
  binaries: readonly string[],
): Promise<Result<Readonly<Record<string, Uint8Array>>>> {
  const library = rustSources();
  if (library === undefined) {
    return fail(
      problem(
        toolchainCodes,
        "CAPOS_TOOLCHAIN_NO_SOURCES",
        "the sources of Rust's core library are not installed",
      ),
    );
  }
  const targetDir = join(context.root, ".capos", "cargo");
  mkdirSync(targetDir, { recursive: true });
  // Cargo has a lock of its own, but what it wrote must also still be there when it is read below.
  const held = await lock(join(targetDir, "capos.lock"), 600_000);
  if (held === undefined) {
    return fail(problem(buildCodes, "CAPOS_BUILD_FAILED", "another build has held the lock for ten minutes"));
  }
  try {
    const vendor = linkVendor(join(targetDir, "vendor"), library);
    const argv: [string, ...string[]] = [
      "/usr/bin/cargo",
      "build",
      "--release",
      "--offline",
      "--locked",
      `--target=${target}`,
      "-Zbuild-std=core,alloc",
      "-Zbuild-std-features=compiler-builtins-mem",
      `--config=source.crates-io.replace-with="vendor"`,
      `--config=source.vendor.directory=${JSON.stringify(vendor)}`,
      ...binaries.map((name) => `--bin=${name}`),
    ];
    const began = process.hrtime.bigint();
    const ran = await runTool(context.supervisor, argv, {
      cwd: context.root,
      ...(context.cancel === undefined ? {} : { cancel: context.cancel }),
      env: {
        ...withoutRustSettings(),
        RUSTC: "/usr/bin/rustc",
        RUSTC_BOOTSTRAP: "1",
        // By content, not by time: a file that is put back with its old time would else leave a stale binary.
        CARGO_UNSTABLE_CHECKSUM_FRESHNESS: "true",
        CARGO_HOME: join(targetDir, "home"),
        CARGO_TARGET_DIR: targetDir,
        CARGO_ENCODED_RUSTFLAGS: rustflags.join("\u001f"),
        CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER: "/usr/bin/ld.lld-22",
        CARGO_TERM_COLOR: "never",
      },
      onLine: (line) => context.progress(line.trim()),
    });
    if (!ran.ok) return ran;
    context.onCargo(Number((process.hrtime.bigint() - began) / 1_000_000n));
    if (!ran.value.succeeded) return fail(explainFailure(ran.value.stderr.text));
    return readBinaries(join(targetDir, target, "release"), binaries);
  } finally {
    held.release();
  }
}

/** Strips what cargo linked, and finds the kernel's build id. */
export function loadable(
  name: string,
  elf: Uint8Array,
): Result<{ readonly elf: Uint8Array; readonly buildId: Uint8Array | undefined }> {
  const facts = readElf(elf);
  if (!facts.ok) return fail(problem(buildCodes, "CAPOS_BUILD_BAD_ELF", `${name}: ${facts.error}`));
  return ok({ elf: facts.value.stripped, buildId: facts.value.buildId });
}

/**
 * One folder that stands for the crate registry: links to the sources that Debian ships with the compiler.
 * The kernel and its programs use no other crate, so this is all that an offline build needs.
 */
function linkVendor(dir: string, library: string): string {
  const from = join(library, "vendor");
  const stamp = join(dir, sha256(from).slice(0, 16));
  const names = readdirSync(from);
  mkdirSync(stamp, { recursive: true });
  const there = new Set(readdirSync(stamp));
  for (const gone of [...there].filter((name) => !names.includes(name))) rmSync(join(stamp, gone));
  for (const name of names.filter((n) => !there.has(n))) symlinkSync(join(from, name), join(stamp, name));
  return stamp;
}

/** The caller's own Rust settings must not change what comes out. */
function withoutRustSettings(): Record<string, string | undefined> {
  const theirs = Object.keys(process.env).filter((name) => /^(CARGO|RUST)/u.test(name));
  return {
    ...Object.fromEntries(theirs.map((name) => [name, undefined])),
    PATH: "/usr/bin:/bin",
    LC_ALL: "C.UTF-8",
  };
}

function readBinaries(dir: string, names: readonly string[]): Result<Readonly<Record<string, Uint8Array>>> {
  const binaries: Record<string, Uint8Array> = {};
  for (const name of names) {
    try {
      binaries[name] = readFileSync(join(dir, name));
    } catch {
      return fail(problem(buildCodes, "CAPOS_BUILD_NO_BINARY", `cargo succeeded but left no binary ${name}`));
    }
  }
  return ok(binaries);
}

function explainFailure(stderr: string): ReturnType<typeof problem> {
  const unknown = /no bin target named `([^`]+)`/u.exec(stderr);
  if (unknown?.[1] !== undefined) {
    return problem(buildCodes, "CAPOS_BUILD_UNKNOWN_BINARY", `the workspace has no binary ${unknown[1]}`);
  }
  const place = /^error.*\n\s+--> ([^\s:]+):(\d+):(\d+)/mu.exec(stderr);
  const [, file, line, col] = place ?? [];
  const count = stderr.match(/^error(\[E\d+\])?:/gmu)?.length ?? 0;
  const text = stderr
    .split("\n")
    .filter((l) => !/^\s*(Compiling|Fresh|Finished|Blocking|Locking|Updating) /u.test(l));
  return problem(
    buildCodes,
    "CAPOS_BUILD_FAILED",
    count > 1 ? `the compiler found ${count} errors` : "the compiler found an error",
    {
      detail: text.slice(0, 80).join("\n"),
      ...(file === undefined ? {} : { span: { file, line: Number(line), col: Number(col) } }),
    },
  );
}
