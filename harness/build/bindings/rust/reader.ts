/** Emits the reading side: a struct's reader, a union's enum, an enum. */
import { unreachable } from "../../../base/index.ts";
import { isPureUnion, type Case, type Enum, type Field, type FieldType, type Struct } from "../model.ts";
import { docComment, functionOf, identifier, indent, pascal, spaced } from "./text.ts";

/** The structs of the model by name: a group's accessor depends on what the group is. */
export type Structs = ReadonlyMap<string, Struct>;

/** How one field is read. */
export interface Access {
  /** The type of the value. */
  readonly type: string;
  /** The expression that yields it. */
  readonly get: string;
  /** The expression is a `Result`. */
  readonly fallible: boolean;
}

/** How field `field` is read from the `StructReader` named `from`. Void is not read. */
export function access(field: Field, from: string, structs: Structs): Access {
  const { type, offset, defaultBits } = field;
  const plain = (rust: string, get: string): Access => ({ type: rust, get, fallible: false });
  const checked = (rust: string, get: string): Access => ({ type: rust, get, fallible: true });
  const flip = defaultBits === 0n ? "" : ` ^ 0x${defaultBits.toString(16)}`;
  switch (type.kind) {
    case "void":
      return plain("()", "()");
    case "bool":
      return plain("bool", `${flip === "" ? "" : "!"}${from}.bool(${offset})`);
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return plain(rustNumber(type.kind), `${from}.${rustNumber(type.kind)}(${offset})${flip}`);
    case "int8":
    case "int16":
    case "int32":
    case "int64": {
      const raw = `${from}.${rustNumber(type.kind).replace("i", "u")}(${offset})`;
      return plain(rustNumber(type.kind), `${flip === "" ? raw : `(${raw}${flip})`}.cast_signed()`);
    }
    case "enum":
      return checked(type.name, `${type.name}::from_wire(${from}.u16(${offset})${flip})`);
    case "text":
      return checked("&'a str", `${from}.text(${offset})`);
    case "data":
      return checked("&'a [u8]", `${from}.data(${offset})`);
    case "capability":
      return checked("u32", `${from}.capability(${offset})`);
    case "struct":
      return checked(`${type.name}Reader<'a>`, `${from}.structure(${offset})`);
    case "group": {
      const group = structs.get(type.name);
      if (group === undefined || !isPureUnion(group))
        return plain(`${type.name}Reader<'a>`, `${type.name}Reader::from(${from})`);
      return checked(unionType(group, structs), `${type.name}::from_struct(${from})`);
    }
    case "list":
      return listAccess(type, offset, from);
    default:
      return unreachable(type);
  }
}

function listAccess(type: FieldType & { readonly kind: "list" }, offset: number, from: string): Access {
  const { element } = type;
  switch (element.kind) {
    case "struct":
      return {
        type: `StructList<'a, ${element.name}Reader<'a>>`,
        get: `${from}.structs(${offset})`,
        fallible: true,
      };
    case "text":
      return { type: "TextList<'a>", get: `${from}.texts(${offset})`, fallible: true };
    case "data":
      return { type: "DataList<'a>", get: `${from}.datas(${offset})`, fallible: true };
    default:
      return {
        type: `ScalarList<'a, ${rustNumber(element.kind)}>`,
        get: `${from}.scalars(${offset})`,
        fallible: true,
      };
  }
}

/** `uint16` to `u16`. */
export function rustNumber(kind: string): string {
  return kind.replace("uint", "u").replace("int", "i");
}

/** The enum that a struct's union is read as. */
export function unionName(struct: Struct): string {
  return isPureUnion(struct) ? struct.name : `${struct.name}Which`;
}

/** The same with the lifetime that it needs. */
export function unionType(struct: Struct, structs: Structs): string {
  const cases = struct.union?.cases ?? [];
  return unionName(struct) + (cases.some((each) => borrows(each, structs)) ? "<'a>" : "");
}

function borrows(field: Field, structs: Structs): boolean {
  return access(field, "", structs).type.includes("'a");
}

/** The reader of a struct, and the enum of its union. */
export function emitReader(struct: Struct, structs: Structs): readonly (readonly string[])[] {
  const union =
    struct.union === undefined ? [] : emitUnion(struct, struct.union.slot, struct.union.cases, structs);
  if (isPureUnion(struct)) return union;
  const name = `${struct.name}Reader`;
  const fields = struct.fields
    .filter((field) => field.type.kind !== "void")
    .map((field) => accessor(field, structs));
  const which = struct.union === undefined ? [] : [whichFunction(struct, structs)];
  const own = [...fields, ...which];
  return [
    [
      "reader! {",
      ...indent([...docComment(struct.doc, describe(struct)), struct.isGroup ? `group ${name}` : name]),
      "}",
    ],
    own.length === 0 ? [] : implOf(name, spaced(own)),
    ...union,
  ];
}

/** An `impl` block whose lifetime is named only where its items name it. */
function implOf(name: string, items: readonly string[]): readonly string[] {
  const head = items.some((line) => line.includes("'a")) ? `impl<'a> ${name}<'a> {` : `impl ${name}<'_> {`;
  return [head, ...indent(items), "}"];
}

function describe(struct: Struct): string {
  if (struct.name === "Params") return "What a caller sends.";
  if (struct.name === "Results") return "What a callee answers.";
  return `The ${struct.isGroup ? "group" : "struct"} \`${struct.name}\`.`;
}

function accessor(field: Field, structs: Structs): readonly string[] {
  const { type, get, fallible } = access(field, "self.0", structs);
  return functionOf(
    docComment(field.doc, `The field \`${field.name}\`${pointsAt(field.type)}.`),
    {
      head: `pub fn ${identifier(field.name)}`,
      args: ["self"],
      result: fallible ? `Result<${type}, WireError>` : type,
    },
    [get],
  );
}

/** What a capability field's number means. */
export function pointsAt(type: FieldType): string {
  if (type.kind !== "capability") return "";
  return `: the index of ${type.interface === undefined ? "a capability" : `a \`${type.interface}\``} in the transfer list`;
}

function whichFunction(struct: Struct, structs: Structs): readonly string[] {
  const type = unionType(struct, structs);
  return functionOf(
    ["/// The case of the union that is set. Errors: `Unknown`, and those of its value."],
    { head: "pub fn which", args: ["self"], result: `Result<${type}, WireError>` },
    [`${unionName(struct)}::from_struct(self.0)`],
  );
}

function emitUnion(
  struct: Struct,
  slot: number,
  cases: readonly Case[],
  structs: Structs,
): readonly (readonly string[])[] {
  const name = unionName(struct);
  const lifetime = cases.some((each) => borrows(each, structs)) ? "<'a>" : "";
  const comparable = cases.every(
    ({ type }) => type.kind !== "struct" && type.kind !== "group" && type.kind !== "list",
  );
  const variants = cases.flatMap((each) => [
    ...docComment(each.doc, `The case \`${each.name}\`${pointsAt(each.type)}.`),
    each.type.kind === "void"
      ? `${pascal(each.name)},`
      : `${pascal(each.name)}(${access(each, "", structs).type}),`,
  ]);
  const arms = cases.map((each) => {
    const variant = `Self::${pascal(each.name)}`;
    const { get, fallible } = access(each, "reader", structs);
    if (each.type.kind === "void") return `${each.discriminant} => Ok(${variant}),`;
    return `${each.discriminant} => ${fallible ? `${get}.map(${variant})` : `Ok(${variant}(${get}))`},`;
  });
  return [
    [
      ...docComment(isPureUnion(struct) ? struct.doc : "", `The union of \`${struct.name}\`.`),
      `#[derive(Clone, Copy, Debug${comparable ? ", PartialEq, Eq" : ""})]`,
      `pub enum ${name}${lifetime} {`,
      ...indent(variants),
      "}",
    ],
    [
      `impl${lifetime} ${name}${lifetime} {`,
      ...indent([
        `fn from_struct(reader: StructReader<${lifetime === "" ? "'_" : "'a"}>) -> Result<Self, WireError> {`,
        ...indent([
          `match reader.u16(${slot}) {`,
          ...indent([...arms, "other => Err(WireError::Unknown(other)),"]),
          "}",
        ]),
        "}",
      ]),
      "}",
    ],
  ];
}

/** An enum of the schema. */
export function emitEnum(each: Enum): readonly (readonly string[])[] {
  const variants = each.values.flatMap((value, index) => [
    ...docComment(value.doc, `The value \`${value.name}\`.`),
    `${pascal(value.name)} = ${index},`,
  ]);
  const arms = each.values.map((value, index) => `${index} => Ok(Self::${pascal(value.name)}),`);
  const fromWire = functionOf(
    ["/// The value with this number. Errors: `Unknown`."],
    { head: "pub fn from_wire", args: ["number: u16"], result: "Result<Self, WireError>" },
    ["match number {", ...indent([...arms, "other => Err(WireError::Unknown(other)),"]), "}"],
  );
  const toWire = functionOf(
    ["/// The number of this value."],
    { head: "pub fn to_wire", args: ["self"], result: "u16" },
    ["self as u16"],
  );
  return [
    [
      ...docComment(each.doc, `The enum \`${each.name}\`.`),
      "#[derive(Clone, Copy, Debug, PartialEq, Eq)]",
      "#[repr(u16)]",
      `pub enum ${each.name} {`,
      ...indent(variants),
      "}",
    ],
    [`impl ${each.name} {`, ...indent(spaced([fromWire, toWire])), "}"],
  ];
}
