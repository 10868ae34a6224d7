import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, ok, type Problem, type Result, sha256, writeFileAtomic } from "../base/index.ts";
import type { ObjectStore, StoredObject } from "./store.ts";

/**
 * One step of a build: from named inputs, each known by a digest or a version, to named objects. Equal inputs
 * mean equal outputs, so a step whose inputs have been seen is not run again.
 */
export interface Action {
  /** For people and for `explain`, such as `cargo` or `boot-module storage-persist`. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, string>>;
  run(): Promise<Result<Readonly<Record<string, Uint8Array>>>>;
}

export interface Outcome {
  readonly outputs: Readonly<Record<string, StoredObject>>;
  /** SHA-256 over the name and the inputs. */
  readonly key: string;
  readonly cached: boolean;
  readonly ms: number;
}

export interface ActionCache {
  readonly dir: string;
  readonly store: ObjectStore;
}

interface Entry {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

export async function runAction(
  cache: ActionCache,
  action: Action,
): Promise<Result<Outcome, readonly Problem[]>> {
  const started = process.hrtime.bigint();
  const ms = (): number => Number((process.hrtime.bigint() - started) / 1_000_000n);
  const key = sha256(canonicalJson({ name: action.name, inputs: action.inputs }));
  const kept = findKept(cache, action.name, key);
  if (kept !== undefined) return ok({ outputs: kept, key, cached: true, ms: ms() });
  const made = await action.run();
  if (!made.ok) return made;
  const outputs: Record<string, StoredObject> = {};
  for (const [name, content] of Object.entries(made.value)) outputs[name] = cache.store.put(content);
  const entry: Entry = {
    inputs: action.inputs,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([n, o]) => [n, { sha256: o.sha256, bytes: o.bytes }]),
    ),
  };
  // The entry last: a crash before it leaves objects that nobody names, never a name without its objects.
  writeFileAtomic(entryFile(cache, action.name, key), JSON.stringify(entry), { flush: false });
  writeFileAtomic(latestFile(cache, action.name), JSON.stringify(action.inputs), { flush: false });
  return ok({ outputs, key, cached: false, ms: ms() });
}

/** Which inputs differ between now and the newest build of this action; undefined when it was never built. */
export function changedInputs(
  cache: ActionCache,
  name: string,
  inputs: Action["inputs"],
): readonly string[] | undefined {
  const before = readJson<Action["inputs"]>(latestFile(cache, name), isStringRecord);
  if (before === undefined) return undefined;
  const names = new Set([...Object.keys(before), ...Object.keys(inputs)]);
  return [...names].filter((n) => before[n] !== inputs[n]).toSorted();
}

function findKept(cache: ActionCache, name: string, key: string): Outcome["outputs"] | undefined {
  const entry = readJson<Entry>(entryFile(cache, name, key), isEntry);
  if (entry === undefined) return undefined;
  const outputs: Record<string, StoredObject> = {};
  for (const [output, { sha256: digest }] of Object.entries(entry.outputs)) {
    const object = cache.store.find(digest);
    if (object === undefined) return undefined;
    outputs[output] = object;
  }
  return outputs;
}

const fileName = (name: string): string => name.replace(/[^a-z0-9-]+/gu, "_");
const entryFile = (cache: ActionCache, name: string, key: string): string =>
  join(cache.dir, fileName(name), `${key}.json`);
const latestFile = (cache: ActionCache, name: string): string =>
  join(cache.dir, fileName(name), "latest.json");

function readJson<T>(path: string, is: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((v) => typeof v === "string")
  );
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null || !("inputs" in value) || !("outputs" in value))
    return false;
  const { inputs, outputs } = value;
  if (!isStringRecord(inputs) || typeof outputs !== "object" || outputs === null) return false;
  return Object.values(outputs).every(
    (o: unknown) =>
      typeof o === "object" &&
      o !== null &&
      "sha256" in o &&
      typeof o.sha256 === "string" &&
      "bytes" in o &&
      typeof o.bytes === "number",
  );
}
