/** Puts the emitted pieces into files: one for each declaration at the top of the schema, and the module of them all. */
import {
  isPureUnion,
  structsByName,
  type Declaration,
  type Enum,
  type Interface,
  type Method,
  type Struct,
} from "../model.ts";
import { emitEnum, emitReader, unionName, type Structs } from "./reader.ts";
import { docComment, fileComment, identifier, importOf, indent, snake, spaced } from "./text.ts";
import { emitWriter } from "./writer.ts";

/** A file of the generated tree: its name inside the folder, and its whole text. */
export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

const wireNames = [
  "BytesListWriter",
  "DataList",
  "ScalarList",
  "ScalarListWriter",
  "StructList",
  "StructReader",
  "TextList",
  "WireError",
  "list_writer",
  "reader",
  "writer",
];

/** Where the emitted tree stands. */
export interface Home {
  /** The schema's path as the files shall name it. */
  readonly source: string;
  /** The Rust path of the tree itself. */
  readonly tree: string;
  /** The Rust path of the primitives. */
  readonly wire: string;
}

/** Emits the whole tree for a schema. */
export function emitRust(model: readonly Declaration[], home: Home): readonly GeneratedFile[] {
  const all = model.flatMap(({ main, parts }) =>
    [main, ...parts].flatMap((each) => (each.kind === "interface" ? [] : [each])),
  );
  const context: Context = { structs: structsByName(model), all, listed: listedStructs(model), home };
  const files = model.map((declaration) => fileOf(declaration, context));
  return [...files, { name: "mod.rs", text: moduleFile(model, context) }].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

interface Context {
  readonly structs: Structs;
  /** Every struct and enum. */
  readonly all: readonly (Struct | Enum)[];
  /** Structs that occur as the element of a list. */
  readonly listed: ReadonlySet<string>;
  readonly home: Home;
}

function listedStructs(model: readonly Declaration[]): ReadonlySet<string> {
  const own = model
    .flatMap(({ main, parts }) => [main, ...parts])
    .flatMap((each) => {
      if (each.kind === "enum") return [];
      return each.kind === "struct"
        ? [each]
        : each.methods.flatMap(({ params, results }) => [params, results]);
    });
  const fields = own.flatMap((each) =>
    each.kind === "struct" ? [...each.fields, ...(each.union?.cases ?? [])] : [],
  );
  return new Set(
    fields.flatMap(({ type }) =>
      type.kind === "list" && type.element.kind === "struct" ? [type.element.name] : [],
    ),
  );
}

function fileOf({ main, parts }: Declaration, context: Context): GeneratedFile {
  const inside = parts.flatMap((part) => emitPart(part, context));
  const body = main.kind === "interface" ? spaced(inside) : spaced([...emitPart(main, context), ...inside]);
  const own = new Set(
    [main, ...parts].flatMap((each) => (each.kind === "interface" ? [] : namesOf(each, context))),
  );
  const lines =
    main.kind === "interface"
      ? spaced([importsOf(body, own, context, 0), ...emitInterface(main, context), body])
      : spaced([importsOf(body, own, context, 0), body]);
  const about =
    main.kind === "interface"
      ? main.doc === ""
        ? `The interface \`${main.name}\`.`
        : main.doc
      : `\`${main.name}\`.`;
  return {
    name: `${snake(main.name)}.rs`,
    text: [
      ...fileComment(about),
      "//!",
      `//! Made from ${context.home.source}; do not edit.`,
      "",
      ...lines,
      "",
    ].join("\n"),
  };
}

function importsOf(
  body: readonly string[],
  own: ReadonlySet<string>,
  context: Context,
  depth: number,
): readonly string[] {
  const others = context.all.flatMap((part) => namesOf(part, context));
  return [
    ...importOf(
      context.home.tree,
      others.filter((name) => !own.has(name)),
      body,
      depth,
    ),
    ...importOf(context.home.wire, wireNames, body, depth),
  ];
}

function emitPart(part: Struct | Enum, { structs, listed }: Context): readonly (readonly string[])[] {
  if (part.kind === "enum") return emitEnum(part);
  return [...emitReader(part, structs), ...emitWriter(part, listed.has(part.name))];
}

/** The public names that a struct or enum brings. */
function namesOf(part: Struct | Enum, { listed }: Pick<Context, "listed">): readonly string[] {
  if (part.kind === "enum") return [part.name];
  return [
    ...(isPureUnion(part) ? [] : [`${part.name}Reader`]),
    ...(part.union === undefined ? [] : [unionName(part)]),
    `${part.name}Writer`,
    ...(listed.has(part.name) ? [`${part.name}ListWriter`] : []),
  ];
}

function emitInterface(each: Interface, context: Context): readonly (readonly string[])[] {
  const id = each.id.match(/.{4}/g)?.join("_") ?? each.id;
  return [
    ["/// What a table entry of this interface carries.", `pub const INTERFACE_ID: u64 = 0x${id};`],
    ...each.methods.map((method) => emitMethod(method, context)),
  ];
}

function emitMethod(method: Method, context: Context): readonly string[] {
  const own = [method.params, method.results].flatMap((each) => (each.kind === "struct" ? [each] : []));
  const named = (
    [
      ["Params", method.params],
      ["Results", method.results],
    ] as const
  ).flatMap(([role, each]) =>
    each.kind === "named"
      ? [
          [
            `pub use ${context.home.tree}::{${each.name}Reader as ${role}Reader, ${each.name}Writer as ${role}Writer};`,
          ],
        ]
      : [],
  );
  const body = spaced([
    ["/// The method's number in a ring entry.", `pub const METHOD: u16 = ${method.ordinal};`],
    ...own.flatMap((struct) => emitPart(struct, context)),
  ]);
  const names = new Set(own.flatMap((struct) => namesOf(struct, context)));
  return [
    ...docComment(method.doc, `The method \`${method.name}\`.`),
    `pub mod ${identifier(method.name)} {`,
    ...indent(spaced([...named, importsOf(body, names, context, 1), body])),
    "}",
  ];
}

function moduleFile(model: readonly Declaration[], context: Context): string {
  const modules = model.map(({ main }) => {
    const name = identifier(main.name);
    return main.kind === "interface" ? `pub mod ${name};` : `mod ${name};`;
  });
  const exports = model
    .map(({ main, parts }) => ({
      path: identifier(main.name),
      names: [main, ...parts].flatMap((each) => (each.kind === "interface" ? [] : namesOf(each, context))),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(({ path, names }) => importOf(`pub ${path}`, names, names));
  return [
    "//! Readers and writers of every message, and the numbers of every interface and method.",
    "//!",
    `//! Made from ${context.home.source}; do not edit: change the schema and make them anew.`,
    "",
    ...modules.toSorted(byModule),
    "",
    ...exports.map((line) => line.replace("use pub ", "pub use ")),
    "",
  ].join("\n");
}

/** rustfmt orders modules by name, whether public or not. */
function byModule(a: string, b: string): number {
  const [left, right] = [a.replace("pub ", ""), b.replace("pub ", "")];
  return left < right ? -1 : left > right ? 1 : 0;
}
