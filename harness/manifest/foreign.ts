import { type Problem, type Span, problem } from "../base/index.ts";
import { manifestCodes } from "./codes.ts";
import {
  type BootModule,
  type FileSource,
  type ForeignKind,
  type ForeignModel,
  type Initramfs,
  type InitramfsFile,
  foreignKinds,
} from "./foreign-model.ts";
import type { Cursor } from "./reader.ts";

/** Fields of an image that speak of this tree's kernel and programs. */
const nativeFields = ["binaries", "init", "services"];

/** Fields that only some kinds have a use for. */
const only: Readonly<Record<string, readonly ForeignKind[]>> = {
  modules: ["linux", "multiboot", "pvh"],
  initramfs: ["linux", "multiboot", "pvh"],
  commandLine: ["linux", "multiboot", "pvh"],
  identity: ["linux", "multiboot", "pvh"],
};

export interface ForeignReading {
  readonly model: Omit<ForeignModel, "sources" | "warnings">;
  readonly problems: readonly Problem[];
}

/** Reads an image that has a `kernel`. What is of the wrong type is reported by the cursor, the rest here. */
export function readForeign(image: Cursor, name: string): ForeignReading {
  const refuse = new Refusals();
  const kernel = image.field("kernel");
  const kind = kernel.field("kind").word(foreignKinds);
  const [line, identity] = [kernel.field("commandLine"), kernel.field("identity")];
  const [modules, initramfs] = [image.field("modules"), image.field("initramfs")];
  for (const field of nativeFields) {
    const at = image.field(field);
    if (at.present)
      refuse.at(at, `\`${field}\` is of images with this tree's kernel; this one has a \`kernel\``);
  }
  for (const at of [line, identity, modules, initramfs]) {
    const field = at.path.at(-1) ?? "";
    if (at.present && !(only[field] ?? []).includes(kind))
      refuse.at(at, `a kernel of kind ${kind} has no \`${field}\``);
  }
  const model = {
    kind,
    name,
    title: image.field("title").string(name),
    kernel: readSource(kernel, "path"),
    commandLine: line.string(""),
    identity: kind === "disk" ? ("none" as const) : identity.word(["command-line", "none"], "command-line"),
    modules: modules.list().map((m) => readModule(m, refuse)),
    initramfs: initramfs.present ? readInitramfs(initramfs, refuse) : undefined,
    span: image.labelSpan,
  };
  refuse.source(model.kernel);
  if (kind === "linux" || kind === "pvh") refuseModules(kind, modules.list(), initramfs, refuse);
  return { model, problems: refuse.problems };
}

/** Only multiboot hands a kernel several files, and a command line with each. */
function refuseModules(
  kind: ForeignKind,
  modules: readonly Cursor[],
  initramfs: Cursor,
  refuse: Refusals,
): void {
  for (const [i, module] of modules.entries()) {
    if (i > 0 || initramfs.present) {
      refuse.at(module, `a kernel of kind ${kind} is handed one file: the initramfs, or a single module`);
    }
    const line = module.field("commandLine");
    if (line.present) refuse.at(line, `a module of a kernel of kind ${kind} has no command line of its own`);
  }
}

function readModule(module: Cursor, refuse: Refusals): BootModule {
  const source = readSource(module, "path");
  refuse.source(source);
  return { source, commandLine: module.field("commandLine").string("") };
}

function readInitramfs(initramfs: Cursor, refuse: Refusals): Initramfs {
  const drivers = initramfs.field("drivers");
  const from = drivers.field("package");
  const read = initramfs
    .field("files")
    .list()
    .map((at) => readFile(at, refuse));
  refusePlaces(read, refuse);
  return {
    files: read,
    drivers: drivers.present
      ? {
          package: from.string(),
          names: drivers
            .field("names")
            .list()
            .map((n) => ({ name: n.string(), span: n.span })),
          span: from.span,
        }
      : undefined,
    span: initramfs.span,
  };
}

/** One path is one file, and only a directory holds others. */
function refusePlaces(files: readonly InitramfsFile[], refuse: Refusals): void {
  for (const [i, { path, span }] of files.entries()) {
    const earlier = files.slice(0, i).find((other) => other.path === path);
    if (earlier !== undefined) {
      const related = [{ span: earlier.span, message: "it is here already" }];
      const message = `the initramfs has two files \`${path}\``;
      refuse.add(problem(manifestCodes, "CAPOS_MANIFEST_DUPLICATE", message, { span, related }));
    }
    const around = files.find((o) => o.content.kind !== "directory" && path.startsWith(`${o.path}/`));
    if (around !== undefined) {
      const related = [{ span: around.span, message: "it is declared here" }];
      const message = `\`${path}\` lies in \`${around.path}\`, which is no directory`;
      refuse.add(problem(manifestCodes, "CAPOS_MANIFEST_FORM", message, { span, related }));
    }
  }
}

const forms = ["from", "compile", "text", "link", "directory"];

function readFile(file: Cursor, refuse: Refusals): InitramfsFile {
  const path = file.field("path");
  const mode = file.field("mode");
  refuse.path(path.string(), path.span);
  const given = forms.filter((f) => file.field(f).present);
  if (given.length !== 1) {
    const found = given.length === 0 ? "none" : given.map((f) => `\`${f}\``).join(" and ");
    refuse.at(
      path,
      `a file of an initramfs has one of ${forms.map((f) => `\`${f}\``).join(", ")}; this one has ${found}`,
    );
  }
  if (given[0] !== "from") {
    for (const field of ["package", "unpack"]) {
      if (file.field(field).present)
        refuse.at(file.field(field), `\`${field}\` says where \`from\` is, and there is none`);
    }
  }
  return {
    path: path.string(),
    mode: mode.present ? Number.parseInt(mode.string(), 8) : defaultMode(given[0]),
    content: readContent(file, given[0], refuse),
    span: path.span,
  };
}

function defaultMode(form: string | undefined): number {
  if (form === "link") return 0o777;
  return form === "directory" ? 0o755 : 0o644;
}

function readContent(file: Cursor, form: string | undefined, refuse: Refusals): InitramfsFile["content"] {
  if (form === "text") return { kind: "text", text: file.field("text").string() };
  if (form === "link") return { kind: "link", to: file.field("link").string() };
  if (form !== "from" && form !== "compile") return { kind: "directory" };
  const source = readSource(file, form);
  refuse.source(source);
  if (form === "compile") return { kind: "source", source: { ...source, compile: true } };
  return { kind: "source", source };
}

/** `package` and `unpack` stand beside the field that holds the path. */
function readSource(around: Cursor, pathField: "path" | "from" | "compile"): FileSource {
  const [from, path] = [around.field("package"), around.field(pathField)];
  return {
    package: from.present ? from.string() : undefined,
    path: path.string(),
    unpack: around.field("unpack").word(["none", "gzip"], "none"),
    span: path.span,
    spans: { package: from.span },
  };
}

class Refusals {
  readonly problems: Problem[] = [];

  add(one: Problem): void {
    this.problems.push(one);
  }

  at(cursor: Cursor, message: string): void {
    this.add(problem(manifestCodes, "CAPOS_MANIFEST_FORM", message, { span: cursor.span }));
  }

  source(source: FileSource): void {
    if (source.package === undefined && source.path.includes("*")) {
      const next = "write the name out; only packages change theirs from version to version";
      const span = source.span;
      const message = "a file of the tree is named without `*`";
      this.add(problem(manifestCodes, "CAPOS_MANIFEST_FORM", message, { span, next }));
    }
    this.path(source.path, source.span);
  }

  path(path: string, span: Span): void {
    const parts = path.split("/");
    if (!parts.includes("..") && !parts.includes(".") && !parts.includes("")) return;
    const message = `\`${path}\` does not go down only: it has an empty part, a \`.\` or a \`..\``;
    this.add(
      problem(manifestCodes, "CAPOS_MANIFEST_FORM", message, { span, next: "write the path without it" }),
    );
  }
}
