import { defineCodes } from "../base/index.ts";

export const toolchainCodes = defineCodes({
  CAPOS_TOOLCHAIN_NO_SOURCES: {
    exit: "tool",
    summary:
      "The compiler's own library sources, from which the bare-metal builds make core and alloc, are not installed.",
    next: "run `capos setup`",
  },
  CAPOS_TOOLCHAIN_NO_PEER: {
    exit: "tool",
    summary: "A program against which `capos bench` measures is not installed.",
    next: "install it, or leave its figure out with --only",
  },
  CAPOS_SETUP_NO_APT: {
    exit: "tool",
    summary: "Packages are missing and this system has no apt-get to install them with.",
    next: "install the programs named above by the means of your system",
  },
  CAPOS_SETUP_NO_RIGHT: {
    exit: "tool",
    summary: "Packages are missing, and neither is this user root nor is there a sudo.",
    next: "run the printed command as root",
  },
  CAPOS_SETUP_FAILED: {
    exit: "tool",
    summary: "The package manager, apt-get, ended with an error.",
    next: "read apt-get's own words above; then run `capos setup` again",
  },
});
