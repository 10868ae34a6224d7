import type { BootRequest, DataDisk, System } from "../types.ts";
import type { Option } from "./argv.ts";
import { nodes, quoted } from "./block-graph.ts";

/** What makes a boot repeatable: the log that is written, or that says what happens when. */
export type Replay = NonNullable<BootRequest["replay"]>;

/** Where the guest's clock starts unless the proof says; the host's own time would differ from boot to boot. */
export const epoch = "2026-01-01T00:00:00";

/**
 * Instruction counting: 2^3 ns of guest time for each instruction, about what this emulator reaches, so that a
 * guest that waits a second waits a second. Everything from outside goes into the log with the number of the instruction
 * before which it happened. Only one processor can be recorded.
 *
 * `vapic=off`: the option ROM for old guests of KVM makes QEMU 7.2 wait for itself when a saved state is loaded, which
 * is what going backwards is made of.
 */
export function replayOptions(replay: Replay, clock: string = epoch): readonly Option[] {
  return [
    ["-icount", `shift=3,rr=${replay.mode},rrfile=${quoted(replay.log)}`],
    ["-rtc", `base=${clock},clock=vm`],
    ["-global", "apic-common.vapic=off"],
  ];
}

/** Why this emulator cannot record such a machine; undefined when it can. */
export function replayRefusal(machine: {
  readonly accelerator: "tcg" | "kvm";
  readonly cpus: number;
  readonly path: System["path"];
}): string | undefined {
  if (machine.accelerator === "kvm")
    return "a boot under KVM cannot be recorded: nobody counts its instructions";
  if (machine.cpus > 1) {
    return `a machine with ${machine.cpus} processors cannot be recorded: QEMU counts instructions of one`;
  }
  if (machine.path === "uefi") {
    return "a boot under UEFI cannot be recorded: QEMU does not find its flash memory's writes again";
  }
  return undefined;
}

/** A data disk whose requests complete at the same instruction each time. Its file stands in one place of its own. */
export function replayedDisk({ serial, file }: DataDisk): readonly Option[] {
  const top = nodes.top(serial);
  const image = `image-${serial}`;
  return [
    [
      "-blockdev",
      `driver=raw,node-name=${image},cache.no-flush=on,file.driver=file,file.filename=${quoted(file)}`,
    ],
    ["-blockdev", `driver=blkreplay,node-name=${top},image=${image}`],
    ["-device", `virtio-blk-pci,id=${nodes.device(serial)},drive=${top},serial=${serial},disable-legacy=on`],
  ];
}

/**
 * The system disk, as a snapshot whose requests are replayed. On SATA: QEMU's NVMe completes requests behind the log's
 * back, and a replay of it waits for ever.
 */
export function replayedSystem({ image }: Extract<System, { path: "bios" | "uefi" }>): readonly Option[] {
  return [
    ["-drive", `if=none,id=system-image,format=raw,snapshot=on,file=${quoted(image)}`],
    ["-drive", "if=none,id=system,driver=blkreplay,image=system-image"],
    ["-device", "ide-hd,bus=ide.0,id=system-disk,drive=system,serial=system,bootindex=0"],
  ];
}

/** Where things lie when a recorded boot is run again. */
export interface Relocation {
  /** Files of the recording by the name under which the recorded command knew them. */
  readonly files: ReadonlyMap<string, string>;
  /** Serial numbers of the data disks. */
  readonly disks: readonly string[];
  /** Keep states of the whole machine, so that a debugger can go backwards. */
  readonly backwards: boolean;
}

/**
 * The command that runs a recorded boot again: the recorded one with the log read instead of written, and the files
 * where they lie now. Pure. Undefined when it is no command that records.
 *
 * The disks become snapshots: what the guest writes goes into a file that the emulator has already unlinked, so
 * the recording stays as it is. To go backwards the emulator also keeps the machine's state in there, and needs such
 * a place even where the guest has no disk.
 */
export function replayArgv(argv: readonly string[], to: Relocation): readonly string[] | undefined {
  const at = argv.indexOf("-icount");
  if (!(argv[at + 1] ?? "").includes(",rr=record,")) return undefined;
  const replaced: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [option = "", value = ""] = [argv[i], argv[i + 1]];
    const disk = to.disks.find((serial) => value.startsWith(`driver=raw,node-name=image-${serial},`));
    const node = to.disks.find((serial) =>
      value.startsWith(`driver=blkreplay,node-name=${nodes.top(serial)},`),
    );
    if (option === "-blockdev" && disk !== undefined) {
      const file = relocated(/file\.filename=(.+)$/u.exec(value)?.[1] ?? "", to);
      replaced.push("-drive", `if=none,id=image-${disk},format=raw,snapshot=on,file=${file}`);
      i++;
    } else if (option === "-blockdev" && node !== undefined) {
      replaced.push("-drive", `if=none,id=${nodes.top(node)},driver=blkreplay,image=image-${node}`);
      i++;
    } else {
      replaced.push(i > at && i === at + 1 ? asReplay(option, to) : relocated(option, to));
    }
  }
  if (to.backwards && to.disks.length === 0 && !replaced.some((word) => word.includes("snapshot=on"))) {
    replaced.push("-drive", "if=none,id=states,snapshot=on,file.driver=null-co,file.size=512");
  }
  return replaced;
}

function asReplay(value: string, to: Relocation): string {
  return relocated(value.replace(",rr=record,", ",rr=replay,"), to);
}

/** The word with each file that it names replaced; long names first, for one may begin another. */
function relocated(word: string, { files }: Pick<Relocation, "files">): string {
  const names = [...files].toSorted(([a], [b]) => b.length - a.length);
  const found = names.find(([name]) => word.includes(quoted(name)));
  if (found === undefined) return word;
  const [name, place] = found;
  const [before = "", ...behind] = word.split(quoted(name));
  const rest = new Map(names.filter(([other]) => other !== name));
  return [before, ...behind].map((part) => relocated(part, { files: rest })).join(quoted(place));
}
