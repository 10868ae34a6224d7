/** The names of the kernel modules that a module (`.ko`) needs; an ELF file without the section needs none. */
export function modulesNeededBy(ko: Uint8Array): readonly string[] {
  const section = sectionNamed(ko, ".modinfo");
  if (section === undefined) return [];
  const entries = Buffer.from(section).toString("latin1").split("\0");
  const depends = entries.find((entry) => entry.startsWith("depends="))?.slice("depends=".length) ?? "";
  return depends.split(",").filter((name) => name !== "");
}

/** File names and module names write the hyphen in two ways. */
export function moduleName(file: string): string {
  return file.replace(/\.ko$/u, "").replaceAll("-", "_");
}

/** A section of a 64-bit little-endian ELF file; undefined when there is none or the file is not one. */
function sectionNamed(elf: Uint8Array, wanted: string): Uint8Array | undefined {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.length < 64 || view.getUint32(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return undefined;
  const table = Number(view.getBigUint64(40, true));
  const [entrySize, count, names] = [
    view.getUint16(58, true),
    view.getUint16(60, true),
    view.getUint16(62, true),
  ];
  if (entrySize !== 64 || table + count * entrySize > elf.length || names >= count) return undefined;
  const bytesOf = (index: number): Uint8Array => {
    const at = table + index * entrySize;
    const offset = Number(view.getBigUint64(at + 24, true));
    return elf.subarray(offset, offset + Number(view.getBigUint64(at + 32, true)));
  };
  const strings = Buffer.from(bytesOf(names));
  for (let index = 0; index < count; index++) {
    const at = view.getUint32(table + index * entrySize, true);
    const end = strings.indexOf(0, at);
    if (end !== -1 && strings.toString("latin1", at, end) === wanted) return bytesOf(index);
  }
  return undefined;
}
