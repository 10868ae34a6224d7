import { defineCodes } from "../../base/index.ts";

export const bindingsCodes = defineCodes({
  CAPOS_SCHEMA_COMPILER: {
    exit: "tool",
    summary: "The Cap'n Proto compiler could not be started.",
    next: "install Debian's package capnproto, or run `capos setup`",
  },
  CAPOS_SCHEMA_INVALID: {
    exit: "build",
    summary: "The Cap'n Proto compiler refused the schema.",
    next: "mend the schema at the place that the compiler names",
  },
  CAPOS_SCHEMA_REQUEST: {
    exit: "build",
    summary: "The Cap'n Proto compiler answered with something that is not a generator request.",
    next: "check with `capnp --version` that the compiler is Cap'n Proto 0.9 or newer",
  },
  CAPOS_SCHEMA_UNSUPPORTED: {
    exit: "build",
    summary: "The schema uses a feature of Cap'n Proto that messages of capos cannot have.",
    next: "write the declaration without that feature; docs/abi.md lists what messages may hold",
  },
});
