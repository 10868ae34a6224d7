import { existsSync } from "node:fs";
import { type Result, fail, ok, problem } from "../../base/index.ts";
import { findProgram, processCodes } from "../../process/index.ts";
import type { QemuPaths } from "./argv.ts";

/** Debian's place first, then Fedora's and Arch's. The code and its variable template belong together. */
const ovmfPlaces = [
  { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
  { code: "/usr/share/OVMF/OVMF_CODE.fd", variables: "/usr/share/OVMF/OVMF_VARS.fd" },
  { code: "/usr/share/edk2/ovmf/OVMF_CODE.fd", variables: "/usr/share/edk2/ovmf/OVMF_VARS.fd" },
  { code: "/usr/share/edk2/x64/OVMF_CODE.4m.fd", variables: "/usr/share/edk2/x64/OVMF_VARS.4m.fd" },
] as const;

/** Finds the emulator (or takes `qemu` for it) and its firmware on this host. */
export function findQemu(qemu = "qemu-system-x86_64"): Result<QemuPaths> {
  const path = findProgram(qemu);
  if (path === undefined) {
    return fail(problem(processCodes, "CAPOS_TOOL_MISSING", `the emulator ${qemu} was not found`));
  }
  const ovmf = ovmfPlaces.find(({ code, variables }) => existsSync(code) && existsSync(variables));
  return ok({ qemu: path, ...(ovmf === undefined ? {} : { ovmf }) });
}
