/** Elements from data. Text only ever becomes text nodes and attribute values: nothing here parses markup. */

export type Child = Node | string | null | undefined | false;
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => void)>
>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** Keys that begin with `on` are listeners; true is an attribute without a value, false and undefined none. */
function filled<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Text with every place of `words` (lower case) marked. */
export function highlighted(text: string, words: string): (Node | string)[] {
  if (words === "") return [text];
  const out: (Node | string)[] = [];
  const lower = text.toLowerCase();
  let at = 0;
  // Lower case can be longer than the text itself; then nothing is marked rather than the wrong place.
  if (lower.length === text.length) {
    for (let i = lower.indexOf(words); i >= 0; i = lower.indexOf(words, at)) {
      out.push(text.slice(at, i), h("mark", {}, text.slice(i, i + words.length)));
      at = i + words.length;
    }
  }
  out.push(text.slice(at));
  return out;
}
