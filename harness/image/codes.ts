import { defineCodes } from "../base/index.ts";

export const imageCodes = defineCodes({
  CAPOS_IMAGE_SIZE: {
    exit: "invalid",
    summary: "The disk is too small for its content, or its size is not one that a disk can have.",
    next: "give a larger size, or none: the image is then as large as it needs to be",
  },
  CAPOS_IMAGE_FILE_NAME: {
    exit: "invalid",
    summary: "A path cannot be stored in the FAT32 file system of the image.",
    next: 'rename the file: printable ASCII, at most 255 characters, none of " * : < > ? \\ |',
  },
  CAPOS_IMAGE_NAME: {
    exit: "invalid",
    summary: "The image's own name cannot be used.",
    next: "use 1 to 64 printable ASCII characters without spaces",
  },
  CAPOS_IMAGE_KERNEL: {
    exit: "invalid",
    summary: "The kernel has no multiboot2 header, so GRUB could not start it.",
    next: "link the header into the first loaded section, 8-byte aligned, in the first 32 KiB of the file",
  },
  CAPOS_IMAGE_STAMP: {
    exit: "invalid",
    summary: "The boot stamp is not of the form nonce=<32 hex digits> boot=<decimal>.",
    next: "let the tool make the stamp, or correct it",
  },
  CAPOS_IMAGE_GRUB: {
    exit: "tool",
    summary: "GRUB's parts are missing or are not laid out as this tool knows them.",
    next: "install grub-pc-bin, grub-efi-amd64-bin and grub-common: capos setup",
  },
  CAPOS_IMAGE_FORMAT: {
    exit: "usage",
    summary: "The provider does not import this format.",
    next: "see `capos package --help` for the formats of each provider",
  },
  CAPOS_IMAGE_WRITE: {
    exit: "host",
    summary: "The host could not store the image.",
    next: "free some space or choose another place, then run the command again",
  },
  CAPOS_IMAGE_READ: {
    exit: "host",
    summary: "The image file could not be read.",
    next: "check the path, or build the image again: capos build IMAGE",
  },
  CAPOS_IMAGE_DAMAGED: {
    exit: "invalid",
    summary: "A disk image breaks a rule of its partition table or file system.",
    next: "build the image again: capos build IMAGE",
  },
});
