// @ts-check
/**
 * The thread of one CUE engine. It owns nothing but the engine: whoever started it sets the deadline and
 * ends the thread when it passes, because an evaluation that runs away cannot be stopped from inside.
 *
 * @typedef {{ id: number, argv: string[], files: [string, string][] }} CommandRequest
 * @typedef {{ id: number, source: string }} StringRequest
 * @typedef {{ engine: "cuelang" | "cue-wasm", wasmPath: string, sha256: string, module?: WebAssembly.Module }} Start
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { startCue } from "./cue-wasm.mjs";
import { runCue } from "./cuelang.mjs";

const start = /** @type {Start} */ (workerData);
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** A script that holds base64 of a gzip file as its one string: its author's way to put wasm into a bundle. */
function unpackScript(/** @type {string} */ path) {
  const script = readFileSync(path, "latin1");
  return gunzipSync(Buffer.from(script.slice(script.indexOf('"') + 1, script.lastIndexOf('"')), "base64"));
}

async function compile() {
  const wasm = start.wasmPath.endsWith(".wasm") ? readFileSync(start.wasmPath) : unpackScript(start.wasmPath);
  if (createHash("sha256").update(wasm).digest("hex") !== start.sha256) {
    port.postMessage({ unusable: `${start.wasmPath} is not the engine that this tool was tested with` });
    return undefined;
  }
  const module = await WebAssembly.compile(wasm);
  // A successor of this thread can take over the compiled code.
  port.postMessage({ module });
  return module;
}

const module = start.module ?? (await compile());
if (module !== undefined) {
  if (start.engine === "cuelang") serveCommands(module);
  else serveStrings(startCue(module));
}

/** @param {WebAssembly.Module} module */
function serveCommands(module) {
  port.on("message", async (/** @type {CommandRequest} */ { id, argv, files }) => {
    const result = await runCue(module, argv, new Map(files));
    // A status that no command gives: the Go runtime itself has fallen over.
    if (result.code !== 0 && result.code !== 1) throw new Error(result.stderr.split("\n")[0]);
    port.postMessage({ id, result });
  });
}

/** @param {import("./cue-wasm.mjs").Evaluate} evaluate */
function serveStrings(evaluate) {
  port.on("message", (/** @type {StringRequest} */ { id, source }) => {
    port.postMessage({ id, result: evaluate(source) });
  });
}
