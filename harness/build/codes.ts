import { defineCodes } from "../base/index.ts";

export const buildCodes = defineCodes({
  CAPOS_BUILD_FAILED: {
    exit: "build",
    summary: "The compiler refused the kernel or a program.",
    next: "mend the first error above; nothing was booted",
  },
  CAPOS_BUILD_NO_BINARY: {
    exit: "build",
    summary: "Cargo succeeded but the binary is not where it puts them.",
    next: "remove .capos/cargo and build again",
  },
  CAPOS_BUILD_BAD_ELF: {
    exit: "build",
    summary: "The linker's output is not an ELF file that can be booted.",
    next: "look at the linker script and at the build script of the package",
  },
  CAPOS_BUILD_NO_BUILD_ID: {
    exit: "build",
    summary: "The kernel has no build id, so its system digest would not tell one kernel from another.",
    next: "link the kernel with --build-id=sha1",
  },
  CAPOS_BUILD_UNKNOWN_BINARY: {
    exit: "invalid",
    summary: "A manifest names a binary that no package of the workspace builds.",
    next: "correct the manifest, or add the package under userspace/",
  },
});
