/** Where the reader is: in the address, so that every view can be linked and the browser's own keys work. */

export type Route =
  | { readonly view: "overview" }
  /** `line` is in the console of the boot with this index. */
  | { readonly view: "case"; readonly key: string; readonly boot?: number; readonly line?: number }
  | { readonly view: "search"; readonly words: string }
  | { readonly view: "compare"; readonly left?: string; readonly right?: string }
  | { readonly view: "mutants" }
  | { readonly view: "notes" };

export function parseRoute(hash: string): Route {
  const [view = "", ...rest] = hash.replace(/^#\/?/u, "").split("/").map(decoded);
  const [first, second, third] = rest;
  switch (view) {
    case "case":
      return {
        view,
        key: first ?? "",
        ...(isNumber(second) ? { boot: Number(second) } : {}),
        ...(isNumber(third) ? { line: Number(third) } : {}),
      };
    case "search":
      return { view, words: first ?? "" };
    case "compare":
      return { view, ...(first ? { left: first } : {}), ...(second ? { right: second } : {}) };
    case "mutants":
    case "notes":
      return { view };
    default:
      return { view: "overview" };
  }
}

export function hashOf(route: Route): string {
  const join = (...parts: readonly (string | number | undefined)[]): string =>
    `#/${parts
      .filter((part) => part !== undefined)
      .map((part) => encodeURIComponent(part))
      .join("/")}`;
  switch (route.view) {
    case "case":
      return join("case", route.key, route.boot, route.line);
    case "search":
      return join("search", route.words);
    case "compare":
      return join("compare", route.left, route.right);
    case "mutants":
    case "notes":
      return join(route.view);
    case "overview":
      return "#/";
  }
}

/** Goes there; a step that only moves within the view does not fill the browser's history. */
export function go(route: Route, how: "push" | "replace" = "push"): void {
  const hash = hashOf(route);
  if (how === "push") location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,9}$/u.test(text);
}
