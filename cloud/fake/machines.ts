import { copyFileSync, constants } from "node:fs";
import { findProgram, type Supervisor } from "../../harness/process/index.ts";
import type { Json, VirtualMachine } from "./project.ts";
import type { SerialRing } from "./ring.ts";

/** How the service makes machines: for real, under an emulator, unless a test only wants the calls. */
export interface MachineRoom {
  /** Boots a disk; what the machine prints on its first serial port goes into the ring. */
  boot(spec: MachineSpec, ring: SerialRing, ended: () => void): Promise<VirtualMachine>;
}

export interface MachineSpec {
  /** A raw disk that belongs to the instance and is written. */
  readonly disk: string;
  readonly firmware: "bios" | "uefi";
  readonly controller: "scsi" | "nvme";
}

const ovmf = {
  code: "/usr/share/OVMF/OVMF_CODE_4M.fd",
  variables: "/usr/share/OVMF/OVMF_VARS_4M.fd",
} as const;

/**
 * Boots on the devices that GCE shows: the disk on virtio-scsi or NVMe, the first serial port at COM1, no emulator's
 * own channels (no fw_cfg file, no debug exit). Nobody powers it on again when it goes off.
 */
export function qemuRoom(supervisor: Supervisor): MachineRoom {
  return {
    async boot({ disk, firmware, controller }, ring, ended) {
      const variables = `${disk}.vars`;
      if (firmware === "uefi") copyFileSync(ovmf.variables, variables, constants.COPYFILE_FICLONE);
      const options: readonly (readonly string[])[] = [
        ["-machine", "q35"],
        ["-accel", "tcg"],
        ["-cpu", "max"],
        ["-m", "2048"],
        ["-nodefaults"],
        ["-no-user-config"],
        ["-display", "none"],
        ["-no-reboot"],
        ["-chardev", "stdio,id=com1,signal=off"],
        ["-serial", "chardev:com1"],
        ["-drive", `if=none,id=boot,format=raw,file=${quoted(disk)}`],
        ...(controller === "scsi"
          ? [
              ["-device", "virtio-scsi-pci,id=scsi"],
              ["-device", "scsi-hd,drive=boot,bus=scsi.0"],
            ]
          : [["-device", "nvme,drive=boot,serial=persistent-disk-0"]]),
        ...(firmware === "uefi"
          ? [
              ["-drive", `if=pflash,format=raw,readonly=on,file=${ovmf.code}`],
              ["-drive", `if=pflash,format=raw,file=${quoted(variables)}`],
            ]
          : []),
      ];
      const started = await supervisor.start({
        argv: [findProgram("qemu-system-x86_64") ?? "qemu-system-x86_64", ...options.flat()],
        dieWithTool: true,
        onOutput: (stream, bytes) => {
          if (stream === "stdout") ring.add(bytes);
        },
      });
      if (!started.ok) throw new Error(started.error[0]?.message);
      const job = started.value;
      void job.ended.then(ended);
      return {
        async stop() {
          job.stop("kill", "the instance was stopped");
          await job.ended;
        },
      };
    },
  };
}

/** A comma in a path would end the emulator's option. */
function quoted(path: string): string {
  return path.replaceAll(",", ",,");
}

/** Machines that print what a script says: for tests of the calls, not of the guest. */
export function scriptedRoom(console: (boot: number) => Uint8Array | string): MachineRoom {
  let boots = 0;
  return {
    boot(_spec, ring) {
      ring.add(Buffer.from(console(++boots)));
      return Promise.resolve({ stop: () => Promise.resolve() });
    },
  };
}

/** What the instance's body asks for. */
export function hardwareOf(disk: Json, imageBody: Json): Pick<MachineSpec, "firmware" | "controller"> {
  const features = Array.isArray(imageBody["guestOsFeatures"]) ? imageBody["guestOsFeatures"] : [];
  const isUefi = JSON.stringify(features).includes("UEFI_COMPATIBLE");
  return {
    firmware: isUefi ? "uefi" : "bios",
    controller: disk["interface"] === "NVME" ? "nvme" : "scsi",
  };
}
