import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { ok } from "../base/index.ts";
import { firstDifference } from "./compare.ts";
import { withImageFile } from "./source.ts";
import { inDirectory, must } from "./testing.ts";

/** Builds one fake disk in a process of its own; argv: path of the image. */
const BUILDER = `
import { hybridDisk } from "./hybrid.ts";
import { writeToFile } from "./targets.ts";
import { fakeSpec, must } from "./testing.ts";
const written = must(writeToFile(must(hybridDisk(fakeSpec())), process.argv[2] ?? ""));
console.log(written.digest, new Date(0).getTimezoneOffset(), process.umask().toString(8), (1234.5).toLocaleString());
`;

test("the same disk comes out under another zone, umask, locale, directory and time", async () => {
  await inDirectory(async (directory) => {
    const script = join(directory, "builder.mjs");
    await build({
      stdin: { contents: BUILDER, resolveDir: import.meta.dirname, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
      logLevel: "error",
    });
    const surroundings = [
      { name: "one", umask: "022", env: { TZ: "UTC", LC_ALL: "C", SOURCE_DATE_EPOCH: "0" } },
      { name: "two", umask: "077", env: { TZ: "Asia/Kolkata", LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8" } },
    ];
    const [a, b] = surroundings.map(({ name, umask, env }) => {
      const temporary = join(directory, name, "tmp");
      mkdirSync(temporary, { recursive: true });
      const image = join(directory, name, "disk.img");
      const command = `umask ${umask}; cd "$0"; exec "$1" "$2" "$3"`;
      const ran = spawnSync("sh", ["-c", command, temporary, process.execPath, script, image], {
        env: { PATH: process.env["PATH"] ?? "", TMPDIR: temporary, ...env },
        encoding: "utf8",
      });
      const [digest = "", ...seen] = ran.stdout.trim().split(" ");
      expect(ran.stderr).toBe("");
      return { image, digest, seen: seen.join(" ") };
    });
    if (a === undefined || b === undefined) throw new Error("two surroundings");
    // The surroundings really differed, or this test would show nothing.
    expect(a.seen).not.toBe(b.seen);
    expect(a.digest).toBe(b.digest);
    const difference = withImageFile(a.image, (one) =>
      withImageFile(b.image, (two) => ok(firstDifference(one, two))),
    );
    expect(must(difference)).toBeUndefined();
  });
});
