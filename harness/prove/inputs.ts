import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, ok, type Result, sha256 } from "../base/index.ts";
import { imageInputs } from "../build/index.ts";
import { type DeclaredInputs, declaredInputs, type RunDirectory, storedProof } from "../evidence/index.ts";
import type { Proof } from "../contract/index.ts";
import { loadImage, type LoadOptions } from "../manifest/index.ts";
import { packageVersions } from "../toolchain/index.ts";
import type { Artifact } from "./artifacts.ts";
import type { CaseContext } from "./case.ts";
import type { PlacedCase } from "./plan.ts";

type Inputs = Parameters<RunDirectory["inputs"]>[0];

/** Everything that a case is made of, as the evidence states it. */
export function caseInputs(one: PlacedCase, artifact: Artifact, context: CaseContext): Inputs {
  const { built, model } = artifact;
  const { facts } = one;
  const tools = Object.fromEntries(packageVersions(context.cacheDir));
  const digested = (o: { bytes: number; sha256: string }): { bytes: number; sha256: string } => ({
    bytes: o.bytes,
    sha256: o.sha256,
  });
  return {
    proof: storedProof(one.proof),
    manifest: {
      model: artifact.modelDigest,
      sources: Object.fromEntries(model.sources.map((s) => [s.path, s.sha256])),
    },
    kernel: digested(built.kernel),
    programs: Object.fromEntries(Object.entries(built.programs).map(([name, o]) => [name, digested(o)])),
    bootManifest: digested(built.bootManifest),
    systemDigest: built.systemDigest,
    image: { digest: artifact.image.digest, recipe: { ...artifact.image.recipe } },
    firmware:
      one.path === "uefi"
        ? Object.fromEntries(
            facts.firmware.map((f) => [f.path, { bytes: statSync(f.path).size, sha256: f.sha256 }]),
          )
        : {},
    tools: {
      ...tools,
      node: process.versions.node,
      ...(facts.emulator === undefined ? {} : { qemu: facts.emulator.version }),
    },
    target: one.machine.target,
    ...(facts.provider === undefined ? {} : { provider: facts.provider }),
    accelerator: { used: facts.accelerator?.accelerator ?? "none", reason: facts.accelerator?.reason ?? "" },
    host: {
      cpu: facts.host?.cpu ?? "",
      cores: String(facts.host?.cores ?? ""),
      kernel: facts.host?.kernel ?? "",
    },
    declared: declaredFor(one.declared, built.inputs, context),
  };
}

/** What a proof of an image is made from; a closed task is stale when this has changed. */
export function declaredFor(
  proof: Proof,
  image: Readonly<Record<string, string>>,
  { root, cacheDir }: { readonly root: string; readonly cacheDir: string },
): DeclaredInputs {
  const versions = packageVersions(cacheDir);
  // Whether a failure counts is no part of the experiment.
  const { quarantine: _, warnUntil: __, ...experiment } = storedProof(proof);
  return declaredInputs({
    ...image,
    proof: sha256(canonicalJson(experiment)),
    ...peerFiles(root, proof),
    ...Object.fromEntries(machineTools.map((name) => [`tool ${name}`, sha256(versions.get(name) ?? "none")])),
  });
}

/** Files of the tree that a program peer is started with: another program is another experiment. */
function peerFiles(root: string, { peers = {} }: Proof): Readonly<Record<string, string>> {
  const words = Object.values(peers).flatMap((peer) => (peer.kind === "program" ? peer.argv : []));
  const files = words.filter((word) => word.includes("/") && isFile(join(root, word)));
  return Object.fromEntries(files.map((file) => [`peer ${file}`, sha256(readFileSync(join(root, file)))]));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** What a proof would be made from if it were run now. Nothing is built. */
export async function declaredNow(
  proof: Proof,
  context: { readonly root: string; readonly cacheDir: string; readonly load: LoadOptions },
): Promise<Result<DeclaredInputs>> {
  const model = await loadImage(context.root, proof.image, context.load);
  if (!model.ok) return model;
  return ok(declaredFor(proof, imageInputs(context, model.value), context));
}

/** Packages beside the compiler whose version is part of what a proof depends on. */
const machineTools = ["qemu-system-x86", "ovmf", "grub-pc-bin", "grub-efi-amd64-bin"];
