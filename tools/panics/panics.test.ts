/**
 * No function that a program can make the kernel run comes to the panic handler, but those named here. Read from the
 * kernel as it is linked and shipped; docs/soundness.md says what follows from it and what does not.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { beforeAll, describe, expect, test } from "vitest";

import { findSymbols, readSymbols } from "../../harness/build/index.ts";
import type { Symbols } from "../../harness/build/index.ts";
import { inProject } from "../../harness/cli/testing.ts";
import { readGraph, wayTo } from "./graph.ts";
import type { Graph } from "./graph.ts";

const root = join(import.meta.dirname, "../..");
/** Where the processor enters the kernel, and where it leaves it. */
const entries = ["syscall_entry", "interrupt_stubs", "non_maskable_entry", "resume"];
/** Adds up arguments, or characters, of texts that the kernel itself wrote: never more than a line has. */
const formatting = ["core::fmt::write", "core::fmt::Formatter::pad", "core::fmt::Formatter::pad_integral"];
const isHandler = (name: string): boolean => name.endsWith("rust_begin_unwind");

describe("the kernel as it is shipped", () => {
  let graph: Graph = { names: new Map(), edges: new Map() };
  let roots: readonly bigint[] = [];

  beforeAll(() => {
    const { stderr, stdout } = inProject("build", "spin");
    const program = /capos\.elf +(\S+)/u.exec(stdout + stderr)?.[1] ?? "";
    const file = findSymbols(root, join(root, ".capos/cache"), {
      name: "capos-kernel",
      sha256: basename(program),
    });
    if (file === undefined) throw new Error(`the kernel was not built: ${stderr}`);
    const symbols = readSymbols(readFileSync(file));
    if (!symbols.ok) throw new Error(symbols.error);
    const options = { encoding: "utf8", maxBuffer: 1 << 28 } as const;
    const disassembly = execFileSync("objdump", ["-d", "--no-show-raw-insn", file], options);
    graph = readGraph(symbols.value, disassembly);
    // Several names may stand for one place.
    const places = symbols.value.symbols.filter(({ name }) => entries.includes(name));
    roots = places.map(({ address }) => address);
  });

  test("has its entries, and what is named here", () => {
    const names = new Set(graph.names.values());
    expect(formatting.filter((name) => !names.has(name))).toEqual([]);
    expect(roots).toHaveLength(entries.length);
    expect(roots.filter((root) => !graph.names.has(root))).toEqual([]);
    expect([...names].filter(isHandler)).toHaveLength(1);
  });

  test("is read whole: the work of a system call is found from its entry", () => {
    const isWork = (name: string): boolean => name.includes("revocation::Revocation::");
    const isSpawn = (name: string): boolean => name.includes("capos_core::elf::parse");
    for (const found of [isWork, isSpawn]) expect(wayTo(graph, roots, found, () => false)).toBeDefined();
  });

  test("has no way from an entry to the panic handler", () =>
    expect(wayTo(graph, roots, isHandler, (name) => formatting.includes(name))).toBeUndefined());

  test.each(formatting)("%s would be one, so it is named for a reason", (name) =>
    expect(
      wayTo(graph, roots, isHandler, (other) => formatting.includes(other) && other !== name),
    ).toBeDefined(),
  );
});

describe("a small program", () => {
  const names = ["enter", "work", "table_user", "by_pointer", "falls", "behind", "boom", "alone"];
  const at = (name: string): bigint => 0x400000n + 16n * BigInt(names.indexOf(name));
  const hex = (name: string): string => at(name).toString(16);
  const table = new DataView(new ArrayBuffer(24));
  table.setBigUint64(8, at("by_pointer"), true);
  table.setBigUint64(16, at("boom"), true);
  const symbols: Symbols = {
    ranges: [
      { start: 0x400000n, end: 0x400080n, writable: false, executable: true, bytes: new Uint8Array(128) },
      {
        start: 0x500000n,
        end: 0x500018n,
        writable: false,
        executable: false,
        bytes: new Uint8Array(table.buffer),
      },
    ],
    symbols: [],
    at: (address) => {
      const name = names[Number((address - 0x400000n) / 16n)];
      if (address < 0x400000n || name === undefined) return undefined;
      return { symbol: { name, address: at(name), size: 16n }, offset: address - at(name) };
    },
    show: () => undefined,
  };
  const code = (lines: Readonly<Record<string, string>>): string =>
    names.map((name) => `  ${hex(name)}:\t${lines[name] ?? "ret"}`).join("\n");
  const way = (lines: Readonly<Record<string, string>>, leftOut = ""): readonly string[] | undefined =>
    wayTo(
      readGraph(symbols, code(lines)),
      [at("enter")],
      (name) => name === "boom",
      (name) => name === leftOut,
    );

  test.each([
    ["a call", { enter: `call   ${hex("work")} <work>`, work: `call   ${hex("boom")} <boom>` }, ["work"]],
    ["a jump", { enter: `jmp    ${hex("boom")} <boom>` }, []],
    ["a jump on a condition", { enter: `jne    ${hex("boom")} <boom+0x4>` }, []],
    ["an address that is taken", { enter: `lea    0x60(%rip),%rax        # ${hex("boom")} <boom>` }, []],
    ["a constant", { enter: `mov    $0x${hex("boom")},%rdi` }, []],
    ["a table", { enter: "lea    0xffff0(%rip),%rsi        # 500010 <x>" }, []],
    [
      "a way on",
      {
        enter: `jmp    ${hex("falls")} <falls>`,
        falls: "mov %rax,%rbx",
        behind: `call ${hex("boom")} <boom>`,
      },
      ["falls", "behind"],
    ],
  ])("comes by %s", (_, lines, between) => expect(way(lines)).toEqual(["enter", ...between, "boom"]));

  test("does not come to what stands in a table that begins where another ends", () =>
    expect(
      way({ enter: "lea    0x(%rip),%rsi        # 500008 <x>", alone: "lea   (%rip),%rsi    # 500010 <y>" }),
    ).toBeUndefined());

  test("does not come through what is left out", () => {
    const lines = { enter: `call   ${hex("work")} <work>`, work: `call   ${hex("boom")} <boom>` };
    expect(way(lines, "work")).toBeUndefined();
    expect(way({ ...lines, enter: "ret" })).toBeUndefined();
  });
});
