import { defineCodes } from "../../base/index.ts";

export const bootModuleCodes = defineCodes({
  CAPOS_BOOT_BINARY_NAME: {
    exit: "invalid",
    summary: "Two binaries of an image have one name, or a name is not 1 to 32 of a-z, 0-9 and the hyphen.",
    next: "rename the binary in the manifest",
  },
  CAPOS_BOOT_BINARY_UNKNOWN: {
    exit: "invalid",
    summary: "The init program or a service runs a binary that the image does not hold.",
    next: "add the binary to the image, or correct its name in the manifest",
  },
  CAPOS_BOOT_LIMIT: {
    exit: "invalid",
    summary: "The image is larger than a boot module may be.",
    next: "docs/abi.md lists the limits: 64 binaries, 4 MiB of manifest, 256 MiB in all",
  },
  CAPOS_BOOT_MODULE_DAMAGED: {
    exit: "invalid",
    summary: "The bytes are not a boot module as `capos build` writes it.",
    next: "build the image again",
  },
});
