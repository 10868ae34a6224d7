/**
 * Emits the tool's own side of a stored message: types, and straight-line functions that write and read them. A
 * stored message carries no capabilities, so structs that have one are refused.
 */
import { err, ok, problem, unreachable, type Problem, type Result } from "../../base/index.ts";
import { bindingsCodes } from "./codes.ts";
import { isPureUnion, structsByName, type Case, type Declaration, type Field, type Struct } from "./model.ts";
import { pascal } from "./rust/text.ts";

/** Emits every struct that `root` leads to. `bindings` is the import path of this folder. */
export function emitTypescript(
  model: readonly Declaration[],
  root: string,
  { source, bindings }: { readonly source: string; readonly bindings: string },
): Result<string> {
  const structs = structsByName(model);
  const context: Context = { structs, problems: [] };
  const used = reachable(root, structs);
  const body = used.flatMap((struct) => emitStruct(struct, context));
  if (context.problems.length > 0) return err(context.problems);
  const imports = [
    "",
    'import { unreachable } from "../../../base/index.ts";',
    `import { StructBuilder } from "${bindings}/canonical.ts";`,
    `import { MalformedMessage, readSegment, type StructView } from "${bindings}/message.ts";`,
  ];
  const struct = structs.get(root);
  const size = struct === undefined ? "0, 0" : `${struct.dataWords}, ${struct.pointers}`;
  const doors = [
    [
      `/** The canonical message of a ${root}. */`,
      `export function encode${root}(value: ${root}): Uint8Array {`,
      `  const out = new StructBuilder(${size});`,
      `  write${root}(out, value);`,
      "  return out.finish();",
      "}",
    ],
    [
      `/** Reads such a message; throws \`MalformedMessage\` when it is none. */`,
      `export function decode${root}(message: Uint8Array): ${root} {`,
      `  return read${root}(readSegment(message));`,
      "}",
    ],
  ];
  const blocks = [[`// Made from ${source}; do not edit.`, ...imports], ...body, ...doors];
  return ok(`${blocks.map((block) => block.join("\n")).join("\n\n")}\n`);
}

interface Context {
  readonly structs: ReadonlyMap<string, Struct>;
  readonly problems: Problem[];
}

function reachable(root: string, structs: ReadonlyMap<string, Struct>): readonly Struct[] {
  const names = new Set([root]);
  for (const name of names) {
    for (const { type } of fieldsOf(structs.get(name))) {
      if (type.kind === "struct" || type.kind === "group") names.add(type.name);
      if (type.kind === "list" && type.element.kind === "struct") names.add(type.element.name);
    }
  }
  return [...names].flatMap((name) => structs.get(name) ?? []);
}

function fieldsOf(struct: Struct | undefined): readonly Field[] {
  return [...(struct?.fields ?? []), ...(struct?.union?.cases ?? [])];
}

function emitStruct(struct: Struct, context: Context): readonly (readonly string[])[] {
  if (isPureUnion(struct)) return emitUnion(struct.name, struct, context);
  const fields = struct.fields.filter(({ type }) => type.kind !== "void");
  const which = struct.union === undefined ? [] : ["which"];
  const writes = fields.map((field) => `${writeOf(field, `value.${field.name}`, context)};`);
  const reads = fields.map((field) => `${field.name}: ${readOf(field)},`);
  return [
    [
      ...comment(struct.doc, ""),
      `export interface ${struct.name} {`,
      ...fields.flatMap((field) => [
        ...comment(field.doc, "  "),
        `  readonly ${field.name}: ${typeOf(field, context)};`,
      ]),
      ...which.map((name) => `  readonly ${name}: ${struct.name}Which;`),
      "}",
    ],
    [
      `export function write${struct.name}(out: StructBuilder, value: ${struct.name}): void {`,
      ...[...writes, ...which.map((name) => `write${struct.name}Which(out, value.${name});`)].map(
        (line) => `  ${line}`,
      ),
      "}",
    ],
    [
      `export function read${struct.name}(from: StructView): ${struct.name} {`,
      "  return {",
      ...[...reads, ...which.map((name) => `${name}: read${struct.name}Which(from),`)].map(
        (line) => `    ${line}`,
      ),
      "  };",
      "}",
    ],
    ...(struct.union === undefined ? [] : emitUnion(`${struct.name}Which`, struct, context)),
  ];
}

function emitUnion(name: string, struct: Struct, context: Context): readonly (readonly string[])[] {
  const { slot, cases } = struct.union ?? { slot: 0, cases: [] };
  return [
    [
      ...comment(isPureUnion(struct) ? struct.doc : "", ""),
      `export type ${name} =`,
      ...cases.map((each, index) => `  | ${variant(each, context)}${index === cases.length - 1 ? ";" : ""}`),
    ],
    [
      `export function write${name}(out: StructBuilder, value: ${name}): void {`,
      "  switch (value.kind) {",
      ...cases.flatMap((each) => [
        `    case "${each.name}":`,
        `      out.u16(${2 * slot}, ${each.discriminant});`,
        ...(each.type.kind === "void" ? [] : [`      ${writeOf(each, "value.value", context)};`]),
        "      return;",
      ]),
      "    default:",
      "      unreachable(value);",
      "  }",
      "}",
    ],
    [
      `export function read${name}(from: StructView): ${name} {`,
      `  const which = from.u16(${2 * slot});`,
      "  switch (which) {",
      ...cases.flatMap((each) => [
        `    case ${each.discriminant}:`,
        `      return { kind: "${each.name}"${each.type.kind === "void" ? "" : `, value: ${readOf(each)}`} };`,
      ]),
      "    default:",
      `      throw new MalformedMessage(\`${name} has the unknown case \${which}\`);`,
      "  }",
      "}",
    ],
  ];
}

function variant(each: Case, context: Context): string {
  const value = each.type.kind === "void" ? "" : `; readonly value: ${typeOf(each, context)}`;
  return `{ readonly kind: "${each.name}"${value} }`;
}

function typeOf({ name, type, defaultBits }: Field, context: Context): string {
  if (defaultBits !== 0n) return refuse(name, "a default in a stored message", context);
  switch (type.kind) {
    case "void":
      return "null";
    case "bool":
      return "boolean";
    case "int64":
    case "uint64":
      return "bigint";
    case "text":
      return "string";
    case "data":
      return "Uint8Array";
    case "struct":
    case "group":
      return type.name;
    case "list":
      switch (type.element.kind) {
        case "struct":
          return `readonly ${type.element.name}[]`;
        case "text":
          return "readonly string[]";
        case "data":
          return "readonly Uint8Array[]";
        default:
          return refuse(name, `a list of ${type.element.kind} in a stored message`, context);
      }
    case "capability":
      return refuse(name, "a capability in a stored message", context);
    case "enum":
      return refuse(name, "an enum in a stored message", context);
    default:
      return "number";
  }
}

function refuse(name: string, what: string, { problems }: Context): string {
  problems.push(
    problem(bindingsCodes, "CAPOS_SCHEMA_UNSUPPORTED", `${name}: ${what} has no form in the tool`),
  );
  return "never";
}

/** Bytes of a number's type, and the accessor's name: `u32`. */
function numberOf(kind: string): { readonly bytes: number; readonly name: string } {
  return {
    bytes: Number(kind.replaceAll(/\D/g, "")) / 8,
    name: kind.replace("uint", "u").replace("int", "i"),
  };
}

function writeOf(field: Field, value: string, { structs }: Context): string {
  const { type, offset } = field;
  switch (type.kind) {
    case "void":
    case "capability":
    case "enum":
      return "";
    case "bool":
      return `out.bool(${offset}, ${value})`;
    case "text":
    case "data":
      return `out.${type.kind}(${offset}, ${value})`;
    case "group":
      return `write${type.name}(out, ${value})`;
    case "struct":
      return `write${type.name}(out.struct(${offset}, ${sizeOf(type.name, structs)}), ${value})`;
    case "list":
      return type.element.kind === "struct"
        ? `out.structs(${offset}, ${value}, [${sizeOf(type.element.name, structs)}], write${type.element.name})`
        : `out.${type.element.kind}s(${offset}, ${value})`;
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const { bytes, name } = numberOf(type.kind);
      return `out.${name}(${offset * bytes}, ${value})`;
    }
    default:
      return unreachable(type);
  }
}

function sizeOf(name: string, structs: ReadonlyMap<string, Struct>): string {
  const struct = structs.get(name);
  return `${struct?.dataWords ?? 0}, ${struct?.pointers ?? 0}`;
}

function readOf(field: Field): string {
  const { type, offset } = field;
  switch (type.kind) {
    case "void":
    case "capability":
    case "enum":
      return "null";
    case "bool":
      return `from.bool(${offset})`;
    case "text":
    case "data":
      return `from.${type.kind}(${offset})`;
    case "group":
      return `read${type.name}(from)`;
    case "struct":
      return `read${type.name}(from.struct(${offset}))`;
    case "list":
      return type.element.kind === "struct"
        ? `from.structs(${offset}).map(read${type.element.name})`
        : `from.${type.element.kind}s(${offset})`;
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64": {
      const { bytes, name } = numberOf(type.kind);
      return `from.${name}(${offset * bytes})`;
    }
    default:
      return unreachable(type);
  }
}

function comment(doc: string, indent: string): readonly string[] {
  if (doc === "") return [];
  const lines = doc.split("\n").map((line) => line.trim());
  if (lines.length === 1) return [`${indent}/** ${lines[0] ?? ""} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`];
}

/** The id of every interface by its name in the schema. */
export function emitInterfaceIds(model: readonly Declaration[], source: string): string {
  const ids = model.flatMap(({ main }) =>
    main.kind === "interface" ? [`  ${pascal(main.name)}: 0x${main.id}n,`] : [],
  );
  return [
    `// Made from ${source}; do not edit.`,
    "",
    "/** The id of every interface by its name in the schema. */",
    "export const interfaceIds = {",
    ...ids,
    "} as const;",
    "",
  ].join("\n");
}
