/** What a schema compiler's request says, as plain data: the part of `capnp/schema.capnp` that capos uses. */

/** A node's 64-bit id in lower-case hexadecimal, 16 digits. */
export type NodeId = string;

/** A type as the request states it, before it is known whether capos can have it. */
export type SchemaType =
  | { readonly kind: ScalarKind | "void" | "bool" | "text" | "data" | "capability" }
  | { readonly kind: "list"; readonly element: SchemaType }
  | { readonly kind: "enum" | "struct" | "interface"; readonly id: NodeId }
  | { readonly kind: "unsupported"; readonly what: string };

export type ScalarKind = "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64";

export interface SchemaField {
  readonly name: string;
  readonly doc: string;
  /** The union case that this field is, if it is one. */
  readonly discriminant: number | undefined;
  readonly where:
    | {
        readonly kind: "slot";
        /** In multiples of the field's size, or the pointer's index. */
        readonly offset: number;
        readonly type: SchemaType;
        /** The bits that a stored value is XORed with; 0 unless the schema gives a default. */
        readonly defaultBits: bigint;
        readonly pointerDefault: boolean;
      }
    | { readonly kind: "group"; readonly id: NodeId };
}

export interface SchemaMethod {
  readonly name: string;
  readonly doc: string;
  readonly params: NodeId;
  readonly results: NodeId;
  readonly isGeneric: boolean;
}

interface NodeBase {
  readonly id: NodeId;
  /** The declaration's path inside its file: `KernelGrant.source`, `Console.writeLine$Params`. */
  readonly path: string;
  readonly doc: string;
  readonly isGeneric: boolean;
}

export interface StructNode extends NodeBase {
  readonly kind: "struct";
  readonly dataWords: number;
  readonly pointers: number;
  readonly isGroup: boolean;
  readonly discriminantCount: number;
  /** In multiples of 16 bits. */
  readonly discriminantOffset: number;
  readonly fields: readonly SchemaField[];
}

export interface EnumNode extends NodeBase {
  readonly kind: "enum";
  readonly enumerants: readonly { readonly name: string; readonly doc: string }[];
}

export interface InterfaceNode extends NodeBase {
  readonly kind: "interface";
  /** In the order of their ordinals. */
  readonly methods: readonly SchemaMethod[];
  readonly hasSuperclass: boolean;
}

export interface OtherNode extends NodeBase {
  readonly kind: "file" | "const" | "annotation";
}

export type SchemaNode = StructNode | EnumNode | InterfaceNode | OtherNode;

export interface Schema {
  readonly nodes: ReadonlyMap<NodeId, SchemaNode>;
  /** The declarations at the top of the requested file, in the order of the source. */
  readonly top: readonly NodeId[];
  /** The files that it imports, as it names them. */
  readonly imports: readonly string[];
}
