// @ts-check
/** The CUE library (v0.4.3, as packed by cue-wasm): one long-lived program that evaluates one string at a time. */

import { goGlobals } from "./globals.mjs";
import { GoProgram } from "./go.mjs";

/**
 * @typedef {{ json: string } | { error: string }} EvaluationResult
 * @typedef {(source: string) => EvaluationResult} Evaluate
 */

/**
 * Starts the program and returns its one function. That function throws when the program has died.
 * @param {WebAssembly.Module} module
 * @returns {Evaluate}
 */
export function startCue(module) {
  /** @type {Record<string, (source: string) => unknown>} */
  const api = {};
  const globals = { ...goGlobals(new Map(), () => {}), CueWasmAPI: api };
  const program = new GoProgram(globals, () => {});
  // The program waits for calls for ever, so this promise never settles and must not be awaited.
  void program.run(module, ["cue"], { GOGC: "400" });
  return (source) => {
    const answer = api["_toJSONImpl"]?.(source);
    // A stack overflow in one call makes the next return undefined: the program is dead then.
    if (typeof answer !== "object" || answer === null || !("value" in answer) || !("error" in answer))
      throw new Error("the engine gave no answer");
    if (answer.error !== null && answer.error !== undefined) return { error: String(answer.error) };
    return { json: String(answer.value) };
  };
}
