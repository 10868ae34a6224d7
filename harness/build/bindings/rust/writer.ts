/** Emits the writing side: a struct's writer, and the writer of a list of it where the schema has one. */
import { unreachable } from "../../../base/index.ts";
import type { Case, Field, FieldType, Struct } from "../model.ts";
import { pointsAt, rustNumber } from "./reader.ts";
import { docComment, functionOf, identifier, indent, snake, spaced } from "./text.ts";

interface Setter {
  readonly head: string;
  readonly args: readonly string[];
  readonly result: string;
  readonly body: string;
}

/** The functions that set `field`; `inUnion` says that its case has to be set with it. */
function setters(field: Field, inUnion: boolean): readonly Setter[] {
  const { type, offset, defaultBits } = field;
  const set = `pub fn set_${snake(field.name)}`;
  const init = `pub fn init_${snake(field.name)}`;
  const flip = defaultBits === 0n ? "" : ` ^ 0x${defaultBits.toString(16)}`;
  const done = "Result<(), WireError>";
  const value = (rust: string, body: string, result = ""): Setter => ({
    head: set,
    args: ["&mut self", `value: ${rust}`],
    result,
    body,
  });
  switch (type.kind) {
    case "void":
      return inUnion ? [{ head: set, args: ["&mut self"], result: "", body: "" }] : [];
    case "bool":
      return [value("bool", `self.0.set_bool(${offset}, ${flip === "" ? "" : "!"}value);`)];
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
      return [value(rustNumber(type.kind), `self.0.set_${rustNumber(type.kind)}(${offset}, value${flip});`)];
    case "int8":
    case "int16":
    case "int32":
    case "int64": {
      const raw = rustNumber(type.kind).replace("i", "u");
      const set = `self.0.set_${raw}(${offset}, `;
      return [
        value(
          rustNumber(type.kind),
          flip === ""
            ? `${set}value.cast_unsigned());`
            : `let bits = value.cast_unsigned()${flip};\n${set}bits);`,
        ),
      ];
    }
    case "enum":
      return [value(type.name, `self.0.set_u16(${offset}, value.to_wire()${flip});`)];
    case "text":
      return [value("&str", `self.0.set_text(${offset}, value)`, done)];
    case "data":
      return [
        value("&[u8]", `self.0.set_data(${offset}, value)`, done),
        {
          head: init,
          args: ["&mut self", "len: usize"],
          result: "Result<&mut [u8], WireError>",
          body: `self.0.init_data(${offset}, len)`,
        },
      ];
    case "capability":
      return [value("u32", `self.0.set_capability(${offset}, value)`, done)];
    case "struct":
      return [
        {
          head: init,
          args: ["&mut self"],
          result: `Result<${type.name}Writer<'_>, WireError>`,
          body: `self.0.init_struct(${offset}, ${type.name}Writer::SIZE)`,
        },
      ];
    case "group":
      return [
        {
          head: inUnion ? init : `pub fn ${identifier(field.name)}`,
          args: ["&mut self"],
          result: `${type.name}Writer<'_>`,
          body: `${type.name}Writer::from(self.0.reborrow())`,
        },
      ];
    case "list":
      return [{ head: init, args: ["&mut self", "count: usize"], ...listSetter(type, offset) }];
    default:
      return unreachable(type);
  }
}

function listSetter(
  type: FieldType & { readonly kind: "list" },
  offset: number,
): Pick<Setter, "result" | "body"> {
  const { element } = type;
  switch (element.kind) {
    case "struct":
      return {
        result: `Result<${element.name}ListWriter<'_>, WireError>`,
        body: `self.0.init_structs(${offset}, ${element.name}Writer::SIZE, count)`,
      };
    case "text":
    case "data":
      return {
        result: "Result<BytesListWriter<'_>, WireError>",
        body: `self.0.init_bytes_list(${offset}, count)`,
      };
    default:
      return {
        result: `Result<ScalarListWriter<'_, ${rustNumber(element.kind)}>, WireError>`,
        body: `self.0.init_scalars(${offset}, count)`,
      };
  }
}

/** The writer of a struct; `inList` says that the schema has a list of it. */
export function emitWriter(struct: Struct, inList: boolean): readonly (readonly string[])[] {
  const name = `${struct.name}Writer`;
  const plain = struct.fields.flatMap((field) => fieldSetters(field, undefined));
  const cases = (struct.union?.cases ?? []).flatMap((each) => fieldSetters(each, struct.union?.slot));
  const own = [...plain, ...cases];
  const sections = struct.isGroup ? "" : `(${struct.dataWords}, ${struct.pointers})`;
  return [
    ["writer! {", ...indent([`/// Writes [\`${readerOf(struct)}\`].`, `${name}${sections}`]), "}"],
    own.length === 0 ? [] : [`impl ${name}<'_> {`, ...indent(spaced(own)), "}"],
    inList ? emitListWriter(struct.name) : [],
  ];
}

function readerOf(struct: Struct): string {
  return struct.isGroup && struct.fields.length === 0 ? struct.name : `${struct.name}Reader`;
}

function fieldSetters(field: Field | Case, unionSlot: number | undefined): readonly (readonly string[])[] {
  const select =
    "discriminant" in field && unionSlot !== undefined
      ? [`self.0.set_u16(${unionSlot}, ${field.discriminant});`]
      : [];
  return setters(field, select.length > 0).map(({ head, args, result, body }) =>
    functionOf(
      docComment(
        field.doc,
        `${select.length > 0 ? "Chooses the case" : "The field"} \`${field.name}\`${pointsAt(field.type)}.`,
      ),
      { head, args, result },
      [...select, ...body.split("\n").filter((line) => line !== "")],
    ),
  );
}

function emitListWriter(name: string): readonly string[] {
  return [
    "list_writer! {",
    ...indent([`/// Writes a list of [\`${name}Reader\`].`, `${name}ListWriter of ${name}Writer`]),
    "}",
  ];
}
