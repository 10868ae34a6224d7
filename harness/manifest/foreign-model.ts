import type { Problem, Span } from "../base/index.ts";
import type { BootPath } from "../contract/index.ts";

/** How a kernel that this tree does not build is started. */
export const foreignKinds = ["linux", "multiboot", "pvh", "disk"] as const;
export type ForeignKind = (typeof foreignKinds)[number];

/** The boot paths that each kind can take: a kernel is loaded by the emulator, a disk by its firmware. */
export const pathsOf: Readonly<Record<ForeignKind, readonly BootPath[]>> = {
  linux: ["direct"],
  multiboot: ["direct"],
  pvh: ["direct"],
  disk: ["bios", "uefi"],
};

/** An image whose kernel comes from elsewhere: files of Debian packages and of this tree, and how to start them. */
export interface ForeignModel {
  readonly kind: ForeignKind;
  readonly name: string;
  readonly title: string;
  /** The kernel's file; of a `disk` the raw image. */
  readonly kernel: FileSource;
  /** What the kernel is told, before the tool adds the boot's identity. */
  readonly commandLine: string;
  /** Whether nonce and boot number may be added to the command line. */
  readonly identity: "command-line" | "none";
  /** What a multiboot kernel is handed, in order, the initramfs behind them; of other kinds one file instead of it. */
  readonly modules: readonly BootModule[];
  readonly initramfs: Initramfs | undefined;
  readonly warnings: readonly Problem[];
  /** Every CUE file that decided this model. */
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
  readonly span: Span;
}

export interface BootModule {
  readonly source: FileSource;
  readonly commandLine: string;
}

/** Where a file's bytes come from. */
export interface FileSource {
  /** A Debian package; undefined for a file of the tree. */
  readonly package: string | undefined;
  /** Inside the package or the tree. One `*` may stand for a part of one name in a package. */
  readonly path: string;
  /** What its bytes are wrapped in. */
  readonly unpack: "none" | "gzip";
  /** It is a C file of the tree; what is meant is the static program that it is compiled to. */
  readonly compile?: true;
  /** Of the path. */
  readonly span: Span;
  readonly spans: { readonly package: Span };
}

export interface Initramfs {
  readonly files: readonly InitramfsFile[];
  /** Kernel modules by name; those that they need come along, and before them. */
  readonly drivers:
    | { readonly package: string; readonly names: readonly Named[]; readonly span: Span }
    | undefined;
  readonly span: Span;
}

export interface Named {
  readonly name: string;
  readonly span: Span;
}

export interface InitramfsFile {
  /** Without a slash in front. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content:
    | { readonly kind: "source"; readonly source: FileSource }
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "link"; readonly to: string }
    | { readonly kind: "directory" };
  readonly span: Span;
}

/** Every file that an image asks for, by what it is for. */
export function requestsOf(model: ForeignModel): readonly (readonly [use: string, source: FileSource])[] {
  return [
    ["kernel", model.kernel],
    ...model.modules.map((m, i) => [`module ${i + 1}`, m.source] as const),
    ...(model.initramfs?.files ?? []).flatMap(({ path, content }) =>
      content.kind === "source" ? [[`file ${path}`, content.source] as const] : [],
    ),
  ];
}

/** The Debian packages that an image is made from, each once, where they are first named. */
export function packagesOf(model: ForeignModel): readonly Named[] {
  const named = requestsOf(model).flatMap(([, { package: name, spans }]) =>
    name === undefined ? [] : [{ name, span: spans.package }],
  );
  const drivers = model.initramfs?.drivers;
  const all = drivers === undefined ? named : [...named, { name: drivers.package, span: drivers.span }];
  return all.filter((one, i) => all.findIndex((other) => other.name === one.name) === i);
}
