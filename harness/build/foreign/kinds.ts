import type { ForeignModel } from "../../manifest/index.ts";

type Kind = ForeignModel["kind"];

/** By what QEMU or a firmware knows a file of each kind, in words. */
const signs: Readonly<Record<Kind, string>> = {
  linux: "has no Linux setup header (`HdrS` at 0x202)",
  multiboot: "has no multiboot header in its first 8 KiB",
  pvh: "is no 64-bit or 32-bit ELF file with a PVH entry note",
  disk: "is no disk: no boot signature at the end of its first sector, or not whole sectors",
};

/** Why a file cannot be started as `kind`, as the end of a sentence; undefined when it can. `size` is the whole file's. */
export function misfit(kind: Kind, head: Uint8Array, size: number): string | undefined {
  return isOfKind(kind, head, size) ? undefined : signs[kind];
}

/** As much of a file as tells its kind. */
export const headBytes = 1 << 20;

function isOfKind(kind: Kind, head: Uint8Array, size: number): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  switch (kind) {
    case "linux":
      return head.length >= 0x206 && view.getUint32(0x202) === 0x48647253;
    case "multiboot":
      return hasMultibootHeader(view);
    case "pvh":
      return hasPvhNote(view);
    case "disk":
      return size % 512 === 0 && head.length >= 512 && view.getUint16(510) === 0x55aa;
  }
}

function hasMultibootHeader(view: DataView): boolean {
  const end = Math.min(8192, view.byteLength) - 12;
  for (let at = 0; at <= end; at += 4) {
    if (view.getUint32(at, true) !== 0x1badb002) continue;
    const sum = 0x1badb002 + view.getUint32(at + 4, true) + view.getUint32(at + 8, true);
    if (sum % 2 ** 32 === 0) return true;
  }
  return false;
}

/** XEN_ELFNOTE_PHYS32_ENTRY (18) of the owner `Xen`, in a note segment. */
function hasPvhNote(view: DataView): boolean {
  if (view.byteLength < 64 || view.getUint32(0) !== 0x7f454c46 || view.getUint8(5) !== 1) return false;
  const wide = view.getUint8(4) === 2;
  const word = (at: number): number =>
    wide ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
  const table = word(wide ? 32 : 28);
  const size = view.getUint16(wide ? 54 : 42, true);
  const count = view.getUint16(wide ? 56 : 44, true);
  if (size < (wide ? 56 : 32)) return false;
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (at + size > view.byteLength || view.getUint32(at, true) !== 4) continue;
    const start = word(at + (wide ? 8 : 4));
    if (notesHold(view, start, start + word(at + (wide ? 32 : 16)))) return true;
  }
  return false;
}

function notesHold(view: DataView, start: number, end: number): boolean {
  const padded = (n: number): number => Math.ceil(n / 4) * 4;
  for (let at = start; at + 16 <= Math.min(end, view.byteLength);) {
    const [nameSize, size, type] = [0, 4, 8].map((field) => view.getUint32(at + field, true));
    if (type === 18 && nameSize === 4 && view.getUint32(at + 12) === 0x58656e00) return true;
    at += 12 + padded(nameSize ?? 0) + padded(size ?? 0);
  }
  return false;
}
