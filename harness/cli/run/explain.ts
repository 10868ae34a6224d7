import { exitCodes, nearest, problem } from "../../base/index.ts";
import { changedSince, knownPackage } from "../../build/index.ts";
import { type ChainItem, dayOf, type Proof, showSize, toleranceOf } from "../../contract/index.ts";
import { type ForeignModel, loadImage, loadProof, packagesOf } from "../../manifest/index.ts";
import { proveCodes } from "../../prove/index.ts";
import { openBuildCache } from "../artifacts.ts";
import { allCodes } from "../codes.ts";
import type { CliContext } from "../context.ts";
import { inputsPage } from "../prove/inputs-page.ts";
import { loadOptions } from "../tree.ts";

export async function explain(this: CliContext, _flags: Record<never, never>, what: string): Promise<void> {
  if (/^CAPOS_/iu.test(what)) return explainCode(this, what.toUpperCase());
  const proof = await loadProof(this.root, what);
  if (!proof.ok) return this.report(proof.error);
  this.print(describe(proof.value));
  const model = await loadImage(this.root, proof.value.image, loadOptions);
  if (!model.ok) return this.report(model.error);
  const cache = openBuildCache(this.root);
  if (model.value.kind !== "capos") this.print(describeForeign(model.value, cache.dir));
  const changed = changedSince({ root: this.root, cacheDir: cache.dir, cache: cache.actions }, model.value);
  if (changed === undefined) this.print("\nIts image has not been built here yet.");
  else if (changed.length === 0) this.print("\nIts image is built from the tree as it stands.");
  else
    this.print(["", "Changed since its image was built:", ...changed.map((name) => `  ${name}`)].join("\n"));
  const inputs = await inputsPage(this.root, proof.value);
  if (!inputs.ok) return this.report(inputs.error);
  this.print(["", ...inputs.value].join("\n"));
}

async function explainCode(context: CliContext, code: string): Promise<void> {
  const codes = await allCodes();
  const info = codes.get(code);
  if (info === undefined) {
    const close = nearest(code, [...codes.keys()]);
    const next = close === undefined ? "docs/errors.md lists all codes" : `did you mean ${close}?`;
    return context.report([
      problem(proveCodes, "CAPOS_EXPLAIN_UNKNOWN", `there is no error code ${code}`, { next }),
    ]);
  }
  context.print(
    `${code} (exit ${exitCodes[info.exit]})\n\n${info.summary}\n\nUsually the next step is: ${info.next}.`,
  );
}

function describe(proof: Proof): string {
  const { machine } = proof;
  return [
    `${proof.name}: ${proof.title}`,
    `  image    ${proof.image}`,
    `  machine  ${machine.type}, ${machine.cpus} x ${machine.cpu}, ${machine.memoryBytes / 2 ** 20} MiB, ${machine.accel}`,
    `  paths    ${machine.boot.join(", ")}`,
    ...describeAxes(proof),
    ...describePolicy(proof),
    ...Object.entries(proof.disks).map(
      ([serial, d]) => `  disk     ${serial}, ${d.bytes} bytes, ${d.bus}, ${d.content}`,
    ),
    ...proof.boots.flatMap((boot) => [
      `  boot ${boot.name}`,
      ...boot.chain.map(describeItem),
      `    ends: ${Object.values(boot.ends).join(" ")}`,
    ]),
    ...proof.same.map(([a, b]) => `  same     ${ref(a)} and ${ref(b)}`),
    ...proof.never.map((n) => `  never    ${n.text}`),
  ].join("\n");
}

/** What an image with a kernel from elsewhere is made of, with the versions that are here. */
function describeForeign(model: ForeignModel, cacheDir: string): string {
  const packages = packagesOf(model).flatMap(
    ({ name }) =>
      knownPackage(cacheDir, name)?.map((p) => `${p.name} ${p.version}`) ?? [`${name}, not here yet`],
  );
  return [
    `\n  kernel   ${model.kind}, ${model.kernel.path}`,
    ...(model.commandLine === "" ? [] : [`  told     ${model.commandLine}`]),
    ...packages.map((one) => `  package  ${one}`),
  ].join("\n");
}

function describeAxes({ axes }: Proof): readonly string[] {
  return [
    ...(axes?.cpus === undefined ? [] : [`  with     ${axes.cpus.join(", ")} processors`]),
    ...(axes?.memoryBytes === undefined
      ? []
      : [`  with     ${axes.memoryBytes.map(showSize).join(", ")} of memory`]),
  ];
}

function describePolicy(proof: Proof): readonly string[] {
  const tolerance = toleranceOf(proof, dayOf(Date.now()));
  const ended = proof.quarantine !== undefined || proof.warnUntil !== undefined;
  if (tolerance !== undefined) return [`  failures do not count: ${tolerance.why}`];
  return ended ? ["  failures count again: `capos check` says since when"] : [];
}

function describeItem(item: ChainItem): string {
  const all = item.kind === "one" ? [item.landmark] : item.landmarks;
  const lines = all.map((l) => `${l.name}: ${l.line}  (within ${l.withinMs} ms)`);
  return item.kind === "one"
    ? `    ${lines.join("")}`
    : ["    in any order:", ...lines.map((l) => `      ${l}`)].join("\n");
}

function ref(r: Proof["same"][number][number]): string {
  return `${r.boot}.${r.landmark}.${r.capture}`;
}
