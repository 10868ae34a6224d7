/** Debian packages and kernel modules for tests; only *.test.ts import this. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly links?: Readonly<Record<string, string>>;
}

/** Builds a package with dpkg-deb into `dir`, named as apt names it; gives its file. */
export function buildDeb(dir: string, spec: PackageSpec): string {
  mkdirSync(dir, { recursive: true });
  const tree = mkdtempSync(join(dir, "deb-"));
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  };
  const control = [
    `Package: ${spec.name}`,
    `Version: ${spec.version}`,
    "Architecture: amd64",
    "Maintainer: nobody <nobody@example.org>",
    ...(spec.depends === undefined ? [] : [`Depends: ${spec.depends}`]),
    "Description: for a test",
  ];
  put("DEBIAN/control", `${control.join("\n")}\n`);
  for (const [path, content] of Object.entries(spec.files ?? {})) put(path, content);
  for (const [path, to] of Object.entries(spec.links ?? {})) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    symlinkSync(to, join(tree, path));
  }
  const file = join(dir, `${spec.name}_${spec.version.replaceAll(":", "%3a")}_amd64.deb`);
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", tree, file], { stdio: "ignore" });
  rmSync(tree, { recursive: true });
  return file;
}

/** A kernel module as far as anybody here reads it: an ELF file whose `.modinfo` says what it needs. */
export function kernelModule(...needed: readonly string[]): Uint8Array {
  const info = Buffer.from(`license=GPL\0depends=${needed.join(",")}\0name=x\0`);
  const names = Buffer.from("\0.modinfo\0.shstrtab\0");
  const table = 64 + info.length + names.length;
  const elf = Buffer.alloc(table + 3 * 64);
  elf.write("\x7fELF\x02\x01\x01", "latin1");
  elf.writeBigUInt64LE(BigInt(table), 40);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(3, 60);
  elf.writeUInt16LE(2, 62);
  info.copy(elf, 64);
  names.copy(elf, 64 + info.length);
  const section = (index: number, name: number, offset: number, size: number): void => {
    const at = table + 64 * index;
    elf.writeUInt32LE(name, at);
    elf.writeBigUInt64LE(BigInt(offset), at + 24);
    elf.writeBigUInt64LE(BigInt(size), at + 32);
  };
  section(1, 1, 64, info.length);
  section(2, 10, 64 + info.length, names.length);
  return elf;
}

/** What QEMU takes for a Linux kernel, with `text` in it. */
export function fakeLinux(text: string): Uint8Array {
  const kernel = Buffer.alloc(0x400);
  kernel.write("HdrS", 0x202, "latin1");
  kernel.write(text, 0x300, "latin1");
  return kernel;
}
