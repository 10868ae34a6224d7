/**
 * Emits what kernel/hosttests need to compare the bindings with Cap'n Proto: for each struct, two functions that move
 * it from and to a value without a type. So no struct can be added to a schema and be left out of the comparison.
 */
import { unreachable } from "../../../base/index.ts";
import {
  isPureUnion,
  structsByName,
  type Case,
  type Declaration,
  type Field,
  type Struct,
} from "../model.ts";
import { rustNumber, unionName, unionType, type Structs } from "./reader.ts";
import { identifier, indent, pascal, snake, spaced } from "./text.ts";

export interface GlueHome {
  readonly source: string;
  /** The Rust path of the bindings. */
  readonly tree: string;
  readonly wire: string;
  /** The Rust path of what capnpc makes from the same schema. */
  readonly oracle: string;
}

/** A struct and where its bindings stand. */
interface Placed {
  readonly struct: Struct;
  /** Path of the module that holds the reader and the writer. */
  readonly path: string;
  /** Stem of the functions' names. */
  readonly stem: string;
  /** Path of capnpc's module, for a struct that can be the root of a message. */
  readonly oracle: string | undefined;
}

export function emitGlue(model: readonly Declaration[], { source, tree, wire, oracle }: GlueHome): string {
  const structs = structsByName(model);
  const all = model.flatMap((declaration) => placesOf(declaration));
  const roots = all.flatMap(({ struct, path, stem, oracle }) =>
    oracle === undefined
      ? []
      : [
          [
            "message! {",
            `    read_${stem}, write_${stem},`,
            `    ${path}::${struct.name}Reader, ${path}::${struct.name}Writer,`,
            `    oracle::${oracle}::Owned`,
            "},",
          ],
        ],
  );
  const blocks = [
    [
      `//! Moves every struct of ${source} between its bindings and a value. Made from it by`,
      "//! `CAPOS_UPDATE=1 npx vitest run harness/build/bindings/drift.test.ts`; do not edit.",
      "#![allow(unused_variables, unused_mut)]",
    ],
    [
      "use crate::message::{Message, message};",
      "use crate::value::Value;",
      `use ${oracle} as oracle;`,
      `use ${tree} as tree;`,
      `use ${wire}::WireError;`,
    ].toSorted(useOrder),
    [
      "/// Every struct that can be a message.",
      "#[rustfmt::skip]",
      "pub const MESSAGES: &[Message] = &[",
      ...indent(roots.flat()),
      "];",
    ],
    ...all.flatMap((placed) => [emitRead(placed, structs), emitWrite(placed)]),
  ];
  return `${spaced(blocks).join("\n")}\n`;
}

/** rustfmt puts this crate's own paths first. */
function useOrder(a: string, b: string): number {
  const rank = (line: string): string => (line.startsWith("use crate::") ? `0${line}` : `1${line}`);
  return rank(a) < rank(b) ? -1 : 1;
}

function placesOf({ main, parts }: Declaration): readonly Placed[] {
  const own = [main, ...parts].flatMap((each) =>
    each.kind === "struct"
      ? [
          {
            struct: each,
            path: "tree",
            stem: snake(each.name),
            oracle: each === main ? snake(each.name) : undefined,
          },
        ]
      : [],
  );
  if (main.kind !== "interface") return own;
  const methods = main.methods.flatMap(({ name, params, results }) =>
    [params, results].flatMap((struct) => {
      if (struct.kind === "named") return [];
      const stem = `${snake(name)}_${snake(struct.name)}`;
      const path = `tree::${identifier(main.name)}::${identifier(name)}`;
      return [{ struct, path, stem: `${snake(main.name)}_${stem}`, oracle: `${snake(main.name)}::${stem}` }];
    }),
  );
  return [...own, ...methods];
}

function emitRead({ struct, path, stem }: Placed, structs: Structs): readonly string[] {
  const pure = isPureUnion(struct);
  const type = pure ? unionType(struct, structs).replace("<'a>", "<'_>") : `${struct.name}Reader<'_>`;
  const fields = struct.fields
    .filter((field) => field.type.kind !== "void")
    .map((field) => `("${field.name}", ${readField(field, `reader.${identifier(field.name)}()`, structs)}),`);
  const cases = (struct.union?.cases ?? []).flatMap((each) => readCase(struct, each));
  const which =
    struct.union === undefined
      ? ["let case = None;"]
      : [`let case = Some(match ${pure ? "reader" : "reader.which()?"} {`, ...indent(cases), "});"];
  return [
    "#[rustfmt::skip]",
    `fn read_${stem}(reader: ${path}::${type}) -> Result<Value, WireError> {`,
    ...indent([...which, "Ok(Value::structure([", ...indent(fields), "], case))"]),
    "}",
  ];
}

function readCase(struct: Struct, each: Case): readonly string[] {
  const variant = `tree::${unionName(struct)}::${pascal(each.name)}`;
  if (each.type.kind === "void") return [`${variant} => ("${each.name}", Value::Void),`];
  return [`${variant}(value) => ("${each.name}", ${readValue(each, "value")}),`];
}

/** The value of a field whose accessor is the expression `get`. */
function readField(field: Field, get: string, structs: Structs): string {
  switch (field.type.kind) {
    case "enum":
    case "text":
    case "data":
    case "struct":
    case "list":
      return readValue(field, `${get}?`);
    case "group": {
      const group = structs.get(field.type.name);
      return readValue(field, group !== undefined && isPureUnion(group) ? `${get}?` : get);
    }
    case "capability":
      return `Value::capability(${get})?`;
    default:
      return readValue(field, get);
  }
}

/** The value of what an accessor gave, its error already taken away. */
function readValue({ type }: Field, value: string): string {
  switch (type.kind) {
    case "enum":
      return `Value::Enum(${value}.to_wire())`;
    case "capability":
      return `Value::Capability(Some(${value}))`;
    case "struct":
    case "group":
      return `read_${snake(type.name)}(${value})?`;
    case "list":
      switch (type.element.kind) {
        case "struct":
          return `Value::list(${value}.iter().map(read_${snake(type.element.name)}))?`;
        case "text":
        case "data":
          return `Value::list(${value}.iter().map(|each| each.map(Value::from)))?`;
        default:
          return `Value::list(${value}.iter().map(|each| Ok(Value::from(each))))?`;
      }
    default:
      return `Value::from(${value})`;
  }
}

function emitWrite({ struct, path, stem }: Placed): readonly string[] {
  const fields = struct.fields.flatMap((field) => writeField(field, `value.field("${field.name}")`, false));
  const cases = (struct.union?.cases ?? []).flatMap((each) => [
    `"${each.name}" => {`,
    ...indent(writeField(each, "value", true)),
    "}",
  ]);
  const union =
    struct.union === undefined
      ? []
      : [
          "let (case, value) = value.case();",
          "match case {",
          ...indent([...cases, "_ => unreachable!(),"]),
          "}",
        ];
  return [
    "#[rustfmt::skip]",
    `fn write_${stem}(mut writer: ${path}::${struct.name}Writer<'_>, value: &Value) -> Result<(), WireError> {`,
    ...indent([...fields, ...union, "Ok(())"]),
    "}",
  ];
}

function writeField(field: Field, value: string, inUnion: boolean): readonly string[] {
  const { name, type } = field;
  const set = `writer.set_${snake(name)}`;
  switch (type.kind) {
    case "void":
      return inUnion ? [`${set}();`] : [];
    case "bool":
      return [`${set}(${value}.boolean());`];
    case "enum":
      return [`${set}(tree::${type.name}::from_wire(${value}.enumerant())?);`];
    case "text":
    case "data":
      return [`${set}(${value}.${type.kind}())?;`];
    case "capability":
      return [`if let Some(index) = ${value}.index() {`, `    ${set}(index)?;`, "}"];
    case "struct":
      return [`write_${snake(type.name)}(writer.init_${snake(name)}()?, ${value})?;`];
    case "group":
      return [
        `write_${snake(type.name)}(writer.${inUnion ? `init_${snake(name)}` : identifier(name)}(), ${value})?;`,
      ];
    case "list":
      return writeList(`writer.init_${snake(name)}`, type.element, value);
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return [`${set}(${value}.number::<${rustNumber(type.kind)}>());`];
    default:
      return unreachable(type);
  }
}

type Element = Extract<Field["type"], { readonly kind: "list" }>["element"];

function writeList(init: string, element: Element, value: string): readonly string[] {
  const put =
    element.kind === "struct"
      ? `write_${snake(element.name)}(list.get(index)?, each)?;`
      : element.kind === "text" || element.kind === "data"
        ? `list.set_${element.kind}(index, each.${element.kind}())?;`
        : `list.set(index, each.number())?;`;
  return [
    `let values = ${value}.items();`,
    `let mut list = ${init}(values.len())?;`,
    "for (index, each) in values.iter().enumerate() {",
    `    ${put}`,
    "}",
  ];
}
