/**
 * Emits the serving side of an interface: a trait with one function for each method, and what decodes a call, hands it
 * to the trait and leaves the answer.
 */
import {
  hasValues,
  holdsCapabilities,
  nestsCapabilities,
  structOf,
  type Field,
  type Interface,
  type Method,
} from "../model.ts";
import { access, type Structs } from "./reader.ts";
import { callOf, docComment, identifier, indent, signatureOf, spaced } from "./text.ts";

/** An argument of a service's function: its name and type, and what the dispatcher puts there. */
interface Argument {
  readonly name: string;
  readonly type: string;
  readonly from: string;
}

/** The trait and the dispatcher of an interface; nothing where it has no methods. */
export function emitServer(each: Interface, structs: Structs): readonly (readonly string[])[] {
  if (each.methods.length === 0) return [];
  const methods = each.methods.map((method) => ({ method, args: argumentsOf(method, structs) }));
  const generic = methods.some(({ args }) => args.some(({ type }) => /\bT\b/u.test(type)));
  const service = `${each.name}Service${generic ? "<T>" : ""}`;
  const functions = methods.map(({ method, args }) => [
    ...docComment(method.doc, `The method \`${method.name}\`.`),
    ...signatureOf(
      `fn ${identifier(method.name)}`,
      ["&mut self", ...args.map(({ name, type }) => `${name}: ${type}`)],
      "Result<(), Exception>",
      ";",
    ),
  ]);
  return [
    [
      `/// What serves \`${each.name}\`: a function for each method, which writes its results. What a caller must`,
      "/// expect in ordinary use is a case of the results; an exception is for everything else.",
      `pub trait ${each.name}Service${generic ? "<T: Transport>" : ""} {`,
      ...indent(spaced(functions)),
      "}",
    ],
    [
      `/// Decodes calls of \`${each.name}\`, hands them on, and encodes the results.`,
      `pub struct ${each.name}Server<S>(pub S);`,
    ],
    [
      `impl<S: ${service}, T: Transport> Service<T> for ${each.name}Server<S> {`,
      ...indent([
        ...signatureOf(
          "fn call",
          ["&mut self", "call: Incoming<'_, T>", "message: &mut MessageWriter<'_>", "given: &mut Given<T>"],
          "Result<(), Exception>",
          " {",
        ),
        ...indent(dispatch(each, methods)),
        "}",
      ]),
      "}",
    ],
  ];
}

function dispatch(
  each: Interface,
  methods: readonly { readonly method: Method; readonly args: readonly Argument[] }[],
): readonly string[] {
  const froms = methods.flatMap(({ args }) => args.map(({ from }) => from)).join(" ");
  const caps = /\breceived\b/u.test(froms);
  const arms = methods.flatMap(({ method, args }) => [
    `schema::${identifier(method.name)}::METHOD => {`,
    ...indent(arm(method, args)),
    "}",
  ]);
  return [
    "if call.interface_id != schema::INTERFACE_ID {",
    `    return Err(other_interface("${each.name}"));`,
    "}",
    ...(caps ? ["let mut received = call.caps;"] : []),
    ...(/\bgiven\b/u.test(froms) ? [] : ["let _ = given;"]),
    "match call.method {",
    ...indent([...arms, `_ => return Err(no_such_method("${each.name}")),`]),
    "}",
    "Ok(())",
  ];
}

function arm(method: Method, args: readonly Argument[]): readonly string[] {
  const path = `schema::${identifier(method.name)}`;
  const read = `${path}::ParamsReader::read(call.payload)?;`;
  const needed = args.some(({ from }) => /\bparams\b/u.test(from));
  const writes = args.some(({ name }) => name === "results");
  const root = `${path}::ResultsWriter::root(message)?;`;
  return [
    `${needed ? "let params = " : ""}${read}`,
    ...(writes ? [`let results = ${root}`] : []),
    ...callOf(
      "self.0",
      identifier(method.name),
      args.map(({ from }) => from),
    ),
    ...(writes ? [] : [root]),
  ];
}

function argumentsOf({ name, params, results }: Method, structs: Structs): readonly Argument[] {
  const path = `schema::${identifier(name)}`;
  const flat =
    params.kind === "named"
      ? [{ name: "params", type: `${path}::ParamsReader<'_>`, from: "params" }]
      : params.fields.filter(({ type }) => type.kind !== "void").map((field) => argument(field, structs));
  const sent = structOf(params, structs);
  const answered = structOf(results, structs);
  const nested =
    params.kind === "named" ? holdsCapabilities(sent, structs) : nestsCapabilities(sent, structs);
  return [
    ...flat,
    ...(nested ? [{ name: "received", type: "&mut Received<'_, T>", from: "&mut received" }] : []),
    ...(hasValues(answered)
      ? [{ name: "results", type: `${path}::ResultsWriter<'_>`, from: "results" }]
      : []),
    ...(holdsCapabilities(answered, structs)
      ? [{ name: "given", type: "&mut Given<T>", from: "given" }]
      : []),
  ];
}

/** A parameter as the service gets it: its value, and a capability as the client that owns it. */
function argument(field: Field, structs: Structs): Argument {
  const name = identifier(field.name);
  const { type } = field;
  if (type.kind === "capability") {
    const take = type.interface === undefined ? "take" : "client";
    return {
      name,
      type: type.interface === undefined ? "Cap<T>" : `${type.interface}<T>`,
      from: `received.${take}(params.${name}()?)?`,
    };
  }
  const read = access(field, "", structs);
  return {
    name,
    type: read.type.replaceAll("'a", "'_").replace("&'_ ", "&"),
    from: `params.${name}()${read.fallible ? "?" : ""}`,
  };
}
