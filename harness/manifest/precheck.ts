import { type Problem, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import type { CuePackage, SourceFile } from "./package.ts";
import { LineTable } from "./positions.ts";
import { type Token, tokenize } from "./tokens.ts";

/** Far below what stops an engine (about 3,200), far above what a manifest needs. */
const maxNesting = 100;

/** These change what a file means by how it is loaded, and the engines do not agree on them. */
const refusedAttributes = new Set(["if", "ignore", "tag", "embed", "extern"]);

export interface CheckedFile extends SourceFile {
  readonly tokens: readonly Token[];
}

/**
 * What must hold before an engine sees a package: brackets match, nesting is bounded, nothing in it asks
 * the loader for a decision, no field hides an import.
 */
export function precheck(pkg: CuePackage): {
  readonly files: readonly CheckedFile[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const check = (file: SourceFile): CheckedFile => {
    const { tokens, faults } = tokenize(file.text);
    const lines = new LineTable(file.text);
    const at = (start: number, end: number) => ({ span: lines.span(file.path, start, end) });
    const [fault] = faults;
    if (fault !== undefined)
      problems.push(problem(manifestCodes, "CAPOS_CUE_SYNTAX", fault.message, at(fault.at, fault.at + 1)));
    else problems.push(...bracketProblems(tokens, at));
    problems.push(...attributeProblems(tokens, at), ...importProblems(file, tokens, at));
    return { ...file, tokens };
  };
  const files = pkg.files.map(check);
  for (const imported of pkg.imported) for (const file of imported.files) check(file);
  return { files, problems };
}

type At = (start: number, end: number) => { readonly span: ReturnType<LineTable["span"]> };

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** At most one: behind a bracket that does not match, every other one seems not to match either. */
function bracketProblems(tokens: readonly Token[], at: At): Problem[] {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== "mark") continue;
    const { start, end } = token;
    if (token.text in closers) {
      open.push(token);
      if (open.length > maxNesting) {
        const message = `values are nested more than ${maxNesting} deep here`;
        return [problem(manifestCodes, "CAPOS_CUE_LIMIT", message, at(start, end))];
      }
    } else if (token.text === ")" || token.text === "]" || token.text === "}") {
      const opener = open.pop();
      if (opener !== undefined && closers[opener.text] === token.text) continue;
      if (opener === undefined) {
        const message = `\`${token.text}\` closes nothing`;
        return [problem(manifestCodes, "CAPOS_CUE_SYNTAX", message, at(start, end))];
      }
      const message = `\`${token.text}\` stands where \`${closers[opener.text]}\` must close \`${opener.text}\``;
      const related = [{ ...at(opener.start, opener.end), message: `\`${opener.text}\` was opened here` }];
      return [problem(manifestCodes, "CAPOS_CUE_SYNTAX", message, { ...at(start, end), related })];
    }
  }
  const opener = open.pop();
  if (opener === undefined) return [];
  const message = `\`${opener.text}\` is never closed`;
  return [problem(manifestCodes, "CAPOS_CUE_SYNTAX", message, at(opener.start, opener.end))];
}

function attributeProblems(tokens: readonly Token[], at: At): Problem[] {
  return tokens.flatMap((token) => {
    if (token.kind !== "attribute") return [];
    const name = /^@(\w*)/u.exec(token.text)?.[1] ?? "";
    if (!refusedAttributes.has(name)) return [];
    const message = `the attribute @${name} is refused: a file must mean the same however it is loaded`;
    return [problem(manifestCodes, "CAPOS_CUE_REFUSED", message, at(token.start, token.end))];
  });
}

/** CUE refuses an import that is not used; these engines forget to. */
function importProblems(file: SourceFile, tokens: readonly Token[], at: At): Problem[] {
  const used = new Set(
    tokens.flatMap((t, i) => (t.kind === "name" && tokens[i + 1]?.text === "." ? [t.text] : [])),
  );
  const unused = file.header.imports.filter((i) => !used.has(i.localName));
  return [
    ...shadowProblems(file, tokens, at),
    ...unused.map((i) => {
      const message = `the package "${i.path}" is imported and not used`;
      return problem(manifestCodes, "CAPOS_CUE_IMPORT", message, {
        ...at(i.at, i.end),
        next: "remove the import",
      });
    }),
  ];
}

/** A field named like an import of its file would take the import's place in some scopes. */
function shadowProblems(file: SourceFile, tokens: readonly Token[], at: At): Problem[] {
  const imports = file.header.imports.map((i) => i.localName);
  if (imports.length === 0) return [];
  return tokens.flatMap((token, i) => {
    if (token.start < file.header.end || token.kind !== "name" || !imports.includes(token.text)) return [];
    const following = tokens[i + 1]?.text === "?" ? tokens[i + 2] : tokens[i + 1];
    if (following?.text !== ":" || tokens[i - 1]?.text === ".") return [];
    const message = `the field \`${token.text}\` has the name of a package that this file imports`;
    const next = `import the package under another name: import other_${token.text} "…"`;
    return [problem(manifestCodes, "CAPOS_CUE_IMPORT", message, { ...at(token.start, token.end), next })];
  });
}
