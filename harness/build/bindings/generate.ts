/** From the schema's text to the committed Rust: runs the schema compiler, emits, writes or compares. */
import { execFile } from "node:child_process";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, problem, writeFileAtomic, type Result } from "../../base/index.ts";
import { bindingsCodes } from "./codes.ts";
import { MalformedMessage } from "./message.ts";
import { modelOf, type Declaration } from "./model.ts";
import { readRequest } from "./request.ts";
import { emitRust, type GeneratedFile } from "./rust/files.ts";
import { emitGlue } from "./rust/glue.ts";
import { emitServices } from "./rust/service.ts";
import { emitInterfaceIds, emitTypescript } from "./typescript.ts";

/** Where the one schema lies, from the root of the repository. */
export const schemaPath = "kernel/abi/capos.capnp";
/** Folders that hold nothing but what is made from it: for kernel and user space, and for the tool. */
const rustFolder = "kernel/abi/src/generated";
const serviceFolder = "userspace/rt/src/generated";
const toolFolder = "harness/build/bootmanifest/generated";
/** The schema of the host tests, the bindings made from it, and what compares both schemas with Cap'n Proto. */
const everyPath = "kernel/hosttests/every.capnp";
const everyFolder = "kernel/hosttests/src/every";
const glueFolder = "kernel/hosttests/src/glue";
const everyServiceFolder = "kernel/hosttests/src/every_service";

/**
 * Methods whose public client is written by hand around the generated one, because it chooses their memory, returns
 * owned values, or guards what a number alone would not.
 */
const refinedMethods: ReadonlySet<string> = new Set([
  "BlockDevice.info",
  "BlockDevice.read",
  "BlockDevice.write",
  "BootPackage.readManifest",
  "CapabilityManager.list",
  "Console.derive",
  "Console.writeLine",
  "MemoryObject.info",
  "MemoryObject.map",
  "MemoryObject.unmap",
  "MemoryReader.info",
  "MemoryReader.map",
  "MemoryReader.unmap",
  "Notification.poll",
  "Notification.signal",
  "ProcessHandle.wait",
  "ProcessSpawner.spawn",
  "Signaller.signal",
  "Store.commit",
  "Store.delete",
  "Store.get",
  "Store.has",
  "Store.put",
  "SystemStats.checkTables",
  "SystemStats.read",
  "VirtualMemory.commit",
]);

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

/** Every file that is made from the schemas in `root`; names are paths from `root`. */
export async function generateBindings(root: string): Promise<Result<readonly GeneratedFile[]>> {
  const model = await loadSchema(root, schemaPath);
  if (!model.ok) return model;
  const every = await loadSchema(root, everyPath);
  if (!every.ok) return every;
  const manifest = emitTypescript(model.value, "BootManifest", {
    source: schemaPath,
    bindings: "../../bindings",
  });
  if (!manifest.ok) return manifest;
  const below = (folder: string, files: readonly GeneratedFile[]): readonly GeneratedFile[] =>
    files.map(({ name, text }) => ({ name: `${folder}/${name}`, text }));
  return ok([
    ...below(
      rustFolder,
      emitRust(model.value, { source: schemaPath, tree: "crate::generated", wire: "crate::wire" }),
    ),
    ...below(
      everyFolder,
      emitRust(every.value, { source: everyPath, tree: "crate::every", wire: "capos_abi::wire" }),
    ),
    ...below(
      serviceFolder,
      emitServices(model.value, {
        source: schemaPath,
        tree: "capos_abi::generated",
        wire: "capos_abi::wire",
        runtime: "crate",
        clients: "crate::client",
        refined: refinedMethods,
      }),
    ),
    ...below(
      everyServiceFolder,
      emitServices(every.value, {
        source: everyPath,
        tree: "crate::every",
        wire: "capos_abi::wire",
        runtime: "capos_rt",
        clients: "crate::every_service",
        refined: new Set(),
      }),
    ),
    ...below(glueFolder, [
      { name: "mod.rs", text: glueModule },
      {
        name: "capos.rs",
        text: emitGlue(model.value, {
          source: schemaPath,
          tree: "capos_abi::generated",
          wire: "capos_abi::wire",
          oracle: "crate::capos_capnp",
        }),
      },
      {
        name: "every.rs",
        text: emitGlue(every.value, {
          source: everyPath,
          tree: "crate::every",
          wire: "capos_abi::wire",
          oracle: "crate::every_capnp",
        }),
      },
    ]),
    ...below(toolFolder, [
      { name: "boot-manifest.ts", text: manifest.value },
      { name: "interfaces.ts", text: emitInterfaceIds(model.value, schemaPath) },
    ]),
  ]);
}

const glueModule = "//! Made by the bindings generator; do not edit.\n\npub mod capos;\npub mod every;\n";

/** Names of committed files that differ from what the schema wants, are missing, or should not be there. */
export async function bindingsDrift(root: string): Promise<Result<readonly string[]>> {
  const files = await generateBindings(root);
  return files.ok ? ok(await drift(root, files.value)) : files;
}

async function drift(root: string, files: readonly GeneratedFile[]): Promise<readonly string[]> {
  const wanted = new Map(files.map(({ name, text }) => [name, text]));
  const drifted: string[] = [];
  for (const folder of [rustFolder, serviceFolder, toolFolder, everyFolder, everyServiceFolder, glueFolder]) {
    const present = await readdir(join(root, folder)).catch(() => []);
    drifted.push(...present.map((name) => `${folder}/${name}`).filter((name) => !wanted.has(name)));
  }
  for (const [name, text] of wanted) {
    const committed = await readFile(join(root, name), "utf8").catch(() => undefined);
    if (committed !== text) drifted.push(name);
  }
  return drifted.toSorted();
}

/** Writes the bindings anew and removes what no longer belongs there. Returns the names that changed. */
export async function writeBindings(root: string): Promise<Result<readonly string[]>> {
  const files = await generateBindings(root);
  if (!files.ok) return files;
  const drifted = await drift(root, files.value);
  for (const name of drifted) {
    const file = files.value.find((each) => each.name === name);
    if (file === undefined) await rm(join(root, name));
    else writeFileAtomic(join(root, name), file.text);
  }
  return ok(drifted);
}
