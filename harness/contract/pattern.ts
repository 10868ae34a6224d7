import { err, nearest, ok, type Result, unreachable } from "../base/index.ts";

/** What a capture may hold. `text` takes as little as it can, every other type as much as it can. */
export const captureTypes = ["int", "float", "stamp", "hex", "hex32", "hex64", "word", "text"] as const;
export type CaptureType = (typeof captureTypes)[number];

export type Token =
  | { readonly kind: "literal"; readonly bytes: Uint8Array }
  | { readonly kind: "capture"; readonly name: string; readonly type: CaptureType };

/** A compiled landmark line. Literals and captures alternate; two captures are never neighbours. */
export interface Pattern {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly captures: readonly { readonly name: string; readonly type: CaptureType }[];
}

/** What is wrong with a pattern, and where in its source (UTF-16 units from 0). */
export interface PatternFault {
  readonly message: string;
  readonly at: number;
  readonly length: number;
}

/** By how much a time stamp may be indented: printk pads the seconds to five places. */
export const stampSpaces = 8;

/** A pattern longer than this could not be printed as one console line anyway. */
export const patternCap = 1024;

const capture = /<([^<>:]*)(?::([^<>]*))?>/uy;
const captureName = /^[a-z][A-Za-z0-9_-]*$/u;

/** Reads literal text with captures `<name:type>`; `<<` is a literal `<`. */
export function parsePattern(source: string): Result<Pattern, PatternFault> {
  const control = source.search(/\p{Cc}/u);
  if (control >= 0) return fault("a control character cannot stand in a console line", control, 1);
  if (source === "") return fault("an empty line proves nothing", 0, 0);
  if (Buffer.byteLength(source) > patternCap)
    return fault(`longer than ${patternCap} bytes`, 0, source.length);

  const tokens: Token[] = [];
  const captures: { name: string; type: CaptureType }[] = [];
  let literal = "";
  for (let at = 0; at < source.length;) {
    const open = source.indexOf("<", at);
    if (open < 0) {
      literal += source.slice(at);
      break;
    }
    literal += source.slice(at, open);
    if (source[open + 1] === "<") {
      literal += "<";
      at = open + 2;
      continue;
    }
    capture.lastIndex = open;
    const found = capture.exec(source);
    if (found === null) {
      return fault(
        "`<` opens a capture `<name:type>` that is not closed; a literal `<` is written `<<`",
        open,
        1,
      );
    }
    const [whole, name = "", typeName] = found;
    if (!captureName.test(name)) {
      return fault(
        `\`${name}\` is not a capture name (a lower-case letter, then letters, digits, - and _)`,
        open,
        whole.length,
      );
    }
    const type = captureTypes.find((t) => t === typeName);
    if (type === undefined) return fault(unknownType(name, typeName), open, whole.length);
    if (captures.some((c) => c.name === name)) {
      return fault(`the capture \`${name}\` stands twice in this line`, open, whole.length);
    }
    if (literal === "" && tokens.length > 0) {
      return fault(`nothing separates \`${name}\` from the capture before it`, open, whole.length);
    }
    if (literal !== "") tokens.push({ kind: "literal", bytes: Buffer.from(literal) });
    literal = "";
    tokens.push({ kind: "capture", name, type });
    captures.push({ name, type });
    at = open + whole.length;
  }
  if (literal !== "") tokens.push({ kind: "literal", bytes: Buffer.from(literal) });
  return ok({ source, tokens, captures });
}

/** A pattern that is known to be right; a fault here is a bug of the caller, who has not checked the proof. */
export function mustParsePattern(source: string): Pattern {
  const parsed = parsePattern(source);
  if (!parsed.ok) throw new Error(`unchecked pattern ${JSON.stringify(source)}: ${parsed.error.message}`);
  return parsed.value;
}

/** Which bytes a capture is made of, apart from what leads a number and its point. */
export function mayHold(type: CaptureType, byte: number): boolean {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  switch (type) {
    case "int":
    case "float":
    case "stamp":
      return isDigit;
    case "hex":
    case "hex32":
    case "hex64":
      return isDigit || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
    case "word":
      return byte > 0x20 && byte !== 0x7f;
    case "text":
      return true;
    default:
      return unreachable(type);
  }
}

/** The literal bytes that every matching line begins with; may be empty. */
export function literalPrefix(pattern: Pattern): Uint8Array {
  const first = pattern.tokens[0];
  return first?.kind === "literal" ? first.bytes : new Uint8Array(0);
}

function unknownType(name: string, typeName: string | undefined): string {
  if (typeName === undefined) return `the capture \`${name}\` has no type; write \`<${name}:word>\``;
  const meant = nearest(typeName, captureTypes);
  const hint =
    meant === undefined ? `the types are ${captureTypes.join(", ")}` : `did you mean \`${meant}\`?`;
  return `\`${typeName}\` is not a capture type; ${hint}`;
}

function fault(message: string, at: number, length: number): Result<never, PatternFault> {
  return err({ message, at, length });
}
