/**
 * The schema as capos can have it: every name resolved, every unsupported feature refused. What the
 * emitters and the message encoder work on.
 */
import { err, ok, problem, unreachable, type Problem, type Result } from "../../base/index.ts";
import { bindingsCodes } from "./codes.ts";
import type {
  NodeId,
  ScalarKind,
  Schema,
  SchemaField,
  SchemaNode,
  SchemaType,
  StructNode,
} from "./schema.ts";

export type ElementType =
  | { readonly kind: ScalarKind | "text" | "data" }
  | { readonly kind: "struct"; readonly name: string };

export type FieldType =
  | { readonly kind: ScalarKind | "void" | "bool" | "text" | "data" }
  | { readonly kind: "capability"; readonly interface: string | undefined }
  | { readonly kind: "enum" | "struct" | "group"; readonly name: string }
  | { readonly kind: "list"; readonly element: ElementType };

export interface Field {
  /** As in the schema: `blockSize`. */
  readonly name: string;
  readonly doc: string;
  readonly type: FieldType;
  /** In multiples of the field's size, or the pointer's index. */
  readonly offset: number;
  /** The bits that the stored value is XORed with. */
  readonly defaultBits: bigint;
}

export interface Case extends Field {
  readonly discriminant: number;
}

export interface Struct {
  readonly kind: "struct";
  /** The path in one word: `KernelGrantSource`; `Params` and `Results` for a method's own structs. */
  readonly name: string;
  readonly doc: string;
  readonly dataWords: number;
  readonly pointers: number;
  readonly isGroup: boolean;
  readonly fields: readonly Field[];
  readonly union: { readonly slot: number; readonly cases: readonly Case[] } | undefined;
}

export interface Enum {
  readonly kind: "enum";
  readonly name: string;
  readonly doc: string;
  readonly values: readonly { readonly name: string; readonly doc: string }[];
}

/** A method's parameters or results: a struct of its own, or one that the schema declares by name. */
export type MethodStruct = Struct | { readonly kind: "named"; readonly name: string };

export interface Method {
  readonly name: string;
  readonly doc: string;
  readonly ordinal: number;
  readonly params: MethodStruct;
  readonly results: MethodStruct;
}

export interface Interface {
  readonly kind: "interface";
  readonly name: string;
  readonly id: NodeId;
  readonly doc: string;
  readonly methods: readonly Method[];
}

/** One declaration at the top of the file, with the structs, groups and enums inside it. */
export interface Declaration {
  readonly main: Struct | Enum | Interface;
  readonly parts: readonly (Struct | Enum)[];
}

/** A struct whose fields are all cases of its union: it is read as one enum. */
export function isPureUnion(struct: Struct): boolean {
  return struct.isGroup && struct.union !== undefined && struct.fields.length === 0;
}

/** The struct behind a method's parameters or results. */
export function structOf(each: MethodStruct, structs: ReadonlyMap<string, Struct>): Struct {
  const struct = each.kind === "named" ? structs.get(each.name) : each;
  if (struct === undefined) throw new Error(`the model has no struct ${each.name}`);
  return struct;
}

/** True if there is anything to read in it. */
export function hasValues({ fields, union }: Struct): boolean {
  return union !== undefined || fields.some(({ type }) => type.kind !== "void");
}

/** True if a value of this struct may name capabilities. */
export function holdsCapabilities(struct: Struct, structs: ReadonlyMap<string, Struct>): boolean {
  return struct.fields.some(({ type }) => type.kind === "capability") || nestsCapabilities(struct, structs);
}

/** True if a value of this struct may name capabilities in other ways than by a field of its own. */
export function nestsCapabilities(struct: Struct, structs: ReadonlyMap<string, Struct>): boolean {
  const seen = new Set<string>();
  const holds = (each: Struct | undefined): boolean =>
    [...(each?.fields ?? []), ...(each?.union?.cases ?? [])].some(
      ({ type }) => type.kind === "capability" || inside(type),
    );
  const inside = (type: FieldType): boolean => {
    const name =
      type.kind === "struct" || type.kind === "group"
        ? type.name
        : type.kind === "list" && type.element.kind === "struct"
          ? type.element.name
          : undefined;
    if (name === undefined || seen.has(name)) return false;
    seen.add(name);
    return holds(structs.get(name));
  };
  const cases = struct.union?.cases ?? [];
  return (
    struct.fields.some(({ type }) => inside(type)) ||
    cases.some(({ type }) => type.kind === "capability" || inside(type))
  );
}

/** Every struct of the model by its name, a method's own structs excepted. */
export function structsByName(model: readonly Declaration[]): ReadonlyMap<string, Struct> {
  const all = model.flatMap(({ main, parts }) => [main, ...parts]);
  return new Map(all.flatMap((each) => (each.kind === "struct" ? [[each.name, each] as const] : [])));
}

/** Checks the whole schema; reports every unsupported place, not only the first. */
export function modelOf(schema: Schema): Result<readonly Declaration[]> {
  const builder = new Builder(schema);
  if (schema.imports.length > 0)
    return err(schema.imports.map((path) => refusal(path, "a schema may not import another")));
  const declarations = schema.top.flatMap((id) => builder.declaration(id));
  return builder.problems.length > 0 ? err(builder.problems) : ok(declarations);
}

/** Words that the emitted code uses for itself. */
const reservedFields = new Set([
  "read",
  "readWithin",
  "which",
  "root",
  "untyped",
  "reborrow",
  "self",
  "super",
  "crate",
]);

/** Names in the functions of clients and servers, beside those of a method's own parameters. */
const reservedParameters = new Set(["params", "results", "received", "given", "message", "writer", "reply"]);

class Builder {
  readonly problems: Problem[] = [];
  readonly #schema: Schema;
  readonly #names = new Map<string, string>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  declaration(id: NodeId): readonly Declaration[] {
    const node = this.#schema.nodes.get(id);
    if (node === undefined || node.kind === "annotation") return [];
    if (node.kind === "file" || node.kind === "const") {
      this.#refuse(node.path, `a ${node.kind} has no form in the bindings`);
      return [];
    }
    const inside = [...this.#schema.nodes.values()]
      .filter((each) => each.path.startsWith(`${node.path}.`) && !each.path.includes("$"))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const parts = inside.flatMap((each) => {
      const part = this.#part(each);
      return part === undefined ? [] : [part];
    });
    const main = node.kind === "interface" ? this.#interface(node) : this.#part(node);
    return main === undefined ? [] : [{ main, parts }];
  }

  #part(node: SchemaNode): Struct | Enum | undefined {
    const name = this.#claim(node.path);
    if (node.isGeneric) this.#refuse(node.path, "generic types are not supported");
    switch (node.kind) {
      case "struct":
        return this.#struct(node, name);
      case "enum":
        return { kind: "enum", name, doc: node.doc, values: node.enumerants };
      case "annotation":
        return undefined;
      case "interface":
      case "file":
      case "const":
        this.#refuse(node.path, "only structs and enums may stand inside another declaration");
        return undefined;
      default:
        return unreachable(node);
    }
  }

  #struct(node: StructNode, name: string): Struct {
    const fields = node.fields.filter((field) => field.discriminant === undefined);
    const cases = node.fields.filter((field) => field.discriminant !== undefined);
    return {
      kind: "struct",
      name,
      doc: node.doc,
      dataWords: node.dataWords,
      pointers: node.pointers,
      isGroup: node.isGroup,
      fields: fields.map((field) => this.#field(node.path, field)),
      union:
        node.discriminantCount === 0
          ? undefined
          : {
              slot: node.discriminantOffset,
              cases: cases.map((field) => ({
                ...this.#field(node.path, field),
                discriminant: field.discriminant ?? 0,
              })),
            },
    };
  }

  #field(path: string, field: SchemaField): Field {
    const where = `${path}.${field.name}`;
    if (reservedFields.has(field.name))
      this.#refuse(where, `the bindings use the name "${field.name}" themselves`);
    const base = { name: field.name, doc: field.doc };
    if (field.where.kind === "group") {
      return {
        ...base,
        type: { kind: "group", name: this.#nameOf(field.where.id) },
        offset: 0,
        defaultBits: 0n,
      };
    }
    const { offset, type, defaultBits, pointerDefault } = field.where;
    if (pointerDefault) this.#refuse(where, "a default is only possible for numbers, booleans and enums");
    return { ...base, type: this.#type(where, type), offset, defaultBits };
  }

  #type(where: string, type: SchemaType): FieldType {
    switch (type.kind) {
      case "list":
        return { kind: "list", element: this.#element(where, type.element) };
      case "enum":
      case "struct":
        return { kind: type.kind, name: this.#nameOf(type.id) };
      case "interface":
        return { kind: "capability", interface: this.#nameOf(type.id) };
      case "capability":
        return { kind: "capability", interface: undefined };
      case "unsupported":
        this.#refuse(where, `${type.what} has no form in messages of capos`);
        return { kind: "void" };
      default:
        return { kind: type.kind };
    }
  }

  #element(where: string, type: SchemaType): ElementType {
    switch (type.kind) {
      case "struct":
        return { kind: "struct", name: this.#nameOf(type.id) };
      case "text":
      case "data":
      case "int8":
      case "int16":
      case "int32":
      case "int64":
      case "uint8":
      case "uint16":
      case "uint32":
      case "uint64":
        return { kind: type.kind };
      default:
        this.#refuse(where, `a list of ${type.kind} is not supported; put the element into a struct`);
        return { kind: "data" };
    }
  }

  #interface(node: SchemaNode & { readonly kind: "interface" }): Interface {
    if (node.isGeneric) this.#refuse(node.path, "generic types are not supported");
    if (node.hasSuperclass)
      this.#refuse(node.path, "an interface cannot extend another: a table entry has one id");
    const methods = node.methods.map((method, ordinal): Method => {
      const where = `${node.path}.${method.name}`;
      if (method.isGeneric) this.#refuse(where, "generic methods are not supported");
      return {
        name: method.name,
        doc: method.doc,
        ordinal,
        params: this.#methodStruct(where, method.params, "Params"),
        results: this.#methodStruct(where, method.results, "Results"),
      };
    });
    return { kind: "interface", name: this.#claim(node.path), id: node.id, doc: node.doc, methods };
  }

  #methodStruct(where: string, id: NodeId, name: "Params" | "Results"): MethodStruct {
    const node = this.#schema.nodes.get(id);
    if (node?.kind !== "struct") {
      this.#refuse(where, `its ${name.toLowerCase()} are not a struct of this file`);
      return { kind: "named", name };
    }
    if (!node.path.includes("$")) return { kind: "named", name: nameOfPath(node.path) };
    const struct = this.#struct(node, name);
    for (const field of name === "Params" ? struct.fields : []) {
      if (reservedParameters.has(field.name))
        this.#refuse(
          `${node.path}.${field.name}`,
          `the bindings use the name "${field.name}" for a parameter of their own`,
        );
    }
    return struct;
  }

  #nameOf(id: NodeId): string {
    const node = this.#schema.nodes.get(id);
    return node === undefined ? `Unknown${id}` : nameOfPath(node.path);
  }

  /** Two paths may come to one name (`FooBar` and `Foo.bar`); the second is refused. */
  #claim(path: string): string {
    const name = nameOfPath(path);
    const other = this.#names.get(name);
    if (other !== undefined) this.#refuse(path, `it comes to the same name as ${other}`);
    this.#names.set(name, path);
    return name;
  }

  #refuse(place: string, message: string): void {
    this.problems.push(refusal(place, message));
  }
}

function refusal(place: string, message: string): Problem {
  return problem(bindingsCodes, "CAPOS_SCHEMA_UNSUPPORTED", `${place}: ${message}`);
}

function nameOfPath(path: string): string {
  return path
    .split(".")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
