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
  const targetDir = targetDirOf(context);
  const argv = (): readonly string[] => [
    `--target=${target}`,
    "-Zbuild-std=core,alloc",
    "-Zbuild-std-features=compiler-builtins-mem",
    `--config=source.crates-io.replace-with="vendor"`,
    `--config=source.vendor.directory=${JSON.stringify(linkVendor(join(targetDir, "vendor"), library))}`,
    ...binaries.map((name) => `--bin=${name}`),
  ];
  const env = {
    CARGO_ENCODED_RUSTFLAGS: rustflags.join("\u001f"),
    CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER: "/usr/bin/ld.lld-22",
  };
  return runCargo(context, { argv, env, output: join(targetDir, target, "release"), binaries });
}

/** Compiles a program of the workspace that runs on this host, in the same profile, and gives its ELF. */
export async function cargoBuildHost(context: CargoContext, binary: string): Promise<Result<Uint8Array>> {
  const targetDir = join(targetDirOf(context), "host");
  const env = { CARGO_TARGET_DIR: targetDir };
  const argv = (): readonly string[] => [`--bin=${binary}`];
  const output = join(targetDir, "release");
  const built = await runCargo(context, { argv, env, output, binaries: [binary] });
  if (!built.ok) return built;
  const { [binary]: program } = built.value;
  return program === undefined ? noBinary(binary) : ok(program);
}

interface CargoRun {
  /** Made while the lock is held. */
  readonly argv: () => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where the binaries are put. */
  readonly output: string;
  readonly binaries: readonly string[];
}

function targetDirOf(context: CargoContext): string {
  const dir = join(context.root, ".capos", "cargo");
  mkdirSync(dir, { recursive: true });
  return dir;
}

async function runCargo(
  context: CargoContext,
  { argv, env, output, binaries }: CargoRun,
): Promise<Result<Readonly<Record<string, Uint8Array>>>> {
  const targetDir = targetDirOf(context);
  // Cargo has a lock of its own, but what it wrote must also still be there when it is read below.
  const held = await lock(join(targetDir, "capos.lock"), 600_000);
  if (held === undefined) {
    return fail(problem(buildCodes, "CAPOS_BUILD_FAILED", "another build has held the lock for ten minutes"));
  }
  try {
    const began = process.hrtime.bigint();
    const cargo: [string, ...string[]] = ["/usr/bin/cargo", "build", "--release", "--offline", "--locked"];
    const ran = await runTool(context.supervisor, [...cargo, ...argv()], {
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
        CARGO_TERM_COLOR: "never",
        ...env,
      },
      onLine: (line) => context.progress(line.trim()),
    });
    if (!ran.ok) return ran;
    context.onCargo(Number((process.hrtime.bigint() - began) / 1_000_000n));
    if (!ran.value.succeeded) return fail(explainFailure(ran.value.stderr.text));
    return readBinaries(output, binaries);
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
      return noBinary(name);
    }
  }
  return ok(binaries);
}

function noBinary(name: string): Result<never> {
  return fail(problem(buildCodes, "CAPOS_BUILD_NO_BINARY", `cargo succeeded but left no binary ${name}`));
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
