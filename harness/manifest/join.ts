import type { CuePackage, SourceFile } from "./package.ts";
import { type Token, tokenize } from "./tokens.ts";

/**
 * Writes a package and everything it imports as one text, for the engine that takes one string.
 *
 * - imports of CUE's own packages stand first, each once, under a name that no file uses;
 * - an imported package of the tree becomes a hidden struct `_pkgN_name: {…}`, and `name.X` in a file that
 *   imports it becomes `_pkgN_name.X`;
 * - package clauses go; files are joined by line ends, so that no comment swallows what follows;
 * - a file's own `let` or alias is renamed when another file of its package declares the same.
 *
 * What joining cannot keep apart (a name that resolves only because everything is one text) the other
 * engine refuses, and a difference between the two is an error.
 */
export function joinPackage(pkg: CuePackage): string {
  const imports = new Map<string, string>();
  const names = new Map(pkg.imported.map((p, i) => [p.path, `_pkg${i}_${p.name}`]));
  const rename = (path: string): string => {
    const local = names.get(path);
    if (local !== undefined) return local;
    const alias = imports.get(path) ?? `std${imports.size}_${path.replace(/\W/gu, "_")}`;
    imports.set(path, alias);
    return alias;
  };
  const parts = [joinFiles([...pkg.files, pkg.binding], rename)];
  for (const { path, files } of pkg.imported)
    parts.push(`${names.get(path)}: {\n${joinFiles(files, rename)}\n}`);
  const header = [...imports].map(([path, alias]) => `import ${alias} ${JSON.stringify(path)}`);
  return [...header, ...parts, ""].join("\n");
}

interface Part {
  readonly file: SourceFile;
  readonly tokens: readonly Token[];
}

function joinFiles(files: readonly SourceFile[], rename: (path: string) => string): string {
  const parts = files.map((file) => ({ file, tokens: declarations(file) }));
  const clashes = clashingLocals(parts);
  return parts
    .map((part, i) => rewrite(part, rename, (name) => (clashes.has(name) ? `${name}_f${i}` : name)))
    .join("\n");
}

function declarations(file: SourceFile): readonly Token[] {
  return tokenize(file.text).tokens.filter((t) => t.start >= file.header.end);
}

function rewrite(
  { file, tokens }: Part,
  rename: (path: string) => string,
  local: (name: string) => string,
): string {
  const imports = new Map(file.header.imports.map((i) => [i.localName, i.path]));
  let out = "";
  let at = file.header.end;
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== "name" || isSelector(tokens, i)) continue;
    const path = tokens[i + 1]?.text === "." ? imports.get(token.text) : undefined;
    const replacement =
      path !== undefined ? rename(path) : isLabel(tokens, i) ? token.text : local(token.text);
    out += file.text.slice(at, token.start) + replacement;
    at = token.end;
  }
  return out + file.text.slice(at);
}

/** Names of file scope, `let x = …` and `x=label: …`, that more than one file of a package declares. */
function clashingLocals(parts: readonly Part[]): ReadonlySet<string> {
  const seen = new Map<string, number>();
  for (const { tokens } of parts) {
    let depth = 0;
    const own = new Set<string>();
    for (const [i, token] of tokens.entries()) {
      if (token.kind === "mark" && "([{".includes(token.text)) depth++;
      if (token.kind === "mark" && ")]}".includes(token.text)) depth--;
      const declares = token.kind === "name" && tokens[i + 1]?.text === "=";
      if (declares && depth === 0) own.add(token.text);
    }
    for (const name of own) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return new Set([...seen].filter(([, files]) => files > 1).map(([name]) => name));
}

/** `.name` selects from what stands before it. */
function isSelector(tokens: readonly Token[], i: number): boolean {
  return tokens[i - 1]?.text === ".";
}

function isLabel(tokens: readonly Token[], i: number): boolean {
  const after = tokens[i + 1]?.text;
  return after === ":" || (after === "?" && tokens[i + 2]?.text === ":");
}

/** The files of a package and of what it imports, where the CUE loader looks for them. */
export function engineFiles(pkg: CuePackage): ReadonlyMap<string, string> {
  const all = [...pkg.files, pkg.binding, ...pkg.imported.flatMap((p) => p.files)];
  const files = new Map(all.map((f) => [`/${f.path}`, f.text]));
  return files.set("/cue.mod/module.cue", `module: ${JSON.stringify(pkg.module)}\n`);
}
