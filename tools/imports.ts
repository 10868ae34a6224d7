import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

export interface ImportRules {
  /** Rooms that every other may import. */
  readonly always: readonly string[];
  /** For each room the rooms that it may import; `*` is all. */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
}

export interface Import {
  /** Path of the importing file, relative to `harness/`. */
  readonly from: string;
  /** Path of the imported file, relative to `harness/`. */
  readonly to: string;
  readonly line: number;
  /** `import(…)`: loaded when it is reached. */
  readonly dynamic: boolean;
}

/** Every relative import between files of a tree, static or dynamic, that names its target as a literal. */
export function importsOf(top: string): readonly Import[] {
  const found: Import[] = [];
  const pattern = /(?:^|\n)[^\n/]*?(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)"(\.{1,2}\/[^"]+)"/gu;
  for (const file of sources(top, "")) {
    const text = readFileSync(join(top, file), "utf8");
    for (const match of text.matchAll(pattern)) {
      const target = normalize(join(dirname(file), match[1] ?? ""));
      found.push({
        from: file,
        to: target,
        dynamic: match[0].includes("("),
        line: text.slice(0, match.index + match[0].length).split("\n").length,
      });
    }
  }
  return found;
}

/** Sentences about the imports that break the rules; none when all is well. */
export function brokenRules(imports: readonly Import[], rules: ImportRules): readonly string[] {
  return imports.flatMap((i) => {
    const from = roomOf(i.from);
    const to = roomOf(i.to);
    const place = `harness/${i.from}:${i.line}`;
    if (i.to.startsWith("../cloud")) {
      const isLazy = from === "cli" && i.dynamic && i.to === "../cloud/index.ts";
      return isLazy ? [] : [`${place}: cloud/ is loaded by cli alone, when a command needs it`];
    }
    if (to === undefined || from === undefined || from === to) return [];
    const allowed = rules.rooms[from];
    if (allowed === undefined) return [`${place}: the room ${from} is not in harness/imports.json`];
    if (!allowed.includes("*") && !allowed.includes(to) && !rules.always.includes(to)) {
      return [`${place}: ${from} may not import ${to}`];
    }
    if (to === "cli") return [`${place}: nobody imports cli`];
    if (i.to !== `${to}/index.ts`) return [`${place}: ${to} is entered by its index.ts only`];
    return [];
  });
}

/** The same for `cloud/`, which is one room beside the harness. */
export function brokenCloudRules(imports: readonly Import[], allowed: readonly string[]): readonly string[] {
  return imports.flatMap((i) => {
    const inHarness = /^\.\.\/harness\/([^/]+)\/(.*)$/u.exec(i.to);
    if (inHarness === null) return [];
    const [, room = "", file] = inHarness;
    const place = `cloud/${i.from}:${i.line}`;
    if (!allowed.includes(room)) return [`${place}: cloud may not import ${room}`];
    return file === "index.ts" ? [] : [`${place}: ${room} is entered by its index.ts only`];
  });
}

function roomOf(path: string): string | undefined {
  const [room, ...rest] = path.split("/");
  return room === ".." || rest.length === 0 ? undefined : room;
}

function sources(top: string, below: string): string[] {
  return readdirSync(join(top, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === "node_modules" || entry.name === "corpus" ? [] : sources(top, path);
    return /\.(ts|mjs)$/u.test(entry.name) ? [relative(".", path)] : [];
  });
}
