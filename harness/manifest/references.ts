import { type Problem, type Span, nearest, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import type { GrantDraft, ImageDraft, ServiceDraft } from "./image.ts";
import {
  type Export,
  type Grant,
  type InterfaceTable,
  type Service,
  type SystemModel,
  kernelInterfaces,
} from "./model.ts";
import { inSourceOrder } from "./order.ts";

/** What the kernel's ABI carries. */
const limits = {
  binaries: 64,
  /** One spawn message carries a service's grants and the owner sides of its exports. */
  capabilities: 8,
  args: 16,
};

type Codes = typeof manifestCodes;
type Code = Extract<keyof Codes, string>;

export interface Checked {
  /** Meaningful only when there is no error. */
  readonly model: Omit<SystemModel, "warnings" | "sources">;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Looks up every name in an image. All errors are found, each with the place of both sides where there are two. */
export function checkReferences(draft: ImageDraft, interfaces: InterfaceTable): Checked {
  const check = new ReferenceCheck(draft, interfaces);
  const services = draft.services.map((s) => check.service(s));
  check.wholeImage();
  return {
    model: { ...draft, services },
    errors: inSourceOrder(check.errors),
    warnings: inSourceOrder(check.warnings),
  };
}

class ReferenceCheck {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly granted = new Set<string>();
  private readonly draft: ImageDraft;
  private readonly interfaces: InterfaceTable;

  constructor(draft: ImageDraft, interfaces: InterfaceTable) {
    this.draft = draft;
    this.interfaces = interfaces;
  }

  wholeImage(): void {
    const { binaries, services, init } = this.draft;
    this.unique("binary", binaries);
    this.unique(
      "service",
      services.map((s) => ({ name: s.name, span: s.spans.name })),
    );
    this.binary("init", init.binary, init.span);
    if (binaries.length > limits.binaries)
      this.limit(
        `the image has ${binaries.length} binaries; ${limits.binaries} are allowed`,
        this.draft.span,
      );
    this.soleHolders();
    this.unused();
  }

  service(service: ServiceDraft): Service {
    const { name, grants, exports } = service;
    this.binary(`the service \`${name}\``, service.binary, service.spans.binary);
    const held = [...grants.map((g) => ({ name: g.name, span: g.spans.name })), ...exports];
    this.unique(`capability of \`${name}\``, held);
    if (held.length > limits.capabilities) {
      const message = `\`${name}\` has ${held.length} grants and exports; ${limits.capabilities} are allowed`;
      this.limit(message, service.spans.name);
    }
    if (service.args.length > limits.args)
      this.limit(
        `\`${name}\` has ${service.args.length} arguments; ${limits.args} are allowed`,
        service.spans.name,
      );
    for (const exported of exports) this.knownInterface(exported);
    return { ...service, grants: grants.map((g) => this.grant(g)) };
  }

  private binary(who: string, name: string, span: Span): void {
    const known = this.draft.binaries.map((b) => b.name);
    if (known.includes(name)) return;
    const message = `${who} names the binary \`${name}\`, which the image does not declare`;
    this.error("CAPOS_MANIFEST_BINARY", message, span, suggestion(name, known));
  }

  private grant(grant: GrantDraft): Grant {
    const actual = this.sourceInterface(grant);
    const declared = grant.interface;
    if (declared !== undefined && actual !== undefined && declared !== actual.name) {
      const message = `the grant \`${grant.name}\` says interface ${declared}, but its source has ${actual.name}`;
      const related =
        actual.span === undefined ? [] : [{ span: actual.span, message: "the source is declared here" }];
      this.error(
        "CAPOS_MANIFEST_INTERFACE",
        message,
        grant.at.interface,
        `write interface: "${actual.name}"`,
        related,
      );
    }
    const { name, source, span, spans } = grant;
    return { name, source, interface: actual?.name ?? declared ?? "", span, spans };
  }

  private sourceInterface({ source, at }: GrantDraft): { name: string; span?: Span } | undefined {
    if (source.kind !== "export") return { name: kernelInterfaces[source.kind] };
    const { services } = this.draft;
    const service = services.find((s) => s.name === source.service);
    if (service === undefined) {
      const names = services.map((s) => s.name);
      const message = `there is no service \`${source.service}\` to take the export \`${source.export}\` from`;
      this.error("CAPOS_MANIFEST_SOURCE", message, at.service, suggestion(source.service, names));
      return undefined;
    }
    const exported = service.exports.find((e) => e.name === source.export);
    if (exported === undefined) {
      const message = `the service \`${source.service}\` exports no \`${source.export}\``;
      const next = suggestion(
        source.export,
        service.exports.map((e) => e.name),
      );
      const related = [{ span: service.spans.name, message: "the service is declared here" }];
      this.error("CAPOS_MANIFEST_SOURCE", message, at.export, next, related);
      return undefined;
    }
    this.granted.add(`${service.name}/${exported.name}`);
    // An export of no known interface has its own error; that it differs from the grant's says nothing more.
    if (!Object.hasOwn(this.interfaces, exported.interface)) return undefined;
    return { name: exported.interface, span: exported.spans.interface };
  }

  private knownInterface({ interface: name, spans }: Export): void {
    if (Object.hasOwn(this.interfaces, name)) return;
    const message = `there is no interface \`${name}\``;
    const known = Object.keys(this.interfaces);
    this.error("CAPOS_MANIFEST_INTERFACE", message, spans.interface, suggestion(name, known));
  }

  private unique(what: string, named: readonly { readonly name: string; readonly span: Span }[]): void {
    const first = new Map<string, Span>();
    for (const { name, span } of named) {
      const earlier = first.get(name);
      if (earlier === undefined) first.set(name, span);
      else {
        const related = [{ span: earlier, message: "the name is taken here" }];
        this.error(
          "CAPOS_MANIFEST_DUPLICATE",
          `there is already a ${what} called \`${name}\``,
          span,
          undefined,
          related,
        );
      }
    }
  }

  /** A device has one driver: two holders of one disk would overwrite each other. */
  private soleHolders(): void {
    const holders = new Map<string, Span>();
    for (const { grants } of this.draft.services) {
      for (const { source, spans } of grants) {
        if (source.kind !== "block") continue;
        const earlier = holders.get(source.serial);
        if (earlier === undefined) holders.set(source.serial, spans.source);
        else {
          const message = `the block device \`${source.serial}\` is already held`;
          const related = [{ span: earlier, message: "it is granted here" }];
          this.error("CAPOS_MANIFEST_SOLE", message, spans.source, undefined, related);
        }
      }
    }
  }

  private unused(): void {
    const { services, binaries, init } = this.draft;
    for (const service of services) {
      for (const exported of service.exports) {
        if (this.granted.has(`${service.name}/${exported.name}`)) continue;
        const message = `nobody is granted the export \`${exported.name}\` of \`${service.name}\``;
        this.warnings.push(problem(manifestCodes, "CAPOS_MANIFEST_UNUSED", message, { span: exported.span }));
      }
    }
    // Who may start programs may start any of the image.
    if (services.some((s) => s.grants.some((g) => g.source.kind === "processSpawner"))) return;
    const used = new Set([init.binary, ...services.map((s) => s.binary)]);
    for (const binary of binaries) {
      if (used.has(binary.name)) continue;
      const message = `nothing runs the binary \`${binary.name}\``;
      this.warnings.push(problem(manifestCodes, "CAPOS_MANIFEST_UNUSED", message, { span: binary.span }));
    }
  }

  private limit(message: string, span: Span): void {
    this.error("CAPOS_MANIFEST_LIMIT", message, span);
  }

  private error(
    code: Code,
    message: string,
    span: Span,
    next?: string,
    related: Problem["related"] = [],
  ): void {
    const extras = {
      span,
      ...(next === undefined ? {} : { next }),
      ...(related.length === 0 ? {} : { related }),
    };
    this.errors.push(problem(manifestCodes, code, message, extras));
  }
}

/** The nearest name, or all of them when none is near and they are few. */
function suggestion(name: string, known: readonly string[]): string | undefined {
  const like = nearest(name, known);
  if (like !== undefined) return `did you mean \`${like}\`?`;
  if (known.length === 0 || known.length > 12) return undefined;
  return `there ${known.length === 1 ? "is" : "are"} ${known.map((k) => `\`${k}\``).join(", ")}`;
}
