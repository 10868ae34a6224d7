/**
 * Decodes the `CodeGeneratorRequest` that `capnp compile -o-` prints. The offsets are those of
 * `capnp/schema.capnp`, which is frozen by Cap'n Proto's own rules of evolution.
 */
import { readFramed, MalformedMessage, type StructView } from "./message.ts";
import type { NodeId, Schema, SchemaField, SchemaMethod, SchemaNode, SchemaType } from "./schema.ts";

interface Docs {
  readonly self: string;
  readonly members: readonly string[];
}

/** Throws `MalformedMessage` when the bytes are not such a request. */
export function readRequest(bytes: Uint8Array): Schema {
  const root = readFramed(bytes);
  const docs = new Map(root.structs(3).map((info) => [idOf(info.u64(0)), docsOf(info)]));
  const views = root.structs(0);
  const nodes = new Map<NodeId, SchemaNode>();
  for (const view of views) {
    const id = idOf(view.u64(0));
    nodes.set(id, nodeOf(view, id, docs.get(id) ?? { self: "", members: [] }));
  }
  const [requested, ...more] = root.structs(1);
  if (requested === undefined || more.length > 0)
    throw new MalformedMessage("the request names not exactly one file");
  const file = views.find((view) => view.u64(0) === requested.u64(0));
  if (file === undefined) throw new MalformedMessage("the requested file is not among the nodes");
  return {
    nodes,
    top: file.structs(1).map((nested) => idOf(nested.u64(0))),
    imports: requested.structs(1).map((imported) => imported.text(0)),
  };
}

function idOf(id: bigint): NodeId {
  return id.toString(16).padStart(16, "0");
}

function docsOf(info: StructView): Docs {
  return { self: info.text(0).trim(), members: info.structs(1).map((member) => member.text(0).trim()) };
}

function nodeOf(view: StructView, id: NodeId, docs: Docs): SchemaNode {
  const displayName = view.text(0);
  const path = displayName.slice(displayName.lastIndexOf(":") + 1);
  const base = { id, path, doc: docs.self, isGeneric: view.bool(288) };
  const which = view.u16(12);
  switch (which) {
    case 0:
      return { ...base, kind: "file" };
    case 1:
      return {
        ...base,
        kind: "struct",
        dataWords: view.u16(14),
        pointers: view.u16(24),
        isGroup: view.bool(224),
        discriminantCount: view.u16(30),
        discriminantOffset: view.u32(32),
        fields: view.structs(3).map((field, index) => fieldOf(field, docs.members[index] ?? "")),
      };
    case 2:
      return {
        ...base,
        kind: "enum",
        enumerants: view
          .structs(3)
          .map((each, index) => ({ name: each.text(0), doc: docs.members[index] ?? "" })),
      };
    case 3:
      return {
        ...base,
        kind: "interface",
        methods: view.structs(3).map((method, index) => methodOf(method, docs.members[index] ?? "")),
        hasSuperclass: view.structs(4).length > 0,
      };
    case 4:
      return { ...base, kind: "const" };
    case 5:
      return { ...base, kind: "annotation" };
    default:
      throw new MalformedMessage(`node ${displayName} is of an unknown kind`);
  }
}

function fieldOf(view: StructView, doc: string): SchemaField {
  const discriminant = view.u16(2) ^ 0xffff;
  const base = {
    name: view.text(0),
    doc,
    discriminant: discriminant === 0xffff ? undefined : discriminant,
  };
  if (view.u16(8) === 1) return { ...base, where: { kind: "group", id: idOf(view.u64(16)) } };
  const type = typeOf(view.struct(2));
  const value = view.struct(3);
  return {
    ...base,
    where: {
      kind: "slot",
      offset: view.u32(4),
      type,
      defaultBits: defaultOf(type, value),
      pointerDefault: view.bool(128) && value.has(0),
    },
  };
}

function defaultOf(type: SchemaType, value: StructView): bigint {
  switch (type.kind) {
    case "bool":
      return value.bool(16) ? 1n : 0n;
    case "int8":
    case "uint8":
      return BigInt(value.u8(2));
    case "int16":
    case "uint16":
    case "enum":
      return BigInt(value.u16(2));
    case "int32":
    case "uint32":
      return BigInt(value.u32(4));
    case "int64":
    case "uint64":
      return value.u64(8);
    default:
      return 0n;
  }
}

function methodOf(view: StructView, doc: string): SchemaMethod {
  return {
    name: view.text(0),
    doc,
    params: idOf(view.u64(8)),
    results: idOf(view.u64(16)),
    isGeneric: view.structs(4).length > 0,
  };
}

const simpleTypes = [
  "void",
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
] as const;

function typeOf(view: StructView): SchemaType {
  const which = view.u16(0);
  const simple = simpleTypes[which];
  if (simple !== undefined) return { kind: simple };
  switch (which) {
    case 10:
      return { kind: "unsupported", what: "Float32" };
    case 11:
      return { kind: "unsupported", what: "Float64" };
    case 12:
      return { kind: "text" };
    case 13:
      return { kind: "data" };
    case 14:
      return { kind: "list", element: typeOf(view.struct(0)) };
    case 15:
      return { kind: "enum", id: idOf(view.u64(8)) };
    case 16:
      return { kind: "struct", id: idOf(view.u64(8)) };
    case 17:
      return { kind: "interface", id: idOf(view.u64(8)) };
    case 18:
      return view.u16(8) === 0 && view.u16(10) === 3
        ? { kind: "capability" }
        : { kind: "unsupported", what: "AnyPointer" };
    default:
      throw new MalformedMessage(`a field has the unknown type ${which}`);
  }
}
