import { run } from "@stricli/core";
import { app } from "./app.ts";
import { makeContext } from "./context.ts";

/** The text of `capos --help`; the launcher stores it with the bundle. */
export async function helpText(): Promise<string> {
  let text = "";
  const stdout = { write: (part: string) => void (text += part) };
  await run(app, ["--help"], makeContext({ stdout, stderr: stdout, env: {} }, { root: "", env: {} }));
  return text;
}
