/** Where `capos judge` finds what it judges: stored cases, bundles, raw consoles. */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fail, ok, problem, type Problem, type Result } from "../../base/index.ts";
import { type BootInput, contractCodes, type Proof, type StoredBoot } from "../../contract/index.ts";
import { judgedCase, openBundle, packCase, type StoredCase } from "../../evidence/index.ts";

/** Something that can be judged. */
export interface Judgeable {
  /** What it is, for a person. */
  readonly name: string;
  readonly proof: Proof;
  readonly boots: readonly StoredBoot[];
}

/** The stored case in a bundle or a case's directory, or those of a run; undefined for anything else. */
export function storedCases(root: string, given: string): Result<readonly Judgeable[]> | undefined {
  const path = resolve(given);
  const shown = relative(root, path);
  if (given.endsWith(".tar")) return judgeable(shown, openBundle(root, shown));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  if (existsSync(join(path, "started.json"))) {
    const packed = packCase(path, shown);
    return judgeable(shown, packed.ok ? ok(packed.value.case) : packed);
  }
  const cases = readdirSync(path)
    .toSorted()
    .filter((name) => existsSync(join(path, name, "started.json")));
  if (cases.length === 0) {
    const message = `${given} is a directory, and neither a case nor a run`;
    const next = "name a folder of .capos/runs, or one of the cases in it";
    return fail(problem(contractCodes, "CAPOS_JUDGE_WHAT", message, { next }));
  }
  const all = cases.map((name) => storedCases(root, join(path, name)));
  const problems = all.flatMap((one): readonly Problem[] => (one?.ok === false ? one.error : []));
  if (problems.length > 0) return { ok: false, error: problems };
  return ok(all.flatMap((one) => (one?.ok === true ? one.value : [])));
}

function judgeable(shown: string, opened: Result<StoredCase>): Result<readonly Judgeable[]> {
  if (!opened.ok) return opened;
  const { proof, boots } = judgedCase(opened.value);
  return ok([{ name: `${opened.value.started.case.id} (${shown})`, proof, boots }]);
}

const chunkBytes = 1 << 16;
const started = { wallMs: 0, cpuMs: 0 };

/**
 * The console in a file, as the judge is fed it: read piece by piece each time it is asked for, so that one of many
 * gigabytes takes no more memory than a short one. `-` is the standard input, which can be read only once and is kept.
 */
export function rawConsole(file: string): Result<Iterable<BootInput>> {
  try {
    if (file === "-") return ok([...pieces(0)]);
    closeSync(openSync(file, "r"));
    return ok({ [Symbol.iterator]: () => piecesOf(file) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(problem(contractCodes, "CAPOS_JUDGE_WHAT", `${file} cannot be read: ${why}`));
  }
}

function* piecesOf(path: string): Generator<BootInput> {
  const fd = openSync(path, "r");
  try {
    yield* pieces(fd);
  } finally {
    closeSync(fd);
  }
}

function* pieces(fd: number): Generator<BootInput> {
  for (;;) {
    // A buffer of its own for each piece: who keeps the input keeps its bytes.
    const bytes = Buffer.allocUnsafe(chunkBytes);
    const length = readSome(fd, bytes);
    if (length === 0) return;
    yield { kind: "bytes", at: started, bytes: bytes.subarray(0, length) };
  }
}

/** Waits where the other end of a pipe has nothing to say yet: a standard input may have been made non-blocking. */
function readSome(fd: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, into, 0, into.length, null);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
