import { type Problem, type Result, type Span, err, ok, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import { openDocument } from "./document.ts";
import { readForeign } from "./foreign.ts";
import { loadPackage } from "./load.ts";
import {
  type Binary,
  type Export,
  type Grant,
  type GrantSource,
  type ImageModel,
  type InterfaceTable,
  type Service,
  type SystemModel,
  grantKinds,
} from "./model.ts";
import { inSourceOrder } from "./order.ts";
import { type PackageKind, listPackages } from "./package.ts";
import { checkReferences } from "./references.ts";
import type { Cursor } from "./reader.ts";

const imageKind: PackageKind = {
  folder: "manifests",
  field: "image",
  definition: "#Image",
  unknown: "CAPOS_MANIFEST_UNKNOWN",
};

export interface LoadOptions {
  /** The interfaces that exports may have, from the schema of the tree. */
  readonly interfaces: InterfaceTable;
  /** The checkout that holds the engines; the tree itself unless given. */
  readonly toolRoot?: string;
}

/** Names of the images of a tree, sorted. Reads folders only, so that completion may call it. */
export function listImages(root: string): readonly string[] {
  return listPackages(root, imageKind);
}

/**
 * Loads `manifests/<name>.cue` or the package `manifests/<name>/` and checks it. Errors: all of the first
 * phase that has any (syntax, evaluation, completeness, references), in source order.
 */
export async function loadImage(
  root: string,
  name: string,
  options: LoadOptions,
): Promise<Result<ImageModel>> {
  const loaded = await loadPackage({ root, toolRoot: options.toolRoot ?? root }, imageKind, name);
  if (!loaded.ok) return loaded;
  const document = openDocument(loaded.value, imageKind, name);
  if (!document.ok) return document;
  const { cursor, reading } = document.value;
  const { sources } = loaded.value;
  if (cursor.field("kernel").present) {
    const { model, problems } = readForeign(cursor, name);
    const found = [...reading.problems, ...problems];
    return found.length > 0 ? err(inSourceOrder(found)) : ok({ ...model, warnings: [], sources });
  }
  reading.problems.push(...ownKernelProblems(cursor));
  const draft = readImage(cursor, name);
  if (reading.problems.length > 0) return err(inSourceOrder(reading.problems));
  const { model, errors, warnings } = checkReferences(draft, options.interfaces);
  if (errors.length > 0) return err(errors);
  return ok({ ...model, warnings, sources });
}

/** What the file says, before any name in it is looked up: a grant's interface may still be unsaid. */
export interface ImageDraft extends Omit<SystemModel, "services" | "warnings" | "sources"> {
  readonly services: readonly ServiceDraft[];
}

export interface ServiceDraft extends Omit<Service, "grants"> {
  readonly grants: readonly GrantDraft[];
}

export interface GrantDraft extends Omit<Grant, "interface"> {
  readonly interface: string | undefined;
  /** Where the names in it stand, for the errors of their look-up. */
  readonly at: { readonly interface: Span; readonly service: Span; readonly export: Span };
}

/** What the schema leaves open because an image may also have a kernel from elsewhere. */
function ownKernelProblems(image: Cursor): readonly Problem[] {
  const missing = ["binaries", "init"].flatMap((field) => {
    if (image.field(field).present) return [];
    const message = `the field \`${field}\` of \`${image.path.map((p) => (/^\w+$/u.test(p) ? p : JSON.stringify(p))).join(".")}\` is missing`;
    const extras = { span: image.span, next: `add \`${field}\` here` };
    return [problem(manifestCodes, "CAPOS_CUE_MISSING", message, extras)];
  });
  const foreign = ["modules", "initramfs"].flatMap((field) => {
    const at = image.field(field);
    if (!at.present) return [];
    const message = `\`${field}\` is of images with a \`kernel\` from elsewhere, and this one has none`;
    return [problem(manifestCodes, "CAPOS_MANIFEST_FORM", message, { span: at.labelSpan })];
  });
  return [...missing, ...foreign];
}

function readImage(image: Cursor, name: string): ImageDraft {
  const init = image.field("init").field("binary");
  return {
    kind: "capos",
    name,
    title: image.field("title").string(name),
    binaries: image.field("binaries").list().map(readBinary),
    init: { binary: init.string(""), span: init.span },
    services: image.field("services").list().map(readService),
    span: image.labelSpan,
  };
}

function readBinary(binary: Cursor): Binary {
  const name = binary.field("name");
  return { name: name.string(), crate: binary.field("crate").string(), span: name.span };
}

function readService(service: Cursor): ServiceDraft {
  const [name, binary] = [service.field("name"), service.field("binary")];
  return {
    name: name.string(),
    binary: binary.string(),
    args: service
      .field("args")
      .list()
      .map((a) => a.string()),
    grants: service.field("grants").list().map(readGrant),
    exports: service.field("exports").list().map(readExport),
    wait: service.field("wait").boolean(false),
    expect: service.field("expect").number(0),
    span: service.span,
    spans: { name: name.span, binary: binary.span },
  };
}

function readExport(exported: Cursor): Export {
  const [name, kind] = [exported.field("name"), exported.field("interface")];
  return { name: name.string(), interface: kind.string(), span: name.span, spans: { interface: kind.span } };
}

function readGrant(grant: Cursor): GrantDraft {
  const name = grant.field("name");
  const source = grant.field("source");
  const declared = grant.field("interface");
  return {
    name: name.string(),
    source: readSource(source),
    interface: declared.present ? declared.string() : undefined,
    at: {
      interface: declared.span,
      service: source.field("service").span,
      export: source.field("export").span,
    },
    span: grant.span,
    spans: { name: name.span, source: source.span },
  };
}

function readSource(source: Cursor): GrantSource {
  const kind = source.field("kind").word(grantKinds);
  switch (kind) {
    case "export":
      return { kind, service: source.field("service").string(), export: source.field("export").string() };
    case "block":
      return { kind, serial: source.field("serial").string() };
    case "console":
    case "processSpawner":
    case "endpointFactory":
    case "bootPackage":
    case "notificationFactory":
    case "capabilityManager":
    case "systemStats":
    case "virtualMemory":
      return { kind };
    case "frameAllocator":
      return { kind, pages: source.field("pages").number() };
  }
}
