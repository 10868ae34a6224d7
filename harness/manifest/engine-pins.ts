export type EngineName = "cuelang" | "cue-wasm";

/**
 * SHA-256 of the two engines' WebAssembly. They are checked before an engine is started, and they are
 * part of every cache key, so a value is never taken from an engine other than these.
 */
export const engineDigests: Readonly<Record<EngineName, string>> = {
  cuelang: "0c06f990d76fb47a0581bea6162c32d140992c0f021de2f212976e34ec2d5b54",
  "cue-wasm": "fdeac1956af1a228998949dd3359bab02c70cd26dff48246b311258d688d2722",
};
