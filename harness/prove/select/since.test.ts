import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bootSpec, one, proofOf } from "../../contract/testing.ts";
import { ownerOf, reached, readCrates } from "./crates.ts";
import { touchedBy, type TreeShape } from "./since.ts";

const shape: TreeShape = {
  crates: [
    { name: "capos-kernel", dir: "kernel", uses: ["capos-formats"] },
    { name: "capos-formats", dir: "kernel/formats", uses: [] },
    { name: "capos-rt", dir: "userspace/rt", uses: [] },
    { name: "capos-store", dir: "userspace/services/store", uses: ["capos-rt", "capos-formats"] },
    { name: "capos-smoke", dir: "userspace/demos/smoke", uses: ["capos-rt"] },
  ],
  images: [
    {
      name: "smoke",
      sources: ["manifests/smoke.cue", "manifests/schema/image.cue"],
      crates: ["capos-smoke"],
    },
    {
      name: "storage",
      sources: ["manifests/storage/a.cue", "manifests/schema/image.cue"],
      crates: ["capos-store"],
    },
    { name: "linux", sources: ["manifests/linux.cue"], crates: undefined },
  ],
};

const proofs = [
  ["run-smoke", "smoke"],
  ["run-store", "storage"],
  ["run-linux", "linux"],
].map(([name = "", image = ""]) => proofOf([bootSpec("a", [one("up", "up")])], { name, image }));

function touched(...files: readonly string[]): readonly string[] {
  const why = touchedBy(files, shape);
  return proofs.filter((proof) => why(proof) !== undefined).map((proof) => proof.name);
}

const everything = ["run-smoke", "run-store", "run-linux"];

describe("a change touches", () => {
  test.each([
    [
      "nothing",
      ["docs/abi.md", "tasks/a.md", "README.md", "harness/prove/run.test.ts", "kernel/hosttests/a.rs"],
      [],
    ],
    ["its proof", ["proofs/run-store.cue"], ["run-store"]],
    ["its proof, of several files", ["proofs/run-store/b.cue"], ["run-store"]],
    ["its image's proofs", ["manifests/smoke.cue"], ["run-smoke"]],
    ["its image's proofs, also when the file is gone", ["manifests/storage/gone.cue"], ["run-store"]],
    ["those whose images import it", ["manifests/schema/image.cue"], ["run-smoke", "run-store"]],
    ["those whose programs are made of it", ["userspace/services/store/src/main.rs"], ["run-store"]],
    ["those whose programs use it", ["userspace/rt/src/lib.rs"], ["run-smoke", "run-store"]],
    ["all of this tree's kernel", ["kernel/src/main.rs"], ["run-smoke", "run-store"]],
    ["all of this tree's kernel, by the lock file", ["Cargo.lock"], ["run-smoke", "run-store"]],
    ["all programs, when it belongs to no package", ["userspace/link.ld"], ["run-smoke", "run-store"]],
    ["everything, as the tool", ["harness/contract/boot.ts"], everything],
    ["everything, as the proofs' schema", ["proofs/schema/proof.cue"], everything],
    ["everything, when nobody knows what it is", ["surprise.bin"], everything],
    ["everything, when what imported it is gone", ["manifests/profiles/gone.cue"], everything],
  ])("%s", (_, files, expected) => {
    expect(touched(...files)).toEqual(expected);
  });

  test("what cannot be read, whatever has changed", () => {
    const images = [{ name: "smoke", sources: [], crates: [], broken: true }, ...shape.images.slice(1)];
    const why = touchedBy(["userspace/services/store/src/main.rs"], { ...shape, images });
    expect(proofs.map((p) => why(p) !== undefined)).toEqual([true, true, false]);
  });

  test("and says by which file", () => {
    const [smoke] = proofs;
    if (smoke === undefined) throw new Error("there are proofs");
    expect(touchedBy(["docs/a.md", "userspace/rt/src/lib.rs"], shape)(smoke)).toBe(
      "userspace/rt/src/lib.rs changed",
    );
  });
});

describe("the crates of this tree", () => {
  const crates = readCrates(join(import.meta.dirname, "../../.."));

  test("are traced to what they are made of", () => {
    const store = crates.find((c) => c.name === "capos-store");
    expect(store).toMatchObject({ dir: "userspace/services/store" });
    expect(store?.uses.toSorted()).toEqual(["capos-abi", "capos-core", "capos-formats", "capos-rt"]);
  });

  test("own the files below them, the innermost first", () => {
    expect(ownerOf(crates, "kernel/formats/src/lib.rs")?.name).toBe("capos-formats");
    expect(ownerOf(crates, "kernel/src/main.rs")?.dir).toBe("kernel");
    expect(ownerOf(crates, "userspace/README")).toBeUndefined();
  });

  test("carry a change on to all that use them", () => {
    const names = reached(crates, new Set(["capos-rt"]));
    for (const { name, dir } of crates)
      if (dir.startsWith("userspace/demos/")) expect(names.has(name), name).toBe(true);
    expect(names.has("capos-core")).toBe(false);
  });
});
