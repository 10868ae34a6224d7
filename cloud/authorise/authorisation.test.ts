import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testScope } from "../testing.ts";
import { type IntendedRun, readAuthorisation, uncovered } from "./authorisation.ts";
import { useOnce } from "./use-once.ts";

const text = `by: A. Maintainer
proof: run-smoke
project: example-project
zones: [europe-west1-b]
from: 2026-01-31T12:00:00Z
until: 2026-01-31T18:00:00+01:00
at-most-usd: 0.05
resources: [object, image, instance, disk]
`;

const intended: IntendedRun = {
  proof: "run-smoke",
  imageDigest: "ab".repeat(32),
  scope: { ...testScope, zones: ["europe-west1-b"] },
  costUsd: 0.01,
  resources: ["object", "image", "instance", "disk"],
};
const now = new Date("2026-01-31T13:00:00Z");

function read(changed = text): ReturnType<typeof readAuthorisation> {
  return readAuthorisation("allowed.yaml", changed);
}

function codesFor(changed: string, run: IntendedRun = intended, at = now): readonly string[] {
  const allowed = read(changed);
  return allowed.ok ? uncovered(allowed.value, run, at).map((p) => p.code) : allowed.error.map((p) => p.code);
}

test("an authorisation covers the run that it names", () => {
  expect(codesFor(text)).toEqual([]);
});

describe("it does not cover", () => {
  const scope = "CAPOS_CLOUD_AUTHORISATION_SCOPE";
  test.each([
    ["another proof", { ...intended, proof: "run-spawn" }],
    ["another project", { ...intended, scope: { ...intended.scope, project: "other-project" } }],
    ["another zone", { ...intended, scope: { ...intended.scope, zones: ["us-east1-b"] } }],
    ["a dearer run", { ...intended, costUsd: 0.06 }],
  ])("%s", (_, run) => expect(codesFor(text, run)).toEqual([scope]));

  test("another image, when it names one", () => {
    expect(codesFor(`${text}image: ${"cd".repeat(32)}\n`)).toEqual([scope]);
    expect(codesFor(`${text}image: ${"ab".repeat(32)}\n`)).toEqual([]);
  });

  test("a kind of resource that it leaves out", () => {
    expect(codesFor(text.replace(", disk]", "]"))).toEqual([scope]);
  });

  test.each(["2026-01-31T11:59:59Z", "2026-01-31T17:00:00Z"])("the time %s", (at) =>
    expect(codesFor(text, intended, new Date(at))).toEqual(["CAPOS_CLOUD_AUTHORISATION_EXPIRED"]),
  );
});

describe("an authorisation is refused", () => {
  const form = "CAPOS_CLOUD_AUTHORISATION_FORM";
  test.each([
    ["that is empty", ""],
    ["that is no YAML", "by: [\n"],
    ["with a field too many", `${text}forever: true\n`],
    ["without a limit", text.replace(/at-most-usd.*\n/u, "")],
    ["with an amount that no proof needs", text.replace("0.05", "100000")],
    ["with a time of no zone", text.replace("12:00:00Z", "12:00:00")],
    ["with a kind that no run makes", text.replace("disk]", "address]")],
  ])("%s", (_, changed) => expect(new Set(codesFor(changed))).toEqual(new Set([form])));

  test("with the place of the fault", () => {
    const refused = read(text.replace("0.05", "lots"));
    expect(refused.ok ? [] : refused.error.map((p) => [p.span?.line, p.message])).toEqual([
      [7, "`at-most-usd` must be an amount of US dollars, above 0 and at most 100"],
    ]);
  });
});

test("an authorisation is good once, a copy of it included", () => {
  const folder = mkdtempSync(join(tmpdir(), "capos-cloud-"));
  try {
    expect(useOnce(folder, text, "1769860800-0001").ok).toBe(true);
    const again = useOnce(folder, text, "1769860800-0002");
    expect(again.ok ? [] : again.error.map((p) => [p.code, p.message])).toEqual([
      ["CAPOS_CLOUD_AUTHORISATION_USED", "it was used by the run 1769860800-0001"],
    ]);
    expect(useOnce(folder, `${text}# another\n`, "1769860800-0002").ok).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
