/** Small pieces of Rust text: names, comments, imports. */

/** `blockSize` to `block_size`. */
export function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter, at: number) => (at === 0 ? "" : "_") + letter.toLowerCase());
}

/** `blockSize` to `BlockSize`. */
export function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const keywords = new Set(
  `abstract as async await become box break const continue do dyn else enum extern false final fn for gen if impl in
  let loop macro match mod move mut override priv pub ref return static struct trait true try type typeof unsafe
  unsized use virtual where while yield`.split(/\s+/),
);

/** A name in the place of a variable, function or module. */
export function identifier(name: string): string {
  const text = snake(name);
  return keywords.has(text) ? `r#${text}` : text;
}

/** A documentation comment from the schema's own words, or from `otherwise` where it has none. */
export function docComment(doc: string, otherwise: string): readonly string[] {
  return sentences(doc === "" ? otherwise : doc).map((line) => (line === "" ? "///" : `/// ${line}`));
}

/** The same for the file itself. */
export function fileComment(doc: string): readonly string[] {
  return sentences(doc).map((line) => (line === "" ? "//!" : `//! ${line}`));
}

function sentences(doc: string): readonly string[] {
  return doc.split("\n").map((line) =>
    line
      .split("`")
      // Brackets outside of code would be taken for links.
      .map((piece, index) => (index % 2 === 0 ? piece.replaceAll(/[[\]\\]/g, (sign) => `\\${sign}`) : piece))
      .join("`")
      .trimEnd(),
  );
}

export function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `    ${line}`));
}

/** One blank line between the items of a file, an `impl` or a module. */
export function spaced(items: readonly (readonly string[])[]): readonly string[] {
  return items
    .filter((item) => item.length > 0)
    .flatMap((item, index) => (index === 0 ? item : ["", ...item]));
}

const lineWidth = 100;

/** `use path::{a, b};` with the names that occur in `body`, as rustfmt lays it out. */
export function importOf(
  path: string,
  names: Iterable<string>,
  body: readonly string[],
  depth = 0,
): readonly string[] {
  const text = body.join("\n");
  const used = [...new Set(names)].filter((name) => new RegExp(`\\b${name}\\b`).test(text)).toSorted();
  const only = used[0];
  if (only === undefined) return [];
  const line = used.length === 1 ? `use ${path}::${only};` : `use ${path}::{${used.join(", ")}};`;
  if (line.length + 4 * depth < lineWidth - 1) return [line];
  const rows: string[] = [];
  for (const name of used) {
    const row = rows.at(-1);
    if (row !== undefined && 4 * depth + row.length + name.length + 2 <= lineWidth)
      rows[rows.length - 1] = `${row} ${name},`;
    else rows.push(`    ${name},`);
  }
  return [`use ${path}::{`, ...rows, "};"];
}

/** `head(args) -> result` and what stands behind it, the arguments below each other where they are too long. */
export function signatureOf(
  head: string,
  args: readonly string[],
  result: string,
  tail: string,
  depth = 1,
): readonly string[] {
  const end = result === "" ? tail : ` -> ${result}${tail}`;
  const line = `${head}(${args.join(", ")})${end}`;
  return line.length + 4 * depth <= lineWidth
    ? [line]
    : [`${head}(`, ...args.map((arg) => `    ${arg},`), `)${end}`];
}

/** What rustfmt keeps together in one line: arguments, and a receiver with its call. */
const shortWidth = 60;

/** The statement `receiver.method(args)?;` as rustfmt lays it out. */
export function callOf(receiver: string, method: string, args: readonly string[]): readonly string[] {
  const together = args.join(", ");
  if (together.length > shortWidth)
    return [`${receiver}.${method}(`, ...args.map((arg) => `    ${arg},`), ")?;"];
  const call = `${method}(${together})?`;
  return `${receiver}.${call}`.length > shortWidth ? [receiver, `    .${call};`] : [`${receiver}.${call};`];
}

/** The expression `Ok((a, b))` as rustfmt lays it out. */
export function okTuple(values: readonly string[]): readonly string[] {
  const together = `(${values.join(", ")})`;
  if (together.length <= shortWidth) return [`Ok(${together})`];
  return ["Ok((", ...values.map((value) => `    ${value},`), "))"];
}

/** A function of one expression, its signature broken where it is too long for a line. */
export function functionOf(
  comment: readonly string[],
  {
    head,
    args,
    result,
  }: { readonly head: string; readonly args: readonly string[]; readonly result: string },
  body: readonly string[],
  depth = 1,
): readonly string[] {
  return [...comment, "#[inline]", ...signatureOf(head, args, result, " {", depth), ...indent(body), "}"];
}
