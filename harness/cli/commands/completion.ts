import { buildCommand, buildRouteMap } from "@stricli/core";
import type { CliContext } from "../context.ts";

function script(shell: "bash" | "zsh" | "fish", how: string) {
  return buildCommand<Record<never, never>, [], CliContext>({
    docs: { brief: `Print the completion script for ${shell}`, fullDescription: how },
    parameters: {},
    loader: async () => {
      const { printScript } = await import("../run/completion.ts");
      return function printShell(this: CliContext) {
        printScript(this, shell);
      };
    },
  });
}

const words = buildCommand<Record<never, never>, string[], CliContext>({
  docs: { brief: "Print what may stand next; what the scripts call" },
  parameters: {
    positional: { kind: "array", parameter: { brief: "Word so far", parse: String, placeholder: "word" } },
  },
  loader: async () => (await import("../run/completion.ts")).words,
});

export const completion = buildRouteMap<"bash" | "zsh" | "fish" | "words", CliContext>({
  routes: {
    bash: script("bash", '  eval "$(node bin/capos.mjs completion bash)"'),
    zsh: script("zsh", '  eval "$(node bin/capos.mjs completion zsh)"'),
    fish: script("fish", "  node bin/capos.mjs completion fish | source"),
    words,
  },
  docs: { brief: "Shell completion for bash, zsh and fish", hideRoute: { words: true } },
});
