import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { causeVerdicts } from "./judgement.ts";
import { lineCap } from "./lines.ts";
import { captureTypes } from "./pattern.ts";
import { caposForeign } from "./speech.ts";
import { verdicts } from "./types.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/proofs.md"), "utf8");

describe("docs/proofs.md", () => {
  it("describes every capture type, verdict and kind of cause", () => {
    const missing = [...captureTypes, ...verdicts, ...Object.keys(causeVerdicts)].filter(
      (w) => !page.includes(`\`${w}\``),
    );
    expect(missing).toEqual([]);
  });

  it("gives each kind of cause under its verdict", () => {
    for (const [kind, verdict] of Object.entries(causeVerdicts)) {
      const row =
        page
          .split("\n")
          .find((l) => l.startsWith("|") && l.includes(`\`${verdict}\``) && l.includes("`, `")) ??
        page.split("\n").find((l) => l.startsWith(`| \`${verdict}\``));
      expect([kind, row?.includes(`\`${kind}\``)]).toEqual([kind, true]);
    }
  });

  it("states the limits and defaults that the code has", () => {
    expect(page).toContain(`more than ${lineCap} bytes`);
    expect(page).toContain(`\`${caposForeign}\``);
  });
});
