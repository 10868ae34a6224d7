import { visibleLines } from "../text.ts";

/** Text as XML 1.0 can hold it: what no XML may contain is written out, what means markup is escaped. */
export function xmlText(text: string): string {
  return visibleLines(text)
    .replace(/[\ufffe\uffff]/gu, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>]/gu, (c) => (c === "&" ? "&amp;" : c === "<" ? "&lt;" : "&gt;"));
}

/** The same for an attribute's value, whose line ends and tabs would else be read as spaces. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element on lines of its own; `inner` is markup. */
export function element(name: string, attributes: Attributes, inner: readonly string[] = []): string {
  const open = Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? "" : ` ${key}="${xmlAttribute(String(value))}"`))
    .join("");
  if (inner.length === 0) return `<${name}${open}/>`;
  return `<${name}${open}>\n${inner.join("\n")}\n</${name}>`;
}

/** An element whose content is text, to the byte. */
export function textElement(name: string, attributes: Attributes, text: string): string {
  const empty = element(name, attributes);
  return text === "" ? empty : `${empty.slice(0, -2)}>${xmlText(text)}</${name}>`;
}
