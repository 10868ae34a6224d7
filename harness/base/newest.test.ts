import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { keepNewest } from "./newest.ts";

const dir = mkdtempSync(join(tmpdir(), "capos-newest-"));
afterAll(() => rmSync(dir, { recursive: true }));

test("the newest stay, files and folders alike, and names of other things are left alone", () => {
  for (const [i, name] of ["a.elf", "b.elf", "c.elf", "d.elf"].entries()) {
    const path = join(dir, name);
    if (i === 1) mkdirSync(path);
    else writeFileSync(path, "x");
    utimesSync(path, i, i);
  }
  writeFileSync(join(dir, "half.tmp"), "x");
  keepNewest(dir, 2, (name) => name.endsWith(".elf"));
  expect(readdirSync(dir).toSorted()).toEqual(["c.elf", "d.elf", "half.tmp"]);
  keepNewest(join(dir, "absent"), 2, () => true);
});
