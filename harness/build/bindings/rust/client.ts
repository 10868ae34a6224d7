/**
 * Emits the calling side of an interface: a method for each of the schema's, which encodes the parameters, calls, and
 * gives the results.
 */
import {
  hasValues,
  holdsCapabilities,
  nestsCapabilities,
  structOf,
  type Field,
  type Interface,
  type Method,
  type Struct,
} from "../model.ts";
import { access, type Structs } from "./reader.ts";
import { docComment, functionOf, identifier, indent, okTuple, snake, spaced } from "./text.ts";

/** A root pointer, the type of an exception and a reason of 61 bytes: what a caller always has room for. */
const exceptionBytes = 88;

/** The methods of a client. Those named in `refined` are for the runtime, which wraps them. */
export function emitClient(
  each: Interface,
  structs: Structs,
  refined: ReadonlySet<string>,
): readonly (readonly string[])[] {
  if (each.methods.length === 0) return [];
  const methods = each.methods.map((method) => emitMethod(method, structs, refined.has(method.name)));
  return [[`impl<T: Transport> ${each.name}<T> {`, ...indent(spaced(methods)), "}"]];
}

function emitMethod(method: Method, structs: Structs, refined: boolean): readonly string[] {
  const params = paramsOf(method, structs);
  const results = resultsOf(method, structs);
  const path = `schema::${identifier(method.name)}`;
  const borrows = results.borrows || refined;
  const lifetime = results.borrows ? "<'r>" : "";
  const memory = borrows ? [`results: ${results.borrows ? "&'r mut" : "&mut"} [u8]`] : [];
  const name = refined ? `call_${snake(method.name)}` : identifier(method.name);
  const transfers = params.given.length > 0 ? "&given" : params.nested ? "given" : "&[]";
  const body = [
    ...(params.bytes === undefined ? [] : [`let mut params = Buffer::<${params.bytes}>::ZERO;`]),
    ...(borrows ? [] : [`let mut results = Buffer::<${results.bytes}>::ZERO;`]),
    `let mut message = MessageWriter::new(${params.bytes === undefined ? "params" : "&mut params.0"});`,
    ...params.write,
    ...(params.given.length > 0 ? [`let given = [${params.given.join(", ")}];`] : []),
    "let params = message.finish();",
    `let method = ${path}::METHOD;`,
    `${results.isEmpty ? "" : results.takes ? "let mut reply = " : "let reply = "}self.0.call(method, params, ${transfers}, ${borrows ? "results" : "&mut results.0"})?;`,
    ...results.read,
  ];
  return functionOf(
    docComment(method.doc, `The method \`${method.name}\`.`),
    {
      head: `pub${refined ? "(crate)" : ""} fn ${name}${lifetime}`,
      args: ["&self", ...params.args, ...memory],
      result: `Result<${results.type}, Error>`,
    },
    body,
  );
}

interface Sending {
  readonly args: readonly string[];
  /** Bytes of the message, where they are always the same. */
  readonly bytes: number | undefined;
  readonly write: readonly string[];
  /** Descriptors of the capabilities that go with it. */
  readonly given: readonly string[];
  /** The caller lists them, because the parameters name them further inside. */
  readonly nested: boolean;
}

function paramsOf({ name, params }: Method, structs: Structs): Sending {
  const struct = structOf(params, structs);
  const writer = `schema::${identifier(name)}::ParamsWriter`;
  const root = `${writer}::root(&mut message)?`;
  const fields = struct.fields.filter(({ type }) => type.kind !== "void");
  const isFlat =
    params.kind !== "named" && fields.every(({ type }) => type.kind !== "struct" && type.kind !== "list");
  if (!isFlat) {
    const nested =
      params.kind === "named" ? holdsCapabilities(struct, structs) : nestsCapabilities(struct, structs);
    return {
      args: [
        `write: impl FnOnce(${writer}<'_>) -> Result<(), Error>`,
        ...(nested ? ["given: &[TransferDescriptor]"] : []),
        "params: &mut [u8]",
      ],
      bytes: undefined,
      write: [`write(${root})?;`],
      given: [],
      nested,
    };
  }
  const caps = fields.filter(({ type }) => type.kind === "capability");
  const isFixed = fields.every(({ type }) => type.kind !== "text" && type.kind !== "data");
  return {
    args: [
      ...fields.map((field) => `${identifier(field.name)}: ${argumentType(field, structs)}`),
      ...(isFixed ? [] : ["params: &mut [u8]"]),
    ],
    bytes: isFixed ? bytesOf(struct) : undefined,
    write:
      fields.length === 0
        ? [`${root};`]
        : [`let mut writer = ${root};`, ...fields.map((field) => setter(field, caps.indexOf(field)))],
    given: caps.map(({ name: cap, type }) =>
      type.kind === "capability" && type.interface !== undefined
        ? `${identifier(cap)}.cap().copied()`
        : `${identifier(cap)}.copied()`,
    ),
    nested: false,
  };
}

function argumentType(field: Field, structs: Structs): string {
  const { type } = field;
  if (type.kind === "capability") return type.interface === undefined ? "&Cap<T>" : `&${type.interface}<T>`;
  return access(field, "", structs).type.replace("&'a ", "&");
}

function setter(field: Field, ordinal: number): string {
  const set = `writer.set_${snake(field.name)}`;
  switch (field.type.kind) {
    case "capability":
      return `${set}(${ordinal})?;`;
    case "text":
    case "data":
      return `${set}(${identifier(field.name)})?;`;
    default:
      return `${set}(${identifier(field.name)});`;
  }
}

interface Receiving {
  readonly type: string;
  /** What is returned lies in the memory of the results. */
  readonly borrows: boolean;
  /** Bytes of that memory, where it need not outlive the call. */
  readonly bytes: number;
  readonly read: readonly string[];
  /** Capabilities are taken out of the reply. */
  readonly takes: boolean;
  /** There is nothing to read: then nothing is read. */
  readonly isEmpty: boolean;
}

function resultsOf({ name, results }: Method, structs: Structs): Receiving {
  const struct = structOf(results, structs);
  const path = `schema::${identifier(name)}`;
  const caps = struct.fields.filter(({ type }) => type.kind === "capability").length;
  const bytes = Math.max(exceptionBytes, bytesOf(struct) + 16 * caps);
  const read = `let results = ${path}::ResultsReader::read(reply.payload)?;`;
  if (results.kind === "named" || nestsCapabilities(struct, structs)) {
    const holds = holdsCapabilities(struct, structs);
    const reader = `${path}::ResultsReader<'r>`;
    return {
      type: holds ? `(${reader}, Received<'r, T>)` : reader,
      borrows: true,
      bytes,
      read: [read, holds ? "Ok((results, reply.caps))" : "Ok(results)"],
      takes: false,
      isEmpty: false,
    };
  }
  const values = hasValues(struct) ? struct.fields.filter(({ type }) => type.kind !== "void") : [];
  const types = values.map((field) => resultType(field, structs));
  const gets = values.map((field) => resultValue(field, structs));
  const [only] = gets;
  const last =
    only === undefined
      ? ["Ok(())"]
      : gets.length > 1
        ? okTuple(gets)
        : [values[0]?.type.kind === "capability" ? only.slice(0, -1) : `Ok(${only})`];
  return {
    type: types.length === 1 ? (types[0] ?? "()") : `(${types.join(", ")})`,
    borrows: types.some((type) => type.includes("'r")),
    bytes,
    read: [...(only === undefined ? [] : [read]), ...last],
    takes: caps > 0,
    isEmpty: only === undefined,
  };
}

function resultType(field: Field, structs: Structs): string {
  const { type } = field;
  if (type.kind === "capability") return type.interface === undefined ? "Cap<T>" : `${type.interface}<T>`;
  return access(field, "", structs).type.replaceAll("'a", "'r");
}

function resultValue(field: Field, structs: Structs): string {
  const get = `results.${identifier(field.name)}()`;
  if (field.type.kind === "capability")
    return `reply.caps.${field.type.interface === undefined ? "take" : "client"}(${get}?)?`;
  return `${get}${access(field, "", structs).fallible ? "?" : ""}`;
}

/** Bytes of a message that has nothing but this struct in it. */
function bytesOf({ dataWords, pointers }: Struct): number {
  return 8 * (1 + dataWords + pointers);
}
