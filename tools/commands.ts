/** Holds words of a command line against the definitions that the tool itself parses by. Nothing is run. */
import { app } from "../harness/cli/app.ts";
import { makeContext } from "../harness/cli/context.ts";

const nowhere = { write: () => {} };
const context = makeContext({ stdout: nowhere, stderr: nowhere, env: {} }, { root: "", env: {} });

type Target = typeof app.root;
type Command = Extract<Target, { readonly parameters: unknown }>;

/** What is wrong with the words behind `capos`; undefined when the tool would take them. */
export function checkWords(words: readonly string[]): string | undefined {
  let target: Target = app.root;
  const rest = [...words];
  while ("getRoutingTargetForInput" in target) {
    const word = rest.shift() ?? "";
    const next: Target | undefined = target.getRoutingTargetForInput(word);
    if (next === undefined) return `capos has no command ${word === "" ? "without a name" : word}`;
    target = next;
  }
  return checkArguments(target, rest);
}

function checkArguments({ parameters }: Command, words: readonly string[]): string | undefined {
  const { flags = {}, positional } = parameters;
  const aliases = new Map<string, unknown>(Object.entries(parameters.aliases ?? {}));
  const given = new Set<string>();
  let values = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-")) {
      values += 1;
      continue;
    }
    const name = word.startsWith("--") ? camel(word.slice(2)) : String(aliases.get(word.slice(1)) ?? word);
    const positive = name.replace(/^no([A-Z])/u, (_whole: string, first: string) => first.toLowerCase());
    const flag = flags[name] ?? (flags[positive]?.kind === "boolean" ? flags[positive] : undefined);
    if (flag === undefined) return `there is no flag ${word}`;
    if (given.has(name) && !("variadic" in flag)) return `${word} is given twice`;
    given.add(name);
    if (flag.kind === "boolean") continue;
    const value = words[++i];
    if (value === undefined) return `${word} lacks its value`;
    const fault = flag.kind === "parsed" ? refusal(() => flag.parse.call(context, value)) : undefined;
    if (fault !== undefined) return `${word}: ${fault}`;
  }
  const missing = Object.entries(flags).find(
    ([name, flag]) =>
      flag.kind !== "boolean" &&
      flag.optional !== true &&
      !("default" in flag && flag.default !== undefined) &&
      !given.has(name),
  );
  if (missing !== undefined) return `the flag --${missing[0]} is missing`;
  const most = positional?.kind === "array" ? Infinity : (positional?.parameters?.length ?? 0);
  const least = positional?.kind === "array" ? (positional.minimum ?? 0) : most;
  return values < least || values > most ? `${values} values are not what the command takes` : undefined;
}

function refusal(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function camel(flag: string): string {
  return flag.replace(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}
