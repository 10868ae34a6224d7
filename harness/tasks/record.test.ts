import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showProblems } from "../base/index.ts";
import { withClosing } from "./edit.ts";
import { parseMilestone, parseState } from "./milestone.ts";
import { parseRecord } from "./record.ts";

const good = `---
# who may touch what
id: store
title: "A stored object: it survives"
status: active # since Monday
milestone: first-light
priority: high
slice_class: behavior
depends_on: []
conflict_domains: [resource:block-device]
write_scope:
  - kernel/
hazards: [dma]
closes_on:
  - proof: run-storage-persist
    boot: [direct, bios]
    landmarks:
      read-back.got: {size: 4096, digest: 12e4}
---

The body, with a line of dashes:

---
`;

const closed = { commit: "c".repeat(40), at: "2026-01-31T12:30Z", evidence: ["d".repeat(64)] };

function faults(text: string): string {
  const parsed = parseRecord("tasks/store.md", text);
  return parsed.ok ? "" : showProblems(parsed.error, () => text);
}

describe("a record", () => {
  test("is read whole; captures keep the characters they are written in", () => {
    const parsed = parseRecord("tasks/store.md", good);
    if (!parsed.ok) throw new Error(faults(good));
    const { source: _, ...record } = parsed.value;
    expect(record).toMatchInlineSnapshot(`
      {
        "closesOn": [
          {
            "landmarks": [
              {
                "boot": "read-back",
                "captures": {
                  "digest": "12e4",
                  "size": "4096",
                },
                "landmark": "got",
                "span": {
                  "col": 7,
                  "endCol": 20,
                  "file": "tasks/store.md",
                  "line": 18,
                },
              },
            ],
            "paths": [
              "direct",
              "bios",
            ],
            "proof": "run-storage-persist",
            "span": {
              "col": 12,
              "endCol": 31,
              "file": "tasks/store.md",
              "line": 15,
            },
          },
        ],
        "conflictDomains": [
          "resource:block-device",
        ],
        "dependsOn": [],
        "hazards": [
          "dma",
        ],
        "id": "store",
        "milestone": "first-light",
        "priority": "high",
        "sliceClass": "behavior",
        "status": "active",
        "title": "A stored object: it survives",
        "writeScope": [
          "kernel/",
        ],
      }
    `);
  });

  test("shows each fault where it stands, all at once", () => {
    const bad = good
      .replace("status: active", "status: actve")
      .replace("hazards:", "hazard:")
      .replace("[direct, bios]", "[direct, direct]")
      .replace("resource:block-device", "block-device")
      .replace("read-back.got", "read-back-got");
    expect(faults(bad)).toMatchInlineSnapshot(`
      "error[CAPOS_TASK_VALUE]: status must be one of ready, active, review, on-hold, done, not actve; did you mean active?
        --> tasks/store.md:5:9
        5 | status: actve # since Monday
          |         ^^^^^
        next: compare the value with the field's description in docs/tasks.md

      error[CAPOS_TASK_VALUE]: a conflict domain must be resource:…, interface:… or path:…, not "block-device"
        --> tasks/store.md:10:20
        10 | conflict_domains: [block-device]
           |                    ^^^^^^^^^^^^
        next: compare the value with the field's description in docs/tasks.md

      error[CAPOS_TASK_FIELD]: the record has no field hazard; did you mean hazards?
        --> tasks/store.md:13:1
        13 | hazard: [dma]
           | ^^^^^^
        next: compare the record with the fields in docs/tasks.md

      error[CAPOS_TASK_VALUE]: boot names a path twice
        --> tasks/store.md:16:11
        16 |     boot: [direct, direct]
           |           ^^^^^^^^^^^^^^^^
        next: compare the value with the field's description in docs/tasks.md

      error[CAPOS_TASK_VALUE]: a landmark is named boot.landmark, not read-back-got
        --> tasks/store.md:18:7
        18 |       read-back-got: {size: 4096, digest: 12e4}
           |       ^^^^^^^^^^^^^
        next: compare the value with the field's description in docs/tasks.md
      "
    `);
  });

  test.each([
    ["no front matter", "# A title\n"],
    ["no end of the front matter", "---\nid: x\n"],
    ["an empty one", "---\n---\n"],
    ["a list", "---\n- id\n---\n"],
    ["a field twice", good.replace("priority: high", "priority: high\npriority: low")],
    ["an unclosed quote", good.replace('survives"', "survives")],
    ["a tab for indentation", good.replace("  - kernel/", "\t- kernel/")],
    ["no evidence to close on", good.replace(/closes_on:[^]*?---/u, "closes_on: []\n---")],
    ["done by hand", good.replace("active", "done")],
    ["on hold without a reason", good.replace("active", "on-hold")],
    ["a path out of the tree", good.replace("- kernel/", "- ../kernel/")],
    ["a target that there is not", good.replace("boot:", "target: aws\n    boot:")],
    ["a field without a value", good.replace("priority: high", "priority:")],
    ["an alias where text must be", good.replace("priority: high", "priority: *p")],
  ])("with %s is refused at a place", (_, text) => {
    const parsed = parseRecord("tasks/store.md", text);
    if (parsed.ok) throw new Error("it was accepted");
    for (const fault of parsed.error) {
      expect(fault.code).toMatch(/^CAPOS_TASK_/u);
      expect(fault.span?.file).toBe("tasks/store.md");
    }
  });

  test("on hold carries its reason and what would lift it", () => {
    const held = good.replace(
      "active # since Monday",
      "on-hold\non_hold: {reason: no disk, lifted_by: a disk}",
    );
    const parsed = parseRecord("tasks/store.md", held);
    expect(parsed.ok && parsed.value.onHold).toEqual({ reason: "no disk", liftedBy: "a disk" });
  });

  test("never makes the parser throw, whatever it is", () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom(...good.split(/(?<=[\n:{,[])/u)), fc.string()), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        const parsed = parseRecord("tasks/x.md", parts.join(""));
        expect(parsed.ok || parsed.error.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("closing edits", () => {
  const source = (text: string) => {
    const parsed = parseRecord("tasks/store.md", text);
    if (!parsed.ok) throw new Error(faults(text));
    return parsed.value.source;
  };

  test("change the status, add what closed it, and keep every other character", () => {
    expect(withClosing(source(good), "done", closed)).toBe(
      good
        .replace("status: active #", "status: done #")
        .replace(
          "digest: 12e4}\n---",
          `digest: 12e4}\nclosed:\n  commit: ${closed.commit}\n  at: ${closed.at}\n  evidence:\n    - ${closed.evidence[0]}\n---`,
        ),
    );
  });

  test("are read back as they were meant", () => {
    const parsed = parseRecord("tasks/done/store.md", withClosing(source(good), "done", closed));
    expect(parsed.ok && parsed.value.status).toBe("done");
    expect(parsed.ok && parsed.value.closed).toMatchObject(closed);
  });

  test("keep the line endings of the file", () => {
    const windows = good.replaceAll("\n", "\r\n");
    const edited = withClosing(source(windows), "done", closed);
    expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
    expect(parseRecord("tasks/store.md", edited).ok).toBe(true);
  });
});

describe("milestones and the state", () => {
  const milestone = `---
id: first-light
title: First light
status: open
tasks: [store]
claims: [It stores.]
non_claims: [It does not fly.]
---
`;

  test("are read, and refused with a suggestion", () => {
    const parsed = parseMilestone("tasks/milestones/first-light.md", milestone);
    expect(parsed.ok && parsed.value.nonClaims).toEqual(["It does not fly."]);
    const wrong = parseMilestone("m.md", milestone.replace("non_claims", "nonclaims"));
    expect(wrong.ok ? [] : wrong.error.map((p) => p.message)).toEqual([
      "the milestone has no field nonclaims; did you mean non_claims?",
    ]);
    expect(parseMilestone("m.md", milestone.replace("[It does not fly.]", "[]")).ok).toBe(false);
    expect(parseMilestone("m.md", milestone.replace("open", "closed")).ok).toBe(false);
  });

  test("the state names one milestone", () => {
    const state = parseState("tasks/state.yaml", "# now\nselected: first-light\n");
    expect(state.ok && state.value.name).toBe("first-light");
    expect(parseState("tasks/state.yaml", "selected: [a, b]\n").ok).toBe(false);
    expect(parseState("tasks/state.yaml", "").ok).toBe(false);
  });
});
