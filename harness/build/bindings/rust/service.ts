/**
 * Emits, for each interface, its client and what serves it: one file for both, because they are two ends of the same
 * messages. The readers and writers that they use are those of files.ts.
 */
import { structsByName, type Declaration, type Interface, type Struct } from "../model.ts";
import { emitClient } from "./client.ts";
import type { GeneratedFile } from "./files.ts";
import { unionName, type Structs } from "./reader.ts";
import { emitServer } from "./server.ts";
import { docComment, fileComment, identifier, importOf, pascal, snake, spaced } from "./text.ts";

/** Where the emitted tree stands. */
export interface ServiceHome {
  /** The schema's path as the files shall name it. */
  readonly source: string;
  /** The Rust path of the readers and writers. */
  readonly tree: string;
  readonly wire: string;
  /** The Rust path of the runtime. */
  readonly runtime: string;
  /** The Rust path where the client of every interface is found. */
  readonly clients: string;
  /** Methods, as `Interface.method`, whose public client is written by hand around the generated one. */
  readonly refined: ReadonlySet<string>;
}

const wireNames = ["DataList", "MessageWriter", "ScalarList", "StructList", "TextList", "WireError"];
const abiNames = ["TransferDescriptor"];
const runtimeNames: readonly (readonly [string, readonly string[]])[] = [
  ["cap", ["Cap"]],
  ["client", ["Interface", "client"]],
  ["error", ["Error", "Exception"]],
  ["ring", ["Incoming"]],
  ["server", ["Given", "Service", "no_such_method", "other_interface"]],
  ["transport", ["Buffer", "Received", "Transport"]],
];

/** Emits the client and the server of every interface of a schema. */
export function emitServices(model: readonly Declaration[], home: ServiceHome): readonly GeneratedFile[] {
  const structs = structsByName(model);
  const interfaces = model.flatMap(({ main }) => (main.kind === "interface" ? [main] : []));
  const types = model
    .flatMap(({ main, parts }) => [main, ...parts])
    .flatMap((each) =>
      each.kind === "interface" ? [] : each.kind === "enum" ? [each.name] : readNames(each),
    );
  const files = interfaces.map((each) => fileOf(each, { structs, types, interfaces, home }));
  const module = { name: "mod.rs", text: moduleFile(interfaces, home) };
  return [...files, module].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function readNames(struct: Struct): readonly string[] {
  return [`${struct.name}Reader`, ...(struct.union === undefined ? [] : [unionName(struct)])];
}

interface Context {
  readonly structs: Structs;
  /** What a client or a server may name of the readers. */
  readonly types: readonly string[];
  readonly interfaces: readonly Interface[];
  readonly home: ServiceHome;
}

function fileOf(each: Interface, { structs, types, interfaces, home }: Context): GeneratedFile {
  const refined = new Set(
    each.methods.flatMap(({ name }) => (home.refined.has(`${each.name}.${name}`) ? [name] : [])),
  );
  const body = spaced([
    [
      "client! {",
      ...docComment(each.doc, `A client of \`${each.name}\`.`).map((line) => `    ${line}`),
      `    ${each.name} of schema::INTERFACE_ID`,
      "}",
    ],
    ...emitClient(each, structs, refined),
    ...emitServer(each, structs),
  ]);
  const code = body.map((line) => line.replace(/\/\/.*$/u, ""));
  const others = interfaces.flatMap(({ name }) => (name === each.name ? [] : [name]));
  const imports = [
    ...importOf(home.clients, others, code),
    ...runtimeNames.flatMap(([module, names]) => importOf(`${home.runtime}::${module}`, names, code)),
    ...importOf(home.tree, types, code),
    `use ${home.tree}::${identifier(each.name)} as schema;`,
    ...importOf("capos_abi::message", abiNames, code),
    ...importOf(home.wire, wireNames, code),
  ];
  return {
    name: `${snake(each.name)}.rs`,
    text: [
      ...fileComment(`\`${each.name}\`: its client, and what serves it.`),
      "//!",
      `//! Made from ${home.source}; do not edit.`,
      "",
      ...imports.toSorted(useOrder),
      "",
      ...body,
      "",
    ].join("\n"),
  };
}

/** rustfmt's order: this crate's own paths first, then by path, where `{` stands behind names. */
function useOrder(a: string, b: string): number {
  const key = (line: string): string =>
    (line.startsWith("use crate::") ? "0" : "1") + line.replace(/ as .*$/u, "").replaceAll("{", "~");
  return key(a) < key(b) ? -1 : 1;
}

function moduleFile(interfaces: readonly Interface[], { source }: ServiceHome): string {
  const modules = interfaces.map(({ name }) => identifier(name)).toSorted();
  const names = (each: Interface): readonly string[] =>
    each.methods.length === 0
      ? [each.name]
      : [each.name, `${pascal(each.name)}Server`, `${pascal(each.name)}Service`];
  const exports = interfaces
    .toSorted((a, b) => (identifier(a.name) < identifier(b.name) ? -1 : 1))
    .flatMap((each) => importOf(`pub ${identifier(each.name)}`, names(each), names(each)));
  return [
    "//! The client of every interface, and what serves it.",
    "//!",
    `//! Made from ${source}; do not edit: change the schema and make them anew.`,
    "",
    ...modules.map((name) => `mod ${name};`),
    "",
    ...exports.map((line) => line.replace("use pub ", "pub use ")),
    "",
  ].join("\n");
}
