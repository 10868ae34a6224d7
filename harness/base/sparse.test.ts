import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { copySparse } from "./sparse.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-sparse-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("a copy has the same bytes, and holes where there are zeros", () => {
  const content = Buffer.alloc((3 << 20) + 7);
  content[0] = 1;
  content[(1 << 20) + 5] = 2;
  content[content.length - 1] = 3;
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  writeFileSync(from, content);
  copySparse(from, to);
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(statSync(to).blocks * 512).toBeLessThan(1 << 20);
});

test("a file that ends in zeros keeps its length", () => {
  const [from, to] = [join(dir, "zeros"), join(dir, "zeros-copy")];
  writeFileSync(from, Buffer.alloc(200_000));
  copySparse(from, to);
  expect(statSync(to).size).toBe(200_000);
});

test("what is there already is not written over", () => {
  const to = join(dir, "taken");
  writeFileSync(to, "mine");
  expect(() => copySparse(join(dir, "from"), to)).toThrow(/EEXIST/u);
  expect(readFileSync(to, "utf8")).toBe("mine");
});
