/** What holds of the page's sources without a browser. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("its script holds to a browser's types, by a configuration of its own", () => {
  const { status, stdout } = spawnSync("npx", ["tsc", "-p", join(import.meta.dirname, "page")], {
    encoding: "utf8",
  });
  expect(status, stdout).toBe(0);
});

/** WCAG's relative luminance and contrast. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((i) => {
      const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [x, y] = [luminance(a), luminance(b)].toSorted((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

test.each(["light", "dark"])("text stands out from what it stands on where it is %s", (theme) => {
  const style = readFileSync(join(import.meta.dirname, "page/style.css"), "utf8");
  const declared = [...style.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/gu)];
  const colours = Object.fromEntries(
    declared.map(([, name, light, dark]) => [name, theme === "light" ? light! : dark!]),
  );
  const pairs = [
    ...["text", "quiet", "link"].flatMap((t) => ["ground", "raised", "sunken"].map((g) => [t, g])),
    ...["good", "bad", "died", "slow", "error", "skip", "busy"].flatMap((t) => [
      [t, `${t}-soft`],
      [t, "ground"],
    ]),
    ...["text", "quiet"].flatMap((t) =>
      ["good-soft", "slow-soft", "busy-soft", "skip-soft"].map((g) => [t, g]),
    ),
    ["mark-text", "mark"],
  ];
  for (const [text, on] of pairs) {
    expect(contrast(colours[text!]!, colours[on!]!), `${text} on ${on}`).toBeGreaterThanOrEqual(4.5);
  }
});
