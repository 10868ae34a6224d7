/** From the schema's text to the committed Rust: runs the schema compiler, emits, writes or compares. */
import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { err, fail, ok, problem, writeFileAtomic, type Result } from "../../base/index.ts";
import { bindingsCodes } from "./codes.ts";
import { MalformedMessage } from "./message.ts";
import { modelOf, type Declaration } from "./model.ts";
import { readRequest } from "./request.ts";
import { emitRust, type GeneratedFile } from "./rust/files.ts";

/** Where the one schema and the Rust made from it lie, from the root of the repository. */
export const schemaPath = "kernel/abi/capos.capnp";
export const rustFolder = "kernel/abi/src/generated";

/** Compiles a schema. `path` is relative to `root`. Errors: every code of this room. */
export async function loadSchema(root: string, path: string): Promise<Result<readonly Declaration[]>> {
  const request = await compile(root, path);
  if (!request.ok) return request;
  try {
    return modelOf(readRequest(request.value));
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    return fail(problem(bindingsCodes, "CAPOS_SCHEMA_REQUEST", `${path}: ${error.message}`));
  }
}

function compile(root: string, path: string): Promise<Result<Uint8Array>> {
  return new Promise((resolve) => {
    const options = { cwd: root, encoding: "buffer" as const, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    execFile("capnp", ["compile", "--no-standard-import", "-o-", path], options, (error, stdout, stderr) => {
      if (error === null) return resolve(ok(stdout));
      const detail = stderr.toString().trim();
      const code = typeof error.code === "number" ? "CAPOS_SCHEMA_INVALID" : "CAPOS_SCHEMA_COMPILER";
      const message =
        code === "CAPOS_SCHEMA_INVALID"
          ? `capnp compile refused ${path}`
          : `capnp did not run: ${error.message}`;
      return resolve(fail(problem(bindingsCodes, code, message, detail === "" ? {} : { detail })));
    });
  });
}

/** The files of `kernel/abi/src/generated` as the schema in `root` wants them. */
export async function generateBindings(root: string): Promise<Result<readonly GeneratedFile[]>> {
  const model = await loadSchema(root, schemaPath);
  return model.ok ? ok(emitRust(model.value, schemaPath)) : model;
}

/** Names of committed files that differ from what the schema wants, are missing, or should not be there. */
export async function bindingsDrift(root: string): Promise<Result<readonly string[]>> {
  const files = await generateBindings(root);
  if (!files.ok) return err(files.error);
  const folder = join(root, rustFolder);
  const wanted = new Map(files.value.map(({ name, text }) => [name, text]));
  const present = await readdir(folder).catch(() => []);
  const drifted = present.filter((name) => !wanted.has(name));
  for (const [name, text] of wanted) {
    const committed = await readFile(join(folder, name), "utf8").catch(() => undefined);
    if (committed !== text) drifted.push(name);
  }
  return ok(drifted.toSorted());
}

/** Writes the bindings anew and removes what no longer belongs there. Returns the names that changed. */
export async function writeBindings(root: string): Promise<Result<readonly string[]>> {
  const drifted = await bindingsDrift(root);
  const files = await generateBindings(root);
  if (!drifted.ok) return drifted;
  if (!files.ok) return files;
  const folder = join(root, rustFolder);
  await mkdir(folder, { recursive: true });
  for (const name of drifted.value) {
    const file = files.value.find((each) => each.name === name);
    if (file === undefined) await rm(join(folder, name));
    else await writeFileAtomic(join(folder, name), file.text);
  }
  return drifted;
}
