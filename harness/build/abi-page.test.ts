/**
 * Holds docs/abi.md against the code, in both directions: every name and number of kernel/abi stands on the page, and
 * the page names nothing that the code does not have. Both sides become lists of short lines, so that a difference
 * shows which line lacks on which side.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSchema, schemaPath } from "./bindings/generate.ts";
import type { Case, Declaration, Field, FieldType, MethodStruct, Struct } from "./bindings/model.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const page = read("docs/abi.md");
const abi = (name: string): string => read(`kernel/abi/src/${name}.rs`);
const model = await loadSchema(root, schemaPath);
const declarations: readonly Declaration[] = model.ok ? model.value : [];

// -- The page

/** What stands under the heading that begins with `title`, up to the next heading. */
function section(title: string): string {
  const [found, ...more] = page.split(/^#+ /m).filter((part) => part.startsWith(title));
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} sections "${title}"`);
  return found;
}

/** Cells of the table rows below a heading, headings of tables left out. */
function rows(text: string): readonly (readonly string[])[] {
  const cells = text.split("\n").filter((line) => line.startsWith("|"));
  return cells
    .filter((line, index) => !line.startsWith("| ---") && !cells[index + 1]?.startsWith("| ---"))
    .map((line) => line.split("|").slice(1, -1).map(trimmed));
}

const trimmed = (cell: string): string => cell.trim();
const name = (cell: string | undefined): string => /^`(\w+)`/.exec(cell ?? "")?.[1] ?? "";
const numbered = (number: string | undefined, named: string): string => `${Number(number)} ${named}`;

/** `number name` of each row whose cells at these places hold a number and a name. */
function listed(title: string, numberAt: number, nameAt: number): readonly string[] {
  return rows(section(title))
    .filter((row) => /^(?:0x)?[0-9a-f]+$/.test(row[numberAt] ?? "") && name(row[nameAt]) !== "")
    .map((row) => numbered(row[numberAt], name(row[nameAt])));
}

/** `offset type name` of each field in a section's table. */
function laidOut(title: string): readonly string[] {
  return rows(section(title))
    .filter((row) => name(row[2]) !== "")
    .map((row) => `${row[0]} ${row[1]} ${name(row[2])}`);
}

// -- The Rust sources

type Constants = ReadonlyMap<string, number>;

/** The public constants of a piece of source, as far as they are numbers; products may name earlier ones. */
function constants(source: string, earlier: Constants = new Map()): Constants {
  const found = new Map<string, number>();
  for (const match of source.matchAll(/const (\w+): (?:usize|u8|u16|u32|u64) = ([^;]+);/g)) {
    const [, key = "", text = ""] = match;
    const words = text.replaceAll(" as usize", "").split("*").map(trimmed);
    const values = words.map((word) => {
      const bit = /^1 << (\d+)$/.exec(word)?.[1];
      const plain = bit === undefined ? Number(word.replaceAll("_", "")) : 2 ** Number(bit);
      return found.get(word) ?? earlier.get(word) ?? plain;
    });
    const value = values.reduce((product, each) => product * each, 1);
    if (Number.isFinite(value)) found.set(key, value);
  }
  return found;
}

const lines = (from: Constants): readonly string[] => [...from].map(([key, value]) => `${value} ${key}`);
const inModule = (source: string, module: string): string =>
  new RegExp(`pub mod ${module} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";

/** `offset type name` of each field that a struct's `from_bytes` reads. */
function fieldsOf(source: string, struct: string): readonly string[] {
  const body =
    new RegExp(`impl ${struct} \\{[\\s\\S]*?fn from_bytes[\\s\\S]*?\\n    \\}`).exec(source)?.[0] ?? "";
  const numbers = body.matchAll(
    /(\w+): (?:(\w+)::from_le_bytes\(bytes_at\(bytes, (\d+)\)\)|bytes\[(\d+)\])/g,
  );
  return [...numbers].map(([, field, type = "u8", at, single]) => `${at ?? single} ${type} ${field}`);
}

const errors = [...abi("errors").matchAll(/ = (\d+), "CAP_ERR_(\w+)";/g)].map(
  ([, code, error = ""]) => `${code} ${error}`,
);
const ring = constants(abi("ring"));
const [opcodes, flags, places] = ["op", "flag", "at"].map((each) => constants(inModule(abi("ring"), each)));
const only = (from: Constants, ...wanted: readonly string[]): Constants =>
  new Map([...from].filter(([key]) => wanted.includes(key)));
const core = (path: string): Constants => constants(read(`kernel/core/src/${path}.rs`), ring);
const limits = new Map([
  ...only(ring, "SQ_ENTRIES", "CQ_ENTRIES"),
  ...constants(abi("limits")),
  ...only(core("system/endpoint"), "RECEIVERS"),
  ...only(core("system/notification"), "NOTIFICATION_WAITERS"),
  ...only(core("revocation"), "NODES", "DEPTH"),
  ...only(core("regions"), "REGION_PAGES"),
  ...[...core("ledger")].filter(([key]) => key.endsWith("_QUOTA")),
  ...only(core("elf"), "SEGMENTS"),
  ...core("system/mod"),
]);

describe("numbers of kernel/abi", () => {
  test("system calls", () => {
    const calls = lines(only(constants(abi("syscall")), "EXIT", "CAP_ENTER"));
    expect(calls).toHaveLength(2);
    expect(listed("System calls", 0, 1)).toEqual(calls);
    expect(abi("syscall").match(/pub const \w+/g)).toEqual([
      "pub const EXIT",
      "pub const CAP_ENTER",
      "pub const WAIT_FOREVER",
    ]);
  });

  test("opcodes", () => {
    const onPage = listed("Opcodes", 0, 1);
    expect(onPage).toEqual(lines(opcodes ?? new Map()));
    expect(onPage.length).toBeGreaterThan(0);
  });

  test("flags", () => {
    const onPage = rows(section("Flags")).map((row) => numbered(String(2 ** Number(row[0])), name(row[1])));
    expect(onPage).toEqual(lines(flags ?? new Map()));
    expect(onPage.length).toBeGreaterThan(0);
  });

  test("errors", () => {
    expect(listed("Errors", 0, 1)).toEqual(errors);
    expect(errors.length).toBeGreaterThan(0);
  });

  test("the ring page", () => {
    expect(listed("Ring page", 0, 1)).toEqual(lines(places ?? new Map()));
    const { MAGIC, VERSION } = Object.fromEntries(constants(abi("ring").split("pub mod")[0] ?? ""));
    expect(section("Ring page")).toContain(`kernel | 0x${MAGIC?.toString(16)}: the bytes`);
    expect(section("Ring page")).toContain(`kernel | ${VERSION};`);
  });

  test.each([
    ["Submission entry", "ring", "Sqe"],
    ["Completion entry", "ring", "Cqe"],
    ["Transfer descriptor", "message", "TransferDescriptor"],
    ["Capability record", "message", "CapRecord"],
    ["RECV header", "message", "RecvHeader"],
  ])("%s", (title, file, struct) => {
    const fields = fieldsOf(abi(file), struct);
    const declared = new RegExp(`pub struct ${struct} \\{([^}]*)\\}`).exec(abi(file))?.[1] ?? "";
    expect(fields).toHaveLength(declared.match(/pub \w+:/g)?.length ?? 0);
    expect(laidOut(title)).toEqual(fields);
  });

  test("the CapSet page", () => {
    const at = constants(abi("capset"));
    expect(laidOut("CapSet entry")).toEqual([
      "0 u32 cap",
      `${at.get("NAME_LEN_AT")} u32 name_len`,
      `${at.get("INTERFACE_AT")} u64 interface_id`,
      `${at.get("NAME_AT")} 32 bytes name`,
    ]);
    expect(section("CapSet page")).toContain(`| 0 | u32 | 0x${at.get("MAGIC")?.toString(16)}: the bytes`);
    expect(section("CapSet page")).toContain(`| 4 | u16 | version: ${at.get("VERSION")} |`);
    expect(section("CapSet page")).toContain(
      `| ${at.get("ENTRIES_AT")} | – | the entries, ${at.get("ENTRY_BYTES")} bytes each |`,
    );
  });

  test("the address layout", () => {
    expect(listed("Address layout", 1, 0).toSorted()).toEqual(lines(constants(abi("layout"))).toSorted());
  });

  test("limits and quotas", () => {
    expect(listed("Limits", 1, 0).toSorted()).toEqual(lines(limits).toSorted());
  });
});

// -- The schema

function typeOf(type: FieldType): string {
  if (type.kind === "list") return `List(${typeOf(type.element)})`;
  if (type.kind === "capability") return type.interface ?? "Capability";
  if ("name" in type) return type.name;
  return type.kind.replace(/^u?./, (start) => start.toUpperCase());
}

const widths: Readonly<Record<string, number>> = { "8": 1, "16": 2, "32": 4, "64": 8 };

function placeOf({ type, offset }: Field): string {
  if (type.kind === "void") return "–";
  if (type.kind === "bool") return `bit ${offset}`;
  const bits = type.kind === "enum" ? "16" : /\d+$/.exec(type.kind)?.[0];
  return bits === undefined ? `p${offset}` : `b${offset * (widths[bits] ?? 0)}`;
}

const sizeOf = ({ dataWords, pointers }: Struct): string => `${dataWords}+${pointers}`;
const tagOf = (struct: Struct): string => (struct.union ? `, tag b${2 * struct.union.slot}` : "");

/** A struct's heading and fields; a group's cases stand in its owner's table as `group.case`. */
function structLines(struct: Struct, parts: Declaration["parts"]): readonly string[] {
  const line = (field: Field | Case, prefix = ""): string => {
    const tag = "discriminant" in field ? String(field.discriminant) : "";
    return `${placeOf(field)} ${tag} ${prefix}${field.name} ${typeOf(field.type)}`;
  };
  const groups = parts.filter((part) => part.kind === "struct" && part.isGroup);
  const grouped = groups.flatMap((part) => (part.kind === "struct" ? [part] : []));
  const fields = struct.fields.flatMap((field) => {
    const { type } = field;
    if (type.kind !== "group") return [line(field)];
    const group = grouped.find((each) => each.name === type.name);
    return group?.union?.cases.map((each) => line(each, `${field.name}.`)) ?? [];
  });
  const tag = [struct, ...grouped].map(tagOf).join("");
  const cases = struct.union?.cases.map((each) => line(each)) ?? [];
  return [`${struct.name} ${sizeOf(struct)}${tag}`, ...fields, ...cases];
}

function structOnPage(title: string): readonly string[] {
  const text = section(title);
  const fields = rows(text).flatMap(([place, tag, field, type, ...more]) => {
    const named = /^`([\w.]+)`$/.exec(field ?? "")?.[1];
    return named === undefined || more.length === 0 ? [] : [`${place} ${tag} ${named} ${type}`];
  });
  return [text.split("\n")[0] ?? "", ...fields];
}

function methodCell(struct: MethodStruct): string {
  if (struct.kind === "named") return struct.name;
  const fields = struct.fields.map((field) => `\`${field.name}\` ${typeOf(field.type)} ${placeOf(field)}`);
  return `${sizeOf(struct)}${fields.length > 0 ? `: ${fields.join(", ")}` : ""}`;
}

const mains = declarations.map(({ main }) => main);
const interfaces = mains.flatMap((main) => (main.kind === "interface" ? [main] : []));
const structs = declarations.flatMap(({ main, parts }) => (main.kind === "struct" ? [{ main, parts }] : []));
const enums = declarations
  .flatMap(({ main, parts }) => [main, ...parts])
  .flatMap((each) => (each.kind === "enum" ? [each] : []));

/** Headings of the third level between two of the second. */
function headings(from: string, to: string): readonly string[] {
  const part = page.slice(page.indexOf(`\n## ${from}\n`), page.indexOf(`\n## ${to}\n`));
  return [...part.matchAll(/^### (.+)$/gm)].map(([, heading = ""]) => heading);
}

describe("the schema", () => {
  test("is read", () => expect(model.ok && declarations.length > 0).toBe(true));

  test("interfaces", () => {
    const wanted = interfaces.map((each) => `${each.name} \`0x${each.id}\``);
    expect(headings("Interfaces", "Structs").toSorted()).toEqual(wanted.toSorted());
  });

  test.each(interfaces.map((each) => [each.name, each] as const))("%s", (title, { methods }) => {
    const onPage = rows(section(`${title} \`0x`)).filter(([number]) => /^\d+$/.test(number ?? ""));
    expect(
      onPage.map(([number, method, params, results]) => [number, name(method), params, results]),
    ).toEqual(
      methods.map((each) => [
        String(each.ordinal),
        each.name,
        methodCell(each.params),
        methodCell(each.results),
      ]),
    );
  });

  test("structs", () => {
    const titles = headings("Structs", "Boot").map((heading) => heading.split(" ")[0] ?? "");
    expect(titles.toSorted()).toEqual(structs.map(({ main }) => main.name).toSorted());
  });

  test.each(structs.map((each) => [each.main.name, each] as const))("%s", (title, { main, parts }) => {
    const [heading, ...fields] = structLines(main, parts);
    const [shown, ...onPage] = structOnPage(`${title} ${sizeOf(main)}`);
    expect(shown).toBe(heading);
    expect(onPage.toSorted()).toEqual(fields.toSorted());
  });

  test("enums", () => {
    const tables = [...page.matchAll(/^\| value \| (\w+) \|.*\n\| ---.*\n((?:\|.*\n)+)/gm)];
    const onPage = tables.map(([, title, body = ""]) => [
      title,
      ...rows(body).map(([value, each]) => `${value} ${name(each)}`),
    ]);
    const wanted = enums.map((each) => [each.name, ...each.values.map((value, at) => `${at} ${value.name}`)]);
    expect(onPage.toSorted()).toEqual(wanted.toSorted());
  });
});

describe("names in the prose", () => {
  const inQuotes = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

  test("every constant, code and opcode exists", () => {
    const sources = ["ring", "syscall", "layout", "limits", "message", "capset", "bootmodule"].map(abi);
    const known = new Set([
      ...sources.flatMap((source) => [...source.matchAll(/pub const (\w+)/g)].map(([, key]) => key)),
      ...sources.flatMap((source) => [...source.matchAll(/\*b"(\w+)"/g)].map(([, text]) => text)),
      ...errors.map((line) => line.split(" ")[1]),
      ...limits.keys(),
    ]);
    const named = inQuotes.filter((text) => /^[A-Z][A-Z0-9_]+$/.test(text));
    const shortened = named.map((text) => text.replace(/^CAP_ERR_/, ""));
    expect(shortened.filter((text) => !known.has(text))).toEqual([]);
    const codes = (page.match(/CAP_ERR_\w+/g) ?? []).map((text) => text.slice("CAP_ERR_".length));
    expect(codes.filter((text) => !known.has(text))).toEqual([]);
  });

  test("every method and field exists", () => {
    const known = new Set([
      ...interfaces.flatMap((each) => each.methods.map((method) => `${each.name}.${method.name}`)),
      ...structs.flatMap(({ main }) => main.fields.map((field) => `${main.name}.${field.name}`)),
    ]);
    const named = inQuotes.filter((text) => /^[A-Z]\w+\.[a-z]\w+$/.test(text));
    expect(named.filter((text) => !known.has(text))).toEqual([]);
    expect(named.length).toBeGreaterThan(0);
  });
});
