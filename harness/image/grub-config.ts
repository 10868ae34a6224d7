/**
 * What GRUB is told. Two small scripts: one is built into both of GRUB's images and only finds the disk;
 * the other lies on the disk and starts the kernel. Neither has a menu, so there is no time-out and
 * nothing that a stray byte on the serial line could choose.
 */

/** Paths on the EFI system partition. */
export const diskPaths = {
  efi: "EFI/BOOT/BOOTX64.EFI",
  grubConfig: "grub.cfg",
  kernel: "capos/kernel.elf",
  bootModule: "capos/boot.bin",
  /** The image's name and id; GRUB knows our disk by it. */
  marker: "capos/image.id",
  stamp: "capos/stamp.cfg",
} as const;

/** The stamp file always has this size, so that stamping changes one sector and nothing else. */
export const STAMP_BYTES = 512;

/** Modules that both firmwares need. `serial` and `terminal` are for the console, `halt` for giving up. */
const MODULES = [
  "part_gpt",
  "fat",
  "search",
  "search_fs_file",
  "normal",
  "configfile",
  "multiboot2",
  "serial",
  "terminal",
  "echo",
  "halt",
] as const;

export interface GrubImage {
  /** GRUB's name of the platform, which is also its directory under /usr/lib/grub. */
  readonly platform: "i386-pc" | "x86_64-efi";
  readonly modules: readonly string[];
}

export const grubImages = {
  core: { platform: "i386-pc", modules: ["biosdisk", ...MODULES] },
  efi: { platform: "x86_64-efi", modules: MODULES },
} as const satisfies Record<string, GrubImage>;

/**
 * Partition 2 of whichever disk the firmware started from: GRUB fills in the disk in front of the comma.
 * So `root` is right from the start and the search below is a second line of defence.
 */
export const GRUB_PREFIX = "(,gpt2)/";

/** The script inside GRUB's images. The boot disk is tried first: another disk may hold an image too. */
export function earlyConfig(): string {
  return [
    "serial --unit=0 --speed=115200",
    "terminal_input serial",
    "terminal_output serial",
    `search --no-floppy --file --set=root --hint=$root /${diskPaths.marker}`,
    `configfile /${diskPaths.grubConfig}`,
    "",
  ].join("\n");
}

/** The script on the disk. When the kernel cannot be started the machine is turned off, which ends a proof at once. */
export function diskConfig(): string {
  return [
    "set gfxpayload=text",
    `source /${diskPaths.stamp}`,
    `multiboot2 /${diskPaths.kernel} $capos_stamp`,
    `module2 /${diskPaths.bootModule} boot`,
    "boot",
    'echo "capos: GRUB could not start the kernel"',
    "halt",
    "",
  ].join("\n");
}

/** Whether a stamp is `nonce=<32 hex digits> boot=<decimal>`; nothing else may reach a GRUB script. */
export function isStamp(stamp: string): boolean {
  return /^nonce=[0-9a-f]{32} boot=(?:0|[1-9]\d{0,8})$/u.test(stamp);
}

/** The stamp file: it sets the kernel's command line, or leaves it empty. Filled up with blank lines. */
export function stampFile(stamp: string | undefined): Uint8Array {
  const line = stamp === undefined ? "" : `set capos_stamp="${stamp}"\n`;
  return Buffer.from(line.padEnd(STAMP_BYTES, "\n"), "latin1");
}
