import { problem, type Problem, type Span } from "../base/index.ts";
import { contractCodes } from "./codes.ts";
import type { BootSpec, ChainItem, Proof } from "./types.ts";

/** A shared boot that a proof goes on from: the first boot of another proof, up to one of its landmarks. */
export interface Fork {
  readonly proof: string;
  readonly landmark: string;
  /** How many items of the first boot's chain are the shared boot's. */
  readonly shared: number;
}

/** What `from` names: `run-smoke@hello`. */
export function parseFork(text: string): Pick<Fork, "proof" | "landmark"> | undefined {
  const [, proof, landmark] = /^([a-z0-9][a-z0-9-]*)@([a-z0-9][a-z0-9-]*)$/u.exec(text) ?? [];
  return proof === undefined || landmark === undefined ? undefined : { proof, landmark };
}

/**
 * The proof with the shared boot's landmarks in front of its own: what has been printed up to the fork is held to them, and
 * then its own follow. So a machine that goes on from the stored state and one that is powered on are judged by the
 * same chain, on a console that begins at the same banner. Problems, with places, when the two do not fit;
 * `goesOnItself`: the shared boot is of a proof that names one, too. What the shared proof types is typed in
 * neither: a landmark that needs it never comes.
 */
export function withFork(
  own: Proof,
  from: Pick<Fork, "proof" | "landmark">,
  shared: Proof,
  goesOnItself: boolean,
): { readonly proof: Proof; readonly problems: readonly Problem[] } {
  const place = own.spans.get("from");
  const problems: Problem[] = misfits(own, from, shared, goesOnItself).map(({ message, path }) => {
    const span = own.spans.get(path) ?? place;
    return problem(contractCodes, "CAPOS_PROOF_FORK", message, span === undefined ? {} : { span });
  });
  const [first, ...others] = own.boots;
  const prefix = prefixOf(shared.boots[0], from.landmark);
  if (first === undefined || prefix === undefined || problems.length > 0) return { proof: own, problems };
  const fork: Fork = { ...from, shared: prefix.length };
  const boots = [{ ...first, chain: [...prefix, ...first.chain] }, ...others];
  const spans = composedSpans(own.spans, shared.spans, prefix.length);
  return { proof: { ...own, from: fork, boots, spans }, problems };
}

/** The chain up to and with a landmark; undefined when it is not there, or is one of a group. */
function prefixOf(boot: BootSpec | undefined, landmark: string): readonly ChainItem[] | undefined {
  const at = boot?.chain.findIndex((item) => item.kind === "one" && item.landmark.name === landmark) ?? -1;
  return at < 0 ? undefined : boot?.chain.slice(0, at + 1);
}

interface Misfit {
  readonly message: string;
  /** Place in the proof that goes on. */
  readonly path: string;
}

function misfits(
  own: Proof,
  from: Pick<Fork, "proof" | "landmark">,
  shared: Proof,
  goesOnItself: boolean,
): readonly Misfit[] {
  const found: Misfit[] = [];
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) found.push({ path, message });
  };
  const name = `\`${from.proof}\``;
  must(own.name !== shared.name, "from", "a proof cannot go on from itself");
  must(!goesOnItself, "from", `${name} goes on from another boot itself`);
  must(
    prefixOf(shared.boots[0], from.landmark) !== undefined,
    "from",
    `the first boot of ${name} has no landmark \`${from.landmark}\` outside of a group`,
  );
  must(
    own.image === shared.image,
    "image",
    `the image is \`${own.image}\`, and that of ${name} is \`${shared.image}\``,
  );
  must(sameMachine(own, shared), "machine", `the machine is not that of ${name}`);
  must(
    own.machine.boot.length === 1 && own.machine.boot[0] === "direct",
    "machine.boot",
    "a state can be stored on the path direct only: QEMU cannot store the system disk's controller",
  );
  must(same(own.disks, shared.disks), "disks", `the disks are not those of ${name}`);
  for (const field of ["guest", "foreign", "closed"] as const) {
    must(same(own[field], shared[field]), field, `\`${field}\` is not what ${name} says`);
  }
  must(
    own.peers === undefined && shared.peers === undefined,
    "peers",
    "a connection to a peer cannot be stored",
  );
  for (const { proof, path } of [
    { proof: shared, path: "from" },
    { proof: own, path: "boots.0" },
  ]) {
    const [boot] = proof.boots;
    const special = boot?.faults ?? boot?.crash ?? boot?.clock;
    must(
      special === undefined && boot?.ends.how !== "power-cut",
      path,
      `the first boot of \`${proof.name}\` has faults, crash states, a power cut or a clock of its own, which need a machine of their own`,
    );
  }
  return found;
}

/** On `direct`; the shared proof may be run on other paths as well. */
function sameMachine(own: Proof, shared: Proof): boolean {
  const { boot: _, ...mine } = own.machine;
  const { boot: paths, ...theirs } = shared.machine;
  return same(mine, theirs) && paths.includes("direct") && own.axes === undefined;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const ownItem = /^boots\.0\.landmarks\.(\d+)/u;

/** Each item of the chain is found where it is declared, in one file or the other. */
function composedSpans(
  own: ReadonlyMap<string, Span>,
  shared: ReadonlyMap<string, Span>,
  count: number,
): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  for (const [path, span] of shared) {
    const at = ownItem.exec(path)?.[1];
    if (at !== undefined && Number(at) < count) spans.set(path, span);
  }
  for (const [path, span] of own) {
    spans.set(
      path.replace(ownItem, (_, at: string) => `boots.0.landmarks.${Number(at) + count}`),
      span,
    );
  }
  return spans;
}
