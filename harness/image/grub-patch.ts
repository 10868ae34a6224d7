import { type Problem, type Result, fail, ok, problem } from "../base/index.ts";
import { SECTOR_BYTES, copyOf, viewOf } from "./bytes.ts";
import { imageCodes } from "./codes.ts";

/** Offsets in GRUB's sectors, from its `boot.S` and `diskboot.S`. */
const BOOT_CORE_LBA = 0x5c;
const BOOT_DRIVE_CHECK = 0x66;
const CORE_BLOCKLIST = 0x1f4;
const CORE_SEGMENT = 0x820;
const NOP = 0x90;

/**
 * The MBR's boot code: loads one sector from `coreLba`. Two NOPs take the place of a jump over GRUB's check
 * of the drive number, as grub-install does it for a disk: a BIOS that names a floppy here means its first disk.
 */
export function patchBootSector(boot: Uint8Array, coreLba: number): Result<Uint8Array> {
  const view = viewOf(boot);
  if (
    boot.length !== SECTOR_BYTES ||
    view.getUint16(510, true) !== 0xaa55 ||
    view.getUint8(BOOT_DRIVE_CHECK) !== 0xeb
  )
    return fail(grubFault("boot.img is not the boot sector of GRUB 2"));
  const code = copyOf(boot.subarray(0, 440));
  viewOf(code).setBigUint64(BOOT_CORE_LBA, BigInt(coreLba), true);
  code.fill(NOP, BOOT_DRIVE_CHECK, BOOT_DRIVE_CHECK + 2);
  return ok(code);
}

/** The BIOS image with the list of its own sectors filled in, for a place of `maxSectors` at `coreLba`. */
export function patchCore(core: Uint8Array, coreLba: number, maxSectors: number): Result<Uint8Array> {
  const sectors = Math.ceil(core.length / SECTOR_BYTES);
  if (sectors < 2 || sectors > maxSectors)
    return fail(grubFault(`core.img has ${sectors} sectors; it must have 2 to ${maxSectors}`));
  const told = viewOf(core);
  if (told.getBigUint64(CORE_BLOCKLIST, true) !== 2n)
    return fail(grubFault("core.img does not start with GRUB's disk loader"));
  if (told.getUint16(CORE_BLOCKLIST + 10, true) !== CORE_SEGMENT)
    return fail(grubFault("core.img is loaded to another segment than expected"));
  const patched = copyOf(core);
  const view = viewOf(patched);
  view.setBigUint64(CORE_BLOCKLIST, BigInt(coreLba + 1), true);
  view.setUint16(CORE_BLOCKLIST + 8, sectors - 1, true);
  return ok(patched);
}

/** Whether a file has a valid multiboot2 header where GRUB looks: 8-byte aligned, in the first 32 KiB. */
export function hasMultiboot2Header(kernel: Uint8Array): boolean {
  const view = viewOf(kernel);
  const end = Math.min(kernel.length, 32_768) - 16;
  for (let at = 0; at <= end; at += 8) {
    if (view.getUint32(at, true) !== 0xe852_50d6) continue;
    const sum = [0, 4, 8, 12].reduce((n, field) => (n + view.getUint32(at + field, true)) >>> 0, 0);
    if (sum === 0) return true;
  }
  return false;
}

function grubFault(message: string): Problem {
  return problem(imageCodes, "CAPOS_IMAGE_GRUB", message);
}
