import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith(".md"),
);
/** What stands in code type, outside of blocks, and begins with a folder of the tree: a path without blanks. */
const named = /`((?:bin|cloud|docs|harness|kernel|manifests|proofs|tasks|tools|userspace)\/[\w./-]+)`/gu;

test.each(pages)("what %s names of the tree is there", (page) => {
  const prose = readFileSync(join(root, page), "utf8").replaceAll(/^```.*?^```/gmsu, "");
  const gone = [...prose.matchAll(named)].flatMap(([, path = ""]) =>
    existsSync(join(root, path)) ? [] : [path],
  );
  expect(gone).toEqual([]);
});
