import { describe, expect, test } from "vitest";
import type { Proof } from "../../contract/index.ts";
import { bootSpec, one, proofOf } from "../../contract/testing.ts";
import { parseName } from "./names.ts";
import { proofsToLoad, selectCases, tagFilter, type Wanted } from "./select.ts";

function proof(name: string, more: Partial<Proof> = {}, machine: Partial<Proof["machine"]> = {}): Proof {
  const plain = proofOf([bootSpec("a", [one("up", "up")])], { ...more, name });
  return { ...plain, machine: { ...plain.machine, boot: ["direct", "uefi"], ...machine } };
}

const tree = [
  proof("run-smoke", { tags: ["fast"] }),
  proof("run-store", { tags: ["disk", "slow"], axes: { cpus: [1, 2] } }),
  proof("run-hang", { tags: ["counterexample"] }, { boot: ["direct"] }),
];

function ids(names: readonly string[], more: Partial<Wanted> = {}): readonly string[] | string {
  const selected = selectCases(tree, { names, choice: "first", filters: [], ...more });
  return selected.ok ? selected.value.map((c) => c.ref.id) : selected.error.map((p) => p.message).join("\n");
}

describe("a selection", () => {
  test("by name is the first point of each, in the order of the names", () => {
    expect(ids(["run-store", "run-smoke"])).toEqual(["run-store@direct+1cpu", "run-smoke@direct"]);
    expect(ids(["run-hang"])).toEqual(["run-hang@direct"]);
  });

  test("by glob leaves out what must not be proved", () => {
    expect(ids(["run-*"])).toEqual(["run-smoke@direct", "run-store@direct+1cpu"]);
    expect(ids(["run-?ang"])).toBe("no proof matches `run-?ang`");
  });

  test("by case takes any point of the matrix", () => {
    expect(ids(["run-store@uefi+2cpu"])).toEqual(["run-store@uefi+2cpu"]);
    expect(ids(["run-*@*+2cpu"])).toEqual(["run-store@direct+2cpu", "run-store@uefi+2cpu"]);
    expect(ids(["run-smoke@bios"])).toBe("no case matches `run-smoke@bios`");
  });

  test("of all is every point of what is meant to pass", () => {
    expect(ids([], { choice: "all" })).toEqual([
      "run-smoke@direct",
      "run-smoke@uefi",
      "run-store@direct+1cpu",
      "run-store@direct+2cpu",
      "run-store@uefi+1cpu",
      "run-store@uefi+2cpu",
    ]);
  });

  test("of a boot path is the first point on it, of the proofs that have it", () => {
    expect(ids([], { choice: ["uefi"] })).toEqual(["run-smoke@uefi", "run-store@uefi+1cpu"]);
    expect(ids(["run-hang"], { choice: ["uefi"] })).toBe("run-hang declares direct, not uefi");
  });

  test("by tag has one of the tags and none of those that are excluded", () => {
    const tagged = (...tags: readonly string[]) => ids([], { filters: [tagFilter(tags)] });
    expect(tagged("fast", "disk")).toEqual(["run-smoke@direct", "run-store@direct+1cpu"]);
    expect(tagged("!slow")).toEqual(["run-smoke@direct"]);
    expect(tagged("disk", "!slow")).toBe("none of 2 cases is left by --tag disk --tag !slow");
    expect(tagged("counterexample")).toEqual(["run-hang@direct"]);
  });

  test("says of each case why it is there", () => {
    const selected = selectCases(tree, {
      names: ["run-smoke", "run-st*"],
      choice: "first",
      filters: [],
    });
    expect(selected.ok && selected.value.map((c) => c.why)).toEqual(["named", "named by run-st*"]);
    const filtered = selectCases(tree, {
      names: [],
      choice: "first",
      filters: [tagFilter(["disk"]), { asked: "--x", reason: () => "for x" }],
    });
    expect(filtered.ok && filtered.value.map((c) => c.why)).toEqual(["tagged disk, for x"]);
  });

  test("takes a case named twice once", () => {
    expect(ids(["run-smoke", "run-smoke@direct", "run-sm*"])).toEqual(["run-smoke@direct"]);
  });
});

test("only what names and globs mean is loaded", () => {
  const all = tree.map((p) => p.name);
  expect(proofsToLoad(["run-smoke"], all)).toEqual(["run-smoke"]);
  expect(proofsToLoad(["run-smok"], all)).toEqual(["run-smok"]);
  expect(proofsToLoad(["run-smoke@uefi", "run-s*"], all)).toEqual(["run-smoke", "run-store"]);
  expect(proofsToLoad([], all)).toEqual(all);
});

test("a name may end with the accelerator of a proof that asks for both", () => {
  expect(parseName("run-a@direct+2cpu+kvm")).toMatchObject({ exact: "run-a", accelerator: "kvm" });
  expect(parseName("run-a@direct+2cpu+kvm").matchesCase("run-a@direct+2cpu")).toBe(true);
  expect(parseName("run-kvm").accelerator).toBeUndefined();
});

test("what is special in an expression is not special in a glob", () => {
  expect(parseName("run.a+(b)").matchesProof("run.a+(b)")).toBe(true);
  expect(parseName("run.a").matchesProof("runxa")).toBe(false);
});
