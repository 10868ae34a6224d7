import { defineCodes } from "../../base/index.ts";

/** What can be wrong with the files of a kernel that this tree does not build. */
export const foreignCodes = defineCodes({
  CAPOS_PACKAGE_MISSING: {
    exit: "tool",
    summary: "A Debian package from which an image is made is not here, and could not be fetched.",
    next: "run `capos setup --foreign` where Debian's archive can be reached, or put the .deb into .capos/cache/packages",
  },
  CAPOS_PACKAGE_DAMAGED: {
    exit: "tool",
    summary: "A kept Debian package cannot be read.",
    next: "remove it from .capos/cache/packages and run `capos setup --foreign`",
  },
  CAPOS_PACKAGE_FILE: {
    exit: "invalid",
    summary: "A manifest names a file that its Debian package does not hold, or that is not one plain file.",
    next: "`dpkg-deb -c` lists what a package holds; correct the path in the manifest",
  },
  CAPOS_FOREIGN_FILE: {
    exit: "invalid",
    summary: "A manifest names a file of the tree that is not there or cannot be read.",
    next: "correct the path, which is meant from the root of the tree",
  },
  CAPOS_FOREIGN_UNPACK: {
    exit: "invalid",
    summary: "A file is not wrapped in what the manifest says.",
    next: "correct `unpack`, or leave it out",
  },
  CAPOS_FOREIGN_DRIVER: {
    exit: "invalid",
    summary: "A manifest names a kernel module that its package does not hold.",
    next: "correct the name; what is built into the kernel needs no module",
  },
  CAPOS_FOREIGN_KERNEL: {
    exit: "invalid",
    summary: "A kernel is not of the kind that the manifest says.",
    next: "correct `kind`; docs/foreign-kernels.md says by what each kind is known",
  },
});
