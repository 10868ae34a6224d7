import { proposeCompletions } from "@stricli/core";
import { app } from "../app.ts";
import type { CliContext } from "../context.ts";

/**
 * Each script asks `capos completion words -- WORD…` for what may stand in the place of the last word. They
 * call the launcher by its path: npx in front of it would cost a third of a second at every Tab. Where it has nothing to
 * say, files are meant.
 */
const scripts = {
  bash: (launcher: string): string => `_capos() {
  local IFS=$'\\n'
  COMPREPLY=($(node ${launcher} completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -o default -F _capos capos
`,
  zsh: (launcher: string): string => `#compdef capos
_capos() {
  local -a found
  found=(\${(f)"$(node ${launcher} completion words -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)"})
  (( $#found )) || { _files; return }
  compadd -S '' -- \${(M)found:#*=}
  compadd -- \${found:#*=}
}
compdef _capos capos
`,
  fish: (launcher: string): string => `function __capos
  set -l words (commandline -opc) (commandline -ct)
  set -l found (node ${launcher} completion words -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c capos -f -a '(__capos)'
`,
};

export function printScript(context: CliContext, shell: keyof typeof scripts): void {
  const launcher = `'${`${context.root}/bin/capos.mjs`.replaceAll("'", "'\\''")}'`;
  context.print(scripts[shell](launcher));
}

export async function words(
  this: CliContext,
  _flags: Record<never, never>,
  ...typed: string[]
): Promise<void> {
  const found = await proposeCompletions(app, typed.length === 0 ? [""] : typed, {
    ...this,
    typed: typed.slice(0, -1),
  });
  // The word that ends all flags may stand nearly everywhere, and is hardly ever meant.
  for (const { completion } of found) if (completion !== "--") this.print(completion);
}
