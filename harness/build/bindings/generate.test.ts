// Longer than most: whole generated files are pinned, so that a change of one line of them is seen.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateBindings, loadSchema, writeBindings, bindingsDrift } from "./generate.ts";
import { emitRust } from "./rust/files.ts";
import { emitServices } from "./rust/service.ts";
import { emitTypescript } from "./typescript.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "capos-bindings-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const small = `@0xbf5147cbbecf40c1;

struct Lamp @0xa1b2c3d4e5f60718 {
  # Something that shines.
  name @0 :Text;        # at most 8 bytes of [a-z]
  brightness @1 :Int16 = 7;
  state :union {
    off @2 :Void;
    until @3 :UInt64;   # in nanoseconds
  }
}

interface Switch @0xc1b2c3d4e5f60719 {
  toggle @0 (lamps :List(Lamp)) -> ();
  # Turns every lamp the other way round.
}
`;

async function load(text: string): ReturnType<typeof loadSchema> {
  writeFileSync(join(folder, "small.capnp"), text);
  return loadSchema(folder, "small.capnp");
}

async function rustOf(text: string): Promise<ReadonlyMap<string, string>> {
  const model = await load(text);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const files = emitRust(model.value, {
    source: "small.capnp",
    tree: "crate::generated",
    wire: "crate::wire",
  });
  return new Map(files.map((file) => [file.name, file.text]));
}

describe("the Rust of a small schema", () => {
  test("names every file", async () => {
    expect([...(await rustOf(small)).keys()]).toEqual(["lamp.rs", "mod.rs", "switch.rs"]);
  });

  test("has a module that exports the structs and shows the interfaces", async () => {
    expect((await rustOf(small)).get("mod.rs")).toMatchInlineSnapshot(`
      "//! Readers and writers of every message, and the numbers of every interface and method.
      //!
      //! Made from small.capnp; do not edit: change the schema and make them anew.

      mod lamp;
      pub mod switch;

      pub use lamp::{LampListWriter, LampReader, LampState, LampStateWriter, LampWriter};
      "
    `);
  });

  test("reads and writes a struct", async () => {
    expect((await rustOf(small)).get("lamp.rs")).toMatchInlineSnapshot(`
      "//! \`Lamp\`.
      //!
      //! Made from small.capnp; do not edit.

      use crate::wire::{StructReader, WireError, list_writer, reader, writer};

      reader! {
          /// Something that shines.
          LampReader
      }

      impl<'a> LampReader<'a> {
          /// at most 8 bytes of \\[a-z\\]
          #[inline]
          pub fn name(self) -> Result<&'a str, WireError> {
              self.0.text(0)
          }

          /// The field \`brightness\`.
          #[inline]
          pub fn brightness(self) -> i16 {
              (self.0.u16(0) ^ 0x7).cast_signed()
          }

          /// The field \`state\`.
          #[inline]
          pub fn state(self) -> Result<LampState, WireError> {
              LampState::from_struct(self.0)
          }
      }

      writer! {
          /// Writes [\`LampReader\`].
          LampWriter(2, 1)
      }

      impl LampWriter<'_> {
          /// at most 8 bytes of \\[a-z\\]
          #[inline]
          pub fn set_name(&mut self, value: &str) -> Result<(), WireError> {
              self.0.set_text(0, value)
          }

          /// The field \`brightness\`.
          #[inline]
          pub fn set_brightness(&mut self, value: i16) {
              let bits = value.cast_unsigned() ^ 0x7;
              self.0.set_u16(0, bits);
          }

          /// The field \`state\`.
          #[inline]
          pub fn state(&mut self) -> LampStateWriter<'_> {
              LampStateWriter::from(self.0.reborrow())
          }
      }

      list_writer! {
          /// Writes a list of [\`LampReader\`].
          LampListWriter of LampWriter
      }

      /// The union of \`LampState\`.
      #[derive(Clone, Copy, Debug, PartialEq, Eq)]
      pub enum LampState {
          /// The case \`off\`.
          Off,
          /// in nanoseconds
          Until(u64),
      }

      impl LampState {
          fn from_struct(reader: StructReader<'_>) -> Result<Self, WireError> {
              match reader.u16(1) {
                  0 => Ok(Self::Off),
                  1 => Ok(Self::Until(reader.u64(1))),
                  other => Err(WireError::Unknown(other)),
              }
          }
      }

      writer! {
          /// Writes [\`LampState\`].
          LampStateWriter
      }

      impl LampStateWriter<'_> {
          /// Chooses the case \`off\`.
          #[inline]
          pub fn set_off(&mut self) {
              self.0.set_u16(1, 0);
          }

          /// in nanoseconds
          #[inline]
          pub fn set_until(&mut self, value: u64) {
              self.0.set_u16(1, 1);
              self.0.set_u64(1, value);
          }
      }
      "
    `);
  });

  test("numbers an interface and its methods", async () => {
    expect((await rustOf(small)).get("switch.rs")).toMatchInlineSnapshot(`
      "//! The interface \`Switch\`.
      //!
      //! Made from small.capnp; do not edit.

      /// What a table entry of this interface carries.
      pub const INTERFACE_ID: u64 = 0xc1b2_c3d4_e5f6_0719;

      /// Turns every lamp the other way round.
      pub mod toggle {
          use crate::generated::{LampListWriter, LampReader, LampWriter};
          use crate::wire::{StructList, WireError, reader, writer};

          /// The method's number in a ring entry.
          pub const METHOD: u16 = 0;

          reader! {
              /// What a caller sends.
              ParamsReader
          }

          impl<'a> ParamsReader<'a> {
              /// The field \`lamps\`.
              #[inline]
              pub fn lamps(self) -> Result<StructList<'a, LampReader<'a>>, WireError> {
                  self.0.structs(0)
              }
          }

          writer! {
              /// Writes [\`ParamsReader\`].
              ParamsWriter(0, 1)
          }

          impl ParamsWriter<'_> {
              /// The field \`lamps\`.
              #[inline]
              pub fn init_lamps(&mut self, count: usize) -> Result<LampListWriter<'_>, WireError> {
                  self.0.init_structs(0, LampWriter::SIZE, count)
              }
          }

          reader! {
              /// What a callee answers.
              ResultsReader
          }

          writer! {
              /// Writes [\`ResultsReader\`].
              ResultsWriter(0, 0)
          }
      }
      "
    `);
  });
});

test("what is declared inside an interface has its imports, and its methods use it", async () => {
  const files = await rustOf(`@0xbf5147cbbecf40c1;
    interface Lamp @0xc1b2c3d4e5f60719 {
      set @0 (shade :Shade) -> (paint :Paint);
      enum Shade { pale @0; deep @1; }
      struct Paint { shade @0 :Shade; }
    }`);
  const lamp = files.get("lamp.rs") ?? "";
  expect(lamp.split("\n")[4]).toBe("use crate::wire::{WireError, reader, writer};");
  expect(lamp).toContain("pub enum LampShade {");
  expect(lamp).toContain("    use crate::generated::{LampPaintReader, LampPaintWriter, LampShade};\n");
  expect(files.get("mod.rs")).toContain("pub use lamp::{LampPaintReader, LampPaintWriter, LampShade};");
});

describe("the client and the server of a small interface", () => {
  async function servicesOf(text: string): Promise<ReadonlyMap<string, string>> {
    const model = await load(text);
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    const files = emitServices(model.value, {
      source: "small.capnp",
      tree: "crate::generated",
      wire: "crate::wire",
      runtime: "crate",
      clients: "crate::client",
      refined: new Set(["Switch.toggle"]),
    });
    return new Map(files.map((file) => [file.name, file.text]));
  }
  const schema = `@0xbf5147cbbecf40c1;
    interface Socket @0xc1b2c3d4e5f60718 {}
    interface Switch @0xc1b2c3d4e5f60719 {
      toggle @0 (times :UInt8) -> ();
      plug @1 (socket :Socket, name :Text) -> (old :Socket, any :Capability, count :UInt32);
    }`;

  test("an interface without methods has a client only", async () => {
    const files = await servicesOf(schema);
    expect([...files.keys()]).toEqual(["mod.rs", "socket.rs", "switch.rs"]);
    expect(files.get("mod.rs")).toContain(
      "pub use socket::Socket;\npub use switch::{Switch, SwitchServer, SwitchService};",
    );
    expect(files.get("socket.rs")).not.toMatch(/trait|impl/u);
  });

  test("memory, capabilities and results stand in the signatures", async () => {
    const text = (await servicesOf(schema)).get("switch.rs") ?? "";
    // Wrapped by hand: not public, and its caller chooses the memory.
    expect(text).toContain(
      "pub(crate) fn call_toggle(&self, times: u8, results: &mut [u8]) -> Result<(), Error> {",
    );
    expect(text).toContain(`    pub fn plug(
        &self,
        socket: &Socket<T>,
        name: &str,
        params: &mut [u8],
    ) -> Result<(Socket<T>, Cap<T>, u32), Error> {`);
    expect(text).toContain("let given = [socket.cap().copied()];");
    expect(text).toContain(`    fn plug(
        &mut self,
        socket: Socket<T>,
        name: &str,
        results: schema::plug::ResultsWriter<'_>,
        given: &mut Given<T>,
    ) -> Result<(), Exception>;`);
    expect(text).toContain(`                self.0.plug(
                    received.client(params.socket()?)?,
                    params.name()?,
                    results,
                    given,
                )?;`);
    expect(text).toContain('_ => return Err(no_such_method("Switch")),');
  });
});

test("the tool's side of a small schema", async () => {
  const model = await load(small);
  if (!model.ok) throw new Error(JSON.stringify(model.error));
  const text = emitTypescript(model.value, "Lamp", { source: "small.capnp", bindings: "." });
  // A default would have to be undone in every reader that is not made from the schema.
  expect(text).toMatchObject({ ok: false, error: [{ code: "CAPOS_SCHEMA_UNSUPPORTED" }] });
  const plain = await load(small.replace(" = 7", ""));
  if (!plain.ok) throw new Error(JSON.stringify(plain.error));
  const lamp = emitTypescript(plain.value, "Lamp", { source: "small.capnp", bindings: "." });
  expect(lamp.ok ? lamp.value : lamp.error).toMatchInlineSnapshot(`
    "// Made from small.capnp; do not edit.

    import { unreachable } from "../../../base/index.ts";
    import { StructBuilder } from "./canonical.ts";
    import { MalformedMessage, readSegment, type StructView } from "./message.ts";

    /** Something that shines. */
    export interface Lamp {
      /** at most 8 bytes of [a-z] */
      readonly name: string;
      readonly brightness: number;
      readonly state: LampState;
    }

    export function writeLamp(out: StructBuilder, value: Lamp): void {
      out.text(0, value.name);
      out.i16(0, value.brightness);
      writeLampState(out, value.state);
    }

    export function readLamp(from: StructView): Lamp {
      return {
        name: from.text(0),
        brightness: from.i16(0),
        state: readLampState(from),
      };
    }

    export type LampState =
      | { readonly kind: "off" }
      | { readonly kind: "until"; readonly value: bigint };

    export function writeLampState(out: StructBuilder, value: LampState): void {
      switch (value.kind) {
        case "off":
          out.u16(2, 0);
          return;
        case "until":
          out.u16(2, 1);
          out.u64(8, value.value);
          return;
        default:
          unreachable(value);
      }
    }

    export function readLampState(from: StructView): LampState {
      const which = from.u16(2);
      switch (which) {
        case 0:
          return { kind: "off" };
        case 1:
          return { kind: "until", value: from.u64(8) };
        default:
          throw new MalformedMessage(\`LampState has the unknown case \${which}\`);
      }
    }

    /** The canonical message of a Lamp. */
    export function encodeLamp(value: Lamp): Uint8Array {
      const out = new StructBuilder(2, 1);
      writeLamp(out, value);
      return out.finish();
    }

    /** Reads such a message; throws \`MalformedMessage\` when it is none. */
    export function decodeLamp(message: Uint8Array): Lamp {
      return readLamp(readSegment(message));
    }
    "
  `);
});

describe("what messages of capos cannot have is refused, every place at once", () => {
  test.each([
    {
      schema: "struct S { x @0 :Float32; y @1 :Float64; }",
      refused: [
        "S.x: Float32 has no form in messages of capos",
        "S.y: Float64 has no form in messages of capos",
      ],
    },
    {
      schema: "struct S { x @0 :AnyPointer; y @1 :List(Bool); z @2 :List(List(Text)); }",
      refused: [
        "S.x: AnyPointer has no form in messages of capos",
        "S.y: a list of bool is not supported; put the element into a struct",
        "S.z: a list of list is not supported; put the element into a struct",
      ],
    },
    {
      schema: 'struct S { x @0 :Text = "abc"; }',
      refused: ["S.x: a default is only possible for numbers, booleans and enums"],
    },
    {
      schema: "struct S(T) { x @0 :T; }",
      refused: ["S: generic types are not supported", "S.x: AnyPointer has no form in messages of capos"],
    },
    {
      schema: "interface A { f @0 (given :Bool) -> (given :Bool); }",
      refused: ['A.f$Params.given: the bindings use the name "given" for a parameter of their own'],
    },
    { schema: "const c :UInt32 = 3;", refused: ["c: a const has no form in the bindings"] },
    {
      schema: "interface A {} interface B extends(A) {}",
      refused: ["B: an interface cannot extend another: a table entry has one id"],
    },
    {
      schema: "interface A { f @0 [T] (x :T) -> (); }",
      refused: [
        "A.f: generic methods are not supported",
        "A.f$Params.x: AnyPointer has no form in messages of capos",
      ],
    },
    {
      schema: "struct S { interface I {} }",
      refused: ["S.I: only structs and enums may stand inside another declaration"],
    },
    {
      schema: "struct S { which @0 :UInt8; read @1 :UInt8; }",
      refused: [
        'S.which: the bindings use the name "which" themselves',
        'S.read: the bindings use the name "read" themselves',
      ],
    },
    { schema: "struct AB {} struct A { struct B {} }", refused: ["A.B: it comes to the same name as AB"] },
    {
      schema: 'using Other = import "other.capnp"; struct S { x @0 :Other.T; }',
      refused: ["other.capnp: a schema may not import another"],
    },
  ])("$schema", async ({ schema, refused }) => {
    writeFileSync(join(folder, "other.capnp"), "@0xbf5147cbbecf40c3;\nstruct T {}\n");
    const model = await load(`@0xbf5147cbbecf40c1;\n${schema}\n`);
    expect(model.ok ? [] : model.error.map(({ message }) => message)).toEqual(refused);
    expect(model.ok ? [] : new Set(model.error.map(({ code }) => code))).toEqual(
      new Set(["CAPOS_SCHEMA_UNSUPPORTED"]),
    );
  });

  test("a schema that does not compile shows what the compiler says", async () => {
    const model = await load("@0xbf5147cbbecf40c1;\nstruct S { x @0 :Nope; }\n");
    expect(model).toMatchObject({ ok: false, error: [{ code: "CAPOS_SCHEMA_INVALID" }] });
    expect(model.ok ? "" : model.error[0]?.detail).toContain("small.capnp:2:");
  });
});

test("drift is found in a file that was changed, removed or left behind, and mended", async () => {
  const root = join(folder, "tree");
  for (const [path, text] of [
    ["kernel/abi/capos.capnp", `${small.replace(" = 7", "")}\nstruct BootManifest { lamp @0 :Lamp; }\n`],
    ["kernel/hosttests/every.capnp", small.replace("0xbf5147cbbecf40c1", "0xbf5147cbbecf40c2")],
  ] as const) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const all = await generateBindings(root);
  const names = all.ok ? all.value.map(({ name }) => name).toSorted() : [];
  expect(names).toContain("kernel/abi/src/generated/lamp.rs");
  expect(await writeBindings(root)).toEqual({ ok: true, value: names });
  expect(await bindingsDrift(root)).toEqual({ ok: true, value: [] });

  const lamp = join(root, "kernel/abi/src/generated/lamp.rs");
  const old = join(root, "kernel/abi/src/generated/old.rs");
  const tool = join(root, "harness/build/bootmanifest/generated/boot-manifest.ts");
  writeFileSync(lamp, "// by hand\n");
  writeFileSync(old, "");
  rmSync(tool);
  const drifted = {
    ok: true,
    value: [
      "harness/build/bootmanifest/generated/boot-manifest.ts",
      "kernel/abi/src/generated/lamp.rs",
      "kernel/abi/src/generated/old.rs",
    ],
  };
  expect(await bindingsDrift(root)).toEqual(drifted);
  expect(await writeBindings(root)).toEqual(drifted);
  expect(await bindingsDrift(root)).toEqual({ ok: true, value: [] });
});
