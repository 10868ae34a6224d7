import type { BootRequest, System } from "../types.ts";

type Direct = Extract<System, { readonly path: "direct" }>;
type Option = readonly [string, string];

/** How QEMU is told to load a kernel itself. */
export function directOptions(system: Direct, identity: BootRequest["identity"]): readonly Option[] {
  const modules = modulesOption(system);
  const line = commandLine(system, identity);
  return [
    ["-kernel", system.kernel],
    ...(modules === undefined ? [] : [["-initrd", modules] as const]),
    ...(line === undefined ? [] : [["-append", line] as const]),
  ];
}

/** Modules are separated by commas, and one's command line begins behind its first space. */
function modulesOption({ module, modules }: Direct): string | undefined {
  if (modules === undefined) return module;
  const named = modules.map(({ file, commandLine: line }) => (line === "" ? file : `${file} ${line}`));
  const all = module === undefined ? named : [...named, module];
  return all.length === 0 ? undefined : all.map((one) => one.replaceAll(",", ",,")).join(",");
}

/** The identity stands last: a guest that repeats its command line then ends the line with it. */
function commandLine(system: Direct, identity: BootRequest["identity"]): string | undefined {
  if (system.identity === undefined || identity === undefined) return system.commandLine;
  const told = `capos.nonce=${identity.nonce} capos.boot=${identity.boot}`;
  return system.commandLine === undefined || system.commandLine === ""
    ? told
    : `${system.commandLine} ${told}`;
}
