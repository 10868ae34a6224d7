import { type Token, Tokenizer, stringValue } from "./tokens.ts";

export interface Import {
  /** As written, without a `:name` suffix. */
  readonly path: string;
  /** The package's own name: the suffix, or the last element of the path. */
  readonly packageName: string;
  /** The name under which this file uses it. */
  readonly localName: string;
  /** Offset of the path's string. */
  readonly at: number;
  readonly end: number;
}

/** What stands before the declarations of a file. */
export interface Header {
  readonly packageName: string | undefined;
  readonly imports: readonly Import[];
  /** Attributes that stand before or between the clauses. */
  readonly attributes: readonly Token[];
  /** Offset at which the declarations begin. */
  readonly end: number;
}

/** Reads package clause and imports only, so that following imports through a tree costs next to nothing. */
export function readHeader(text: string): Header {
  const tokenizer = new Tokenizer(text);
  const imports: Import[] = [];
  const attributes: Token[] = [];
  let packageName: string | undefined;
  let end = 0;
  for (;;) {
    const token = tokenizer.next();
    if (token.kind === "comma") {
      end = token.end;
      continue;
    }
    if (token.kind === "attribute") {
      attributes.push(token);
      end = token.end;
      continue;
    }
    const word = token.kind === "name" ? token.text : "";
    if (word !== "package" && word !== "import") return { packageName, imports, attributes, end };
    const following = tokenizer.next();
    if (word === "package" && following.kind === "name") packageName = following.text;
    // A field may be called `import` or `package`: then a colon follows, and the declarations have begun.
    else if (word === "import" && isImportStart(following)) readImports(tokenizer, following, imports);
    else return { packageName, imports, attributes, end };
    end = following.end;
  }
}

function isImportStart(token: Token): boolean {
  return token.kind === "string" || token.kind === "name" || (token.kind === "mark" && token.text === "(");
}

function readImports(tokenizer: Tokenizer, first: Token, into: Import[]): void {
  if (first.text !== "(") {
    readImport(tokenizer, first, into);
    return;
  }
  for (;;) {
    const token = tokenizer.next();
    if (token.kind === "end" || token.text === ")") return;
    if (token.kind !== "comma") readImport(tokenizer, token, into);
  }
}

function readImport(tokenizer: Tokenizer, first: Token, into: Import[]): void {
  const path = first.kind === "name" ? tokenizer.next() : first;
  const value = stringValue(path);
  if (value === undefined) return;
  const colon = value.lastIndexOf(":");
  const bare = colon === -1 ? value : value.slice(0, colon);
  const packageName = colon === -1 ? (bare.split("/").at(-1) ?? bare) : value.slice(colon + 1);
  const localName = first.kind === "name" ? first.text : packageName;
  into.push({ path: bare, packageName, localName, at: path.start, end: path.end });
}
