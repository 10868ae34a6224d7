import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bucketPermissions, projectPermissions } from "./preflight.ts";

test("the page's role holds what a run needs, and nothing else", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/cloudboot.md"), "utf8");
  const role = /includedPermissions:\n((?: {2}- \S+\n)+)/u.exec(page)?.[1] ?? "";
  expect(role.match(/\S+\.\S+/gu)).toEqual([...projectPermissions, ...bucketPermissions]);
  for (const never of ["actAs", "setServiceAccount", "useExternalIp", "firewalls", "setIamPolicy"]) {
    expect(role).not.toContain(never);
  }
});
