import { type Result, type Span, err, nearest, ok, problem } from "../base/index.ts";
import type {
  BootSpec,
  Bound,
  CaptureRef,
  ChainItem,
  DiskSpec,
  Ending,
  Landmark,
  MachineSpec,
  Never,
  Proof,
} from "../contract/index.ts";
import { parseFork, withFork } from "../contract/index.ts";
import { manifestCodes } from "./codes.ts";
import { openDocument } from "./document.ts";
import { type LoadOptions, listImages } from "./image.ts";
import { loadPackage } from "./load.ts";
import { inSourceOrder } from "./order.ts";
import { type PackageKind, listPackages } from "./package.ts";
import { readCrash } from "./proof-crash.ts";
import { readFaults, readKeep } from "./proof-faults.ts";
import type { Cursor } from "./reader.ts";
import { axesOf, readPolicy, readSeveral } from "./proof-policy.ts";
import { readPorts, readSends } from "./proof-interaction.ts";
import { readPeers } from "./proof-peers.ts";
import { readDuration as duration, readDiskSize, readMemory } from "./proof-values.ts";

const proofKind: PackageKind = {
  folder: "proofs",
  field: "proof",
  definition: "#Proof",
  unknown: "CAPOS_PROOF_UNKNOWN",
};

/** What a proof means when it does not say. docs/proofs.md repeats them. */
export const proofDefaults = {
  memory: "128Mi",
  cpu: "max",
  cpus: 1,
  within: "10s",
  budgets: { firmware: "60s", end: "10s" },
  /** A line that Linux' printk has cut into another begins with its time stamp. */
  foreign: String.raw`\[ *[0-9]+\.[0-9]{6}\].*`,
} as const;

/** Names of the proofs of a tree, sorted. Reads folders only, so that completion may call it. */
export function listProofs(root: string): readonly string[] {
  return listPackages(root, proofKind);
}

/**
 * Loads `proofs/<name>.cue` or the package `proofs/<name>/` with its defaults filled in. What the parts of a
 * proof say about each other (landmarks, captures, patterns) is the contract's to check. Errors: all of
 * the first phase that has any, in source order.
 */
export async function loadProof(
  root: string,
  name: string,
  options: Pick<LoadOptions, "toolRoot"> = {},
): Promise<Result<Proof>> {
  const declared = await loadDeclared(root, name, options);
  if (!declared.ok) return declared;
  const { proof, from } = declared.value;
  return from === undefined ? ok(proof) : goOn(root, proof, from, options);
}

/** A proof as its own file says it, and the shared boot that it names. */
async function loadDeclared(
  root: string,
  name: string,
  options: Pick<LoadOptions, "toolRoot">,
): Promise<Result<{ readonly proof: Proof; readonly from: Cursor | undefined }>> {
  const loaded = await loadPackage({ root, toolRoot: options.toolRoot ?? root }, proofKind, name);
  if (!loaded.ok) return loaded;
  const document = openDocument(loaded.value, proofKind, name);
  if (!document.ok) return document;
  const { cursor, reading } = document.value;
  const proof = readProof(cursor, name, loaded.value.index.below(cursor.path));
  const images = listImages(root);
  if (reading.problems.length === 0 && !images.includes(proof.image)) {
    const like = nearest(proof.image, images);
    const next = like === undefined ? {} : { next: `did you mean \`${like}\`?` };
    const message = `there is no image \`${proof.image}\` in manifests/`;
    const { span } = cursor.field("image");
    reading.problems.push(problem(manifestCodes, "CAPOS_PROOF_REFERENCE", message, { span, ...next }));
  }
  if (reading.problems.length > 0) return err(inSourceOrder(reading.problems));
  const from = cursor.field("from");
  return ok({ proof, from: from.present ? from : undefined });
}

/** The proof with what its shared boot shows in front; the other proof is read for it. */
async function goOn(
  root: string,
  own: Proof,
  from: Cursor,
  options: Pick<LoadOptions, "toolRoot">,
): Promise<Result<Proof>> {
  const fork = parseFork(from.string());
  if (fork === undefined || !listProofs(root).includes(fork.proof)) {
    const like = nearest(fork?.proof ?? "", listProofs(root));
    const next = like === undefined ? {} : { next: `did you mean \`${like}@${fork?.landmark ?? ""}\`?` };
    const message = `there is no proof \`${fork?.proof ?? from.string()}\` to go on from`;
    return err([problem(manifestCodes, "CAPOS_PROOF_REFERENCE", message, { span: from.span, ...next })]);
  }
  const shared = await loadDeclared(root, fork.proof, options);
  if (!shared.ok) return shared;
  const { proof, problems } = withFork(own, fork, shared.value.proof, shared.value.from !== undefined);
  return problems.length > 0 ? err(problems) : ok(proof);
}

function readProof(proof: Cursor, name: string, spans: ReadonlyMap<string, Span>): Proof {
  const [guest, everywhere] = [proof.field("guest"), proof.field("everywhere")];
  const disks = Object.fromEntries(
    proof
      .field("disks")
      .entries()
      .map(([serial, disk]) => [serial, readDisk(disk)]),
  );
  return {
    name,
    title: proof.field("title").string(),
    image: proof.field("image").string(),
    tags: strings(proof.field("tags")),
    ...readMachine(proof.field("machine")),
    ...readPolicy(proof),
    disks,
    boots: proof
      .field("boots")
      .list()
      .map((boot) => ({
        ...readBoot(boot),
        ...readCrash(boot, Object.keys(disks), { boot: readBoot, same: readSame }),
      })),
    same: proof.field("same").list().flatMap(readSame),
    ...(everywhere.present ? { everywhere: everywhere.list().map(captureRef) } : {}),
    bounds: proof.field("bounds").list().map(readBound),
    never: proof.field("never").list().map(readNever),
    requires: readRequirements(proof.field("requires")),
    foreign: proof.field("foreign").string(proofDefaults.foreign),
    closed: proof.field("closed").string(""),
    ...(guest.present ? { guest: readGuest(guest) } : {}),
    ...readPeers(proof),
    spans,
  };
}

function readGuest(guest: Cursor): NonNullable<Proof["guest"]> {
  return {
    banner: guest.field("banner").string(),
    trailer: guest.field("trailer").string(),
    panic: strings(guest.field("panic")),
    exit: guest.field("exit").word(["isa-debug-exit", "none"], "none"),
  };
}

function readRequirements(requires: Cursor): Proof["requires"] {
  const [devices, enumerated] = [strings(requires.field("devices")), requires.field("enumerated")];
  if (!enumerated.present) return { devices };
  const told = enumerated.list().map((one) => ({
    device: one.field("device").string(),
    line: one.field("line").string(),
  }));
  return { devices, enumerated: told };
}

function readMachine(machine: Cursor): Pick<Proof, "machine" | "axes"> {
  const boot = machine.field("boot");
  const memory = readSeveral(machine.field("memory"), (one) => readMemory(one, proofDefaults.memory));
  const processors = readSeveral(machine.field("cpus"), (one) => one.number(proofDefaults.cpus));
  const [memoryBytes = 0] = memory;
  const [cpus = 0] = processors;
  const spec: MachineSpec = {
    type: machine.field("type").word(["q35"], "q35"),
    cpu: machine.field("cpu").string(proofDefaults.cpu),
    memoryBytes,
    cpus,
    accel: machine.field("accel").word(["prefer-kvm", "require-kvm", "tcg", "both"], "prefer-kvm"),
    boot: boot.present ? readSeveral(boot, (path) => path.word(["direct", "bios", "uefi"])) : ["direct"],
    ...readPorts(machine),
    ...(machine.field("icount").boolean(false) ? { icount: true } : {}),
  };
  if (spec.icount === true && spec.accel !== "tcg")
    machine.field("icount").refuse('only the emulator counts instructions: it needs `accel: "tcg"`');
  return { machine: spec, ...axesOf(processors, memory) };
}

function readDisk(disk: Cursor): DiskSpec {
  return {
    bytes: readDiskSize(disk.field("size")),
    bus: disk.field("bus").word(["virtio-blk"], "virtio-blk"),
    content: disk.field("content").word(["blank"], "blank"),
  };
}

function readBoot(boot: Cursor): BootSpec {
  const budgets = boot.field("budgets");
  return {
    name: boot.field("name").string(),
    chain: boot.field("landmarks").list().map(readItem),
    ends: readEnding(boot.field("ends")),
    never: boot.field("never").list().map(readNever),
    budgets: {
      firmwareMs: duration(budgets.field("firmware"), proofDefaults.budgets.firmware),
      endMs: duration(budgets.field("end"), proofDefaults.budgets.end),
    },
    ...readSends(boot),
    ...readFaults(boot),
  };
}

function readItem(item: Cursor): ChainItem {
  const group = item.field("any");
  if (!group.present) return { kind: "one", landmark: readLandmark(item) };
  for (const name of ["name", "line", "within", "atMost"]) {
    if (item.field(name).present)
      item.field(name).refuse(`\`${name}\` cannot stand beside \`any\`, which has landmarks of its own`);
  }
  return { kind: "any", landmarks: group.list().map(readLandmark) };
}

function readLandmark(landmark: Cursor): Landmark {
  return {
    name: landmark.field("name").string(),
    line: landmark.field("line").string(),
    atMost: landmark.field("atMost").number(1),
    withinMs: duration(landmark.field("within"), proofDefaults.within),
  };
}

function readEnding(ends: Cursor): Ending {
  const how = ends.field("how").word(["halt", "landmark", "power-cut", "reset", "panic"]);
  switch (how) {
    case "halt":
      return { how, status: ends.field("status").number(0) };
    case "landmark":
      return { how, at: ends.field("at").string() };
    case "power-cut":
      return { how, at: ends.field("at").string(), ...readKeep(ends) };
    case "reset":
    case "panic":
      return { how };
  }
}

function readNever(never: Cursor): Never {
  const [from, until] = [never.field("from"), never.field("until")];
  return {
    text: never.field("text").string(),
    ...(from.present ? { from: from.string() } : {}),
    ...(until.present ? { until: until.string() } : {}),
  };
}

/** A list of captures that are all the same: each is compared with the first. */
function readSame(same: Cursor): readonly (readonly [CaptureRef, CaptureRef])[] {
  const [first, ...rest] = same.list().map(captureRef);
  if (first === undefined || rest.length === 0) {
    same.refuse("an equality needs at least two captures");
    return [];
  }
  return rest.map((other) => [first, other] as const);
}

function readBound(bound: Cursor): Bound {
  const [min, max] = [bound.field("min"), bound.field("max")];
  if (!min.present && !max.present) bound.refuse("a bound needs `min`, `max` or both");
  return {
    capture: captureRef(bound.field("capture")),
    ...(min.present ? { min: min.number() } : {}),
    ...(max.present ? { max: max.number() } : {}),
  };
}

function captureRef(ref: Cursor): CaptureRef {
  const [boot = "", landmark = "", capture = ""] = ref.string().split(".");
  return { boot, landmark, capture };
}

function strings(list: Cursor): readonly string[] {
  return list.list().map((s) => s.string());
}
