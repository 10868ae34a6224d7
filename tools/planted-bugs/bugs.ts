/** The list of planted bugs, and what a run of the tests says of one: text in, values out. */

/** A mistake: one text of one file that is replaced by another. */
export interface Bug {
  readonly name: string;
  /** Path from the checkout's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** How a run of the tests ended. */
export interface Ran {
  /** What cargo ended with; undefined when it was stopped because it took too long. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who noticed a mistake; nobody, when all tests passed. */
export type Notice =
  | { readonly by: "tests"; readonly tests: readonly string[] }
  | { readonly by: "the compiler" }
  | { readonly by: "the clock" }
  | { readonly by: "nobody" };

/** Reads the list; a sentence that says what is wrong with it is thrown. */
export function readBugs(text: string): readonly Bug[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error("the list of planted bugs is no list");
  const bugs = list.map((item: unknown, at) => {
    const word = (name: string): string => {
      const value = Object.entries(item ?? {}).find(([key]) => key === name)?.[1];
      if (typeof value !== "string") throw new Error(`planted bug ${at} has no text \`${name}\``);
      return value;
    };
    return { name: word("name"), file: word("file"), find: word("find"), replace: word("replace") };
  });
  const twice = bugs.find((bug, at) => bugs.findIndex(({ name }) => name === bug.name) < at);
  if (twice !== undefined) throw new Error(`two planted bugs are named ${twice.name}`);
  return bugs;
}

/** The bugs of these names, or all when none is named; a name that there is not is thrown. */
export function choose(bugs: readonly Bug[], names: readonly string[]): readonly Bug[] {
  const unknown = names.find((name) => bugs.every((bug) => bug.name !== name));
  if (unknown !== undefined) throw new Error(`there is no planted bug ${unknown}`);
  return names.length === 0 ? bugs : bugs.filter(({ name }) => names.includes(name));
}

/** The file with the mistake in it; undefined when its place is not there, there more than once, or unchanged. */
export function planted(source: string, { find, replace }: Bug): string | undefined {
  const [before, after, ...others] = source.split(find);
  if (before === undefined || after === undefined || others.length > 0 || find === replace) return undefined;
  return before + replace + after;
}

/** The packages whose tests are to notice a mistake in this file. */
export function packagesFor(file: string): readonly string[] {
  return file.startsWith("kernel/formats/") ? ["capos-formats"] : ["capos-abi", "capos-core"];
}

/** Who noticed. A test that fails comes before the reason why cargo ended as it did. */
export function noticed({ status, stdout, stderr }: Ran): Notice {
  const tests = [...stdout.matchAll(/^test (\S+)(?: - should panic)? \.\.\. FAILED$/gmu)].map(
    ([, test = ""]) => test,
  );
  if (tests.length > 0) return { by: "tests", tests };
  if (status === undefined) return { by: "the clock" };
  if (status === 0) return { by: "nobody" };
  if (/^error(?:\[E\d+\])?: (?!test failed|\d+ targets? failed)/mu.test(stderr))
    return { by: "the compiler" };
  // A test program that was stopped by a signal or by its allocator names no test.
  return { by: "tests", tests: ["a test program that did not end by itself"] };
}

/** One line about a mistake. */
export function describeNotice(name: string, notice: Notice): string {
  switch (notice.by) {
    case "nobody":
      return `SURVIVED  ${name}`;
    case "tests": {
      const more = notice.tests.length > 3 ? ` and ${notice.tests.length - 3} more` : "";
      return `found     ${name}: ${notice.tests.slice(0, 3).join(", ")}${more}`;
    }
    case "the compiler":
      return `BROKEN    ${name}: it does not compile, so no test was asked`;
    case "the clock":
      return `found     ${name}: the tests do not end`;
    default:
      return notice satisfies never;
  }
}
